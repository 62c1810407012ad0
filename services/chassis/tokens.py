"""Who asks: short-lived Ed25519 tokens, signed by the issuer's own key (architecture section 7)."""

import json
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey

from contracts.refusals import Refused
from contracts.region import NOWHERE

from .access import Actor
from .logs import kind_of, log

ALGORITHM: Final = "Ed25519"
AUDIENCE: Final = "linli"
SERVICE_SECONDS: Final = 600
EDGE: Final = "gateway"
"""Who turns logins into tokens."""
RELOAD_SECONDS: Final = 5.0
"""How often a file of keys is looked at: a new key signs once it was known for longer than that."""


class Signer:
    """Signs with the issuer's own key, whose file is read again when it changes (rotation): in the folder of one
    process `token-signing.jwk`, in the administrator's `token-signing-<issuer>.jwk`. Raises FileNotFoundError."""

    def __init__(self, issuer: str, secrets: Path) -> None:
        named = secrets / f"token-signing-{issuer}.jwk"
        self._file = named if named.exists() else secrets / "token-signing.jwk"
        self._issuer = issuer
        self._modified = self._checked = 0.0
        self._read = self._key

    @property
    def _key(self) -> OKPKey:
        now = time.monotonic()
        if now - self._checked > RELOAD_SECONDS or not self._modified:
            self._checked = now
            modified = self._file.stat().st_mtime
            if modified != self._modified:
                self._read, self._modified = OKPKey.import_key(json.loads(self._file.read_text())), modified
        return self._read

    def mint(
        self,
        subject: str,
        roles: Iterable[str],
        region: str = NOWHERE,
        unit: UUID | None = None,
        seconds: int = SERVICE_SECONDS,
    ) -> str:
        """A signed token of the actor, good for `seconds`."""
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": self._issuer,
            "aud": AUDIENCE,
            "sub": subject,
            "roles": sorted(roles),
            "region": region,
            "iat": now,
            "exp": now + seconds,
        }
        if unit is not None:
            claims["unit"] = str(unit)
        return self._encode(claims)

    def seal(self, content: Mapping[str, str], purpose: str, seconds: int) -> str:
        """Signed text that `Verifier.unseal` opens for the same purpose alone, and no service takes for a token."""
        return self.sign({**content, "exp": int(time.time()) + seconds}, purpose)

    def sign(self, content: Mapping[str, Any], purpose: str) -> str:
        """Signed text without an end, for what is kept for years; no service takes it for a token."""
        return self._encode({**content, "iss": self._issuer, "aud": f"{AUDIENCE}:{purpose}"})

    def _encode(self, claims: dict[str, Any]) -> str:
        key = self._key
        return jwt.encode({"alg": ALGORITHM, "kid": key.kid}, claims, key, algorithms=[ALGORITHM])

    def service_token(self) -> str:
        """A token by which a service asks another one."""
        return self.mint(f"service:{self._issuer}", ["service"])


class PublicKeys:
    """The public keys of one or more JWK sets, and whose each of them is (its member `iss`)."""

    def __init__(self, *files: Path) -> None:
        keys = [key for file in files if file.exists() for key in json.loads(file.read_text("utf-8"))["keys"]]
        self._keys = KeySet([OKPKey.import_key(key) for key in keys])
        self._issuers = {key["kid"]: key.get("iss") for key in keys}

    def open(self, text: str) -> tuple[dict[str, Any], str | None]:
        """The claims of a signed text and whose key signed it, None for a key that was everybody's.

        Raises ValueError for what none of the keys signed, or one of somebody else than the claims say.
        """
        try:
            token = jwt.decode(text, self._keys, algorithms=[ALGORITHM])
            owner = self._issuers[token.header["kid"]]
            claims: dict[str, Any] = token.claims
        except (JoseError, KeyError) as error:
            raise ValueError("not signed by a known key") from error
        if owner is not None and claims.get("iss") != owner:
            raise ValueError("signed in the name of another")
        return claims, owner


class Verifier:
    """Turns a token into its actor. Public keys are read from a file and read again when it changes (rotation)."""

    def __init__(self, keys_file: Path) -> None:
        self._file = keys_file
        self._keys = PublicKeys()
        self._modified = 0.0
        self._checked = 0.0
        self._known: dict[str, tuple[float, Actor]] = {}

    def actor(self, token: str | None) -> Actor:
        """The actor of a valid token. Raises Refused("unauthenticated") for anything else."""
        if not token:
            raise Refused("unauthenticated")
        now = time.time()
        self._reload(now)
        known = self._known.get(token)
        if known is not None and now < known[0]:
            return known[1]
        expires, actor = self._verify(token, now)
        if len(self._known) > 20_000:
            self._known.clear()
        self._known[token] = (expires, actor)
        return actor

    def unseal(self, text: str, purpose: str, by: str) -> dict[str, Any] | None:
        """The content that `by` sealed for this purpose and whose time is not over; else None."""
        now = time.time()
        self._reload(now)
        try:
            claims, issuer = self._keys.open(text)
        except ValueError:
            return None
        good = claims.get("aud") == f"{AUDIENCE}:{purpose}" and float(claims.get("exp", 0)) > now
        return claims if good and issuer == by else None

    def _reload(self, now: float) -> None:
        if now - self._checked <= RELOAD_SECONDS:
            return
        self._checked = now
        try:
            modified = self._file.stat().st_mtime
            if modified != self._modified:
                self._keys, self._modified = PublicKeys(self._file), modified
                self._known.clear()
        except (OSError, ValueError, KeyError, TypeError, JoseError) as error:  # being written, perhaps
            log.error("the keys of tokens cannot be read, those known so far hold", error=kind_of(error))

    def _verify(self, token: str, now: float) -> tuple[float, Actor]:
        try:
            claims, issuer = self._keys.open(token)
            expires = float(claims["exp"])
            if claims["aud"] != AUDIENCE or expires <= now or float(claims["iat"]) > now + 60:
                raise Refused("unauthenticated")
            roles = frozenset(str(role) for role in claims["roles"])
            if not may_mint(issuer, str(claims["sub"]), roles):
                raise Refused("unauthenticated")
            unit = UUID(claims["unit"]) if claims.get("unit") else None
            return expires, Actor(str(claims["sub"]), roles, str(claims["region"]), unit)
        except (KeyError, TypeError, ValueError):
            raise Refused("unauthenticated") from None


def may_mint(issuer: str | None, subject: str, roles: frozenset[str]) -> bool:
    """Whose tokens the key of an issuer may sign: the gateway's those of all but services, a service's its own."""
    if issuer == EDGE:
        return "service" not in roles
    return issuer is not None and roles == {"service"} and subject == f"service:{issuer}"


def bearer(header: str | None) -> str | None:
    """The token of an `Authorization: Bearer …` header."""
    return header[7:].strip() if header and header[:7].lower() == "bearer " else None
