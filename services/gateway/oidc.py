"""Login by an OpenID provider: authorization code with PKCE (OpenID Connect Core 1.0 section 3.1, RFC 7636)."""

import base64
import hashlib
import secrets
import ssl
import time
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

import httpx2
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic_core import to_json
from starlette.datastructures import QueryParams
from starlette.responses import Response

from contracts.refusals import Refused
from contracts.registry.v1 import LogInExternally
from services.chassis.logs import kind_of
from services.chassis.telemetry import log
from services.chassis.tokens import Signer

from .bus import Bus
from .identity import Identity
from .minting import SESSION, digest
from .opening import wrong
from .routing import Call, Route
from .settings import GatewaySettings

PATH: Final = "/v1/oidc"
COOKIE: Final = "linli-oidc"
STARTED_SECONDS: Final = 600
ALGORITHMS: Final = ["RS256", "PS256", "ES256", "Ed25519"]
FETCH_SECONDS: Final = 5.0
KEYS_SECONDS: Final = 60.0
SKEW_SECONDS: Final = 60


@dataclass(slots=True)
class Provider:
    """The configured provider, by its discovery document. Raises Refused `unavailable` while it is away."""

    address_of_issuer: str
    _trust: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    _described: dict[str, Any] = field(default_factory=dict)
    _keys: KeySet = field(default_factory=lambda: KeySet([]))
    _keys_at: float = -KEYS_SECONDS

    @property
    def issuer(self) -> str:
        """Its name as it writes it itself, with or without a slash at the end; known once an address was asked for."""
        return str(self._described["issuer"])

    async def address(self, name: str) -> str:
        """An endpoint by its name in the discovery document, whose issuer must be the configured one (section 4.3)."""
        if not self._described:
            found = await self._json(f"{self.address_of_issuer}/.well-known/openid-configuration")
            if str(found.get("issuer")).rstrip("/") != self.address_of_issuer:
                raise Refused("unavailable", service="oidc")
            self._described = found
        return str(self._described[name])

    async def redeem(self, form: dict[str, str], client: tuple[str, str]) -> dict[str, Any]:
        """The claims of the ID token that the provider gives for a code; raises Refused `wrong-credentials`."""
        try:
            endpoint = await self.address("token_endpoint")
            async with self._open() as http:
                answer = await http.post(endpoint, data=form, auth=client)
            if answer.status_code == 429 or answer.is_server_error:
                answer.raise_for_status()
            said = dict(answer.json()) if answer.status_code == 200 else {}
        except (httpx2.HTTPError, TypeError, ValueError) as error:
            raise self._away(error) from None
        if not said:
            raise Refused("wrong-credentials")
        return await self._claims(str(said.get("id_token", "")))

    async def _claims(self, token: str) -> dict[str, Any]:
        for fresh in (False, True):  # once more with keys fetched anew: the provider may have changed them
            await self._fetch_keys(fresh)
            try:
                return dict(jwt.decode(token, self._keys, algorithms=ALGORITHMS).claims)
            except (JoseError, ValueError):
                continue
        raise Refused("wrong-credentials")

    async def _fetch_keys(self, fresh: bool) -> None:
        age = time.monotonic() - self._keys_at
        if age > KEYS_SECONDS or (fresh and age > 1):
            self._keys = KeySet.import_key_set(await self._json(await self.address("jwks_uri")))  # type: ignore[arg-type]
            self._keys_at = time.monotonic()

    async def _json(self, url: str) -> dict[str, Any]:
        try:
            async with self._open() as http:
                answer = await http.get(url)
            answer.raise_for_status()
            return dict(answer.json())
        except (httpx2.HTTPError, ValueError) as error:
            raise self._away(error) from None

    def _open(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(timeout=FETCH_SECONDS, trust_env=False, verify=self._trust)

    def _away(self, error: Exception) -> Refused:
        log.warning("the OpenID provider does not answer", error=kind_of(error))
        return Refused("unavailable", service="oidc")


class OidcLogin:
    """`GET /v1/oidc/start` leads to the provider, which leads back to `GET /v1/oidc/callback`.

    Between the two the browser keeps state, nonce and verifier in a signed cookie. The answer holds the session token
    like that of `POST /v1/logins`, in JSON or, where LINLI_OIDC_RETURN_URL is set, in that address's fragment.
    """

    def __init__(self, bus: Bus, identity: Identity, settings: GatewaySettings) -> None:
        self._bus, self._identity, self._settings = bus, identity, settings
        self._provider = Provider(settings.oidc_issuer.rstrip("/"))
        self._signer = Signer("gateway", settings.secrets_dir)
        file = settings.oidc_client_secret_file
        self._client = (settings.oidc_client_id, file.read_text().strip() if file else "")

    def routes(self) -> list[Route]:
        """None where no provider is configured."""
        if not self._settings.oidc_issuer:
            return []
        return [
            Route("GET", f"{PATH}/start", self._start, nameless=True),
            Route("GET", f"{PATH}/callback", self._finish),
        ]

    async def _start(self, call: Call) -> Response:  # noqa: ARG002
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        asked = {
            "response_type": "code",
            "scope": "openid",
            "client_id": self._client[0],
            "redirect_uri": self._settings.oidc_redirect_url,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge_of(verifier),
            "code_challenge_method": "S256",
        }
        form = await self._provider.address("authorization_endpoint")
        response = _led_to(f"{form}{'&' if '?' in form else '?'}{urlencode(asked)}")  # RFC 6749 section 3.1
        kept = self._signer.seal({"state": state, "nonce": nonce, "verifier": verifier}, COOKIE, STARTED_SECONDS)
        secure = self._settings.oidc_redirect_url.startswith("https:")
        response.set_cookie(
            COOKIE, kept, STARTED_SECONDS, path="/v1/oidc", secure=secure, httponly=True, samesite="lax"
        )
        return response

    async def _finish(self, call: Call) -> Response:
        given = QueryParams(call.query_string)
        kept = self._identity.unseal(_cookie(call), COOKIE, by="gateway")
        if kept is None or not secrets.compare_digest(given.get("state", "").encode(), str(kept["state"]).encode()):
            raise wrong("#/state", "differs_from_start")
        if "code" not in given:
            raise Refused("wrong-credentials")
        form = {
            "grant_type": "authorization_code",
            "code": given["code"],
            "redirect_uri": self._settings.oidc_redirect_url,
            "code_verifier": str(kept["verifier"]),
        }
        claims = await self._provider.redeem(form, self._client)
        self._check(claims, str(kept["nonce"]))
        return await self._logged_in(str(claims["sub"]))

    def _check(self, claims: dict[str, Any], nonce: str) -> None:
        """Section 3.1.3.7: issuer, audience, expiry and nonce. Raises Refused `wrong-credentials`."""
        audience = claims.get("aud")
        ours = self._client[0] in audience if isinstance(audience, list) else audience == self._client[0]
        fresh = float(claims.get("exp", 0)) > time.time() - SKEW_SECONDS
        same = claims.get("iss") == self._provider.issuer and claims.get("nonce") == nonce and bool(claims.get("sub"))
        if not (ours and fresh and same):
            raise Refused("wrong-credentials")

    async def _logged_in(self, subject: str) -> Response:
        token = SESSION + secrets.token_urlsafe(32)
        command = LogInExternally(issuer=self._provider.issuer, subject=subject, token_hash=digest(token))
        login = await self._bus.client_for("registry").send(command, token=self._identity.own_token)
        if self._settings.oidc_return_url:
            response = _led_to(f"{self._settings.oidc_return_url}#secret={token}")
        else:
            content = to_json({**login.model_dump(mode="json"), "secret": token})
            response = Response(content, headers={"cache-control": "no-store"}, media_type="application/json")
        response.delete_cookie(COOKIE, path=PATH)
        return response


def challenge_of(verifier: str) -> str:
    """RFC 7636 section 4.2: BASE64URL(SHA256(verifier))."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _led_to(address: str) -> Response:
    return Response(status_code=303, headers={"location": address, "cache-control": "no-store"})


def _cookie(call: Call) -> str:
    parts = (part.strip().partition("=") for part in (call.header(b"cookie") or "").split(";"))
    return next((value for name, _, value in parts if name == COOKIE), "")
