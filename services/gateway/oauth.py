"""`POST /oauth/token`: an integrating system turns its key into a token (RFC 6749 section 4.4, client credentials)."""

import base64
import binascii
from typing import Final
from urllib.parse import parse_qsl, unquote_plus
from uuid import UUID

from pydantic_core import to_json
from starlette.responses import Response

from contracts.refusals import Refused
from contracts.registry.v1 import ResolveClient
from services.chassis.client_tokens import SECONDS

from .bus import Bus
from .identity import Identity
from .minting import digest
from .opening import read_body
from .routing import Call, Route

PATH: Final = "/oauth/token"
FIELDS: Final = 20


class OAuthError(Exception):
    """An error of RFC 6749 section 5.2; `error` is its code."""

    def __init__(self, error: str, status: int = 400) -> None:
        super().__init__(error)
        self.error, self.status = error, status


class TokenEndpoint:
    """Form-encoded `grant_type=client_credentials`, the key by HTTP Basic or as `client_id` and `client_secret`.

    Answers a bearer token good for ten minutes in the region of the client's unit, or until the client or the key that
    it showed is revoked (identity.py); errors as section 5.2 has them, and the house's 503 while registry is away.
    """

    def __init__(self, bus: Bus, identity: Identity) -> None:
        self._bus, self._identity = bus, identity

    def route(self) -> Route:
        return Route("POST", PATH, self._take)

    async def _take(self, call: Call) -> Response:
        try:
            form = _form(call, await read_body(call))
            if form.get("grant_type") != "client_credentials":
                raise OAuthError("unsupported_grant_type" if "grant_type" in form else "invalid_request")
            return _answer(await self._granted(*_credentials(call, form)))
        except OAuthError as wrong:
            return _answer({"error": wrong.error}, wrong.status)

    async def _granted(self, client_id: UUID, secret: str) -> dict[str, object]:
        query = ResolveClient(client_id=client_id, secret_hash=digest(secret))
        try:
            await self._bus.client_for("registry").ask(query, token=self._identity.own_token)
        except Refused as refused:
            if refused.refusal.code == "wrong-credentials":
                raise OAuthError("invalid_client", 401) from None
            raise
        token = self._identity.token_of_client(client_id, query.secret_hash)
        return {"access_token": token, "token_type": "Bearer", "expires_in": SECONDS}


def _form(call: Call, body: bytes) -> dict[str, str]:
    kind = (call.header(b"content-type") or "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise OAuthError("invalid_request")
    try:
        fields = parse_qsl(body.decode(), strict_parsing=True, max_num_fields=FIELDS)
    except ValueError:
        raise OAuthError("invalid_request") from None
    if len({name for name, _ in fields}) < len(fields):
        raise OAuthError("invalid_request")  # section 3.2: no parameter twice
    return dict(fields)


def _credentials(call: Call, form: dict[str, str]) -> tuple[UUID, str]:
    """Section 2.3.1: HTTP Basic, each part form-encoded; or the two fields of the body, but not both."""
    header = call.header(b"authorization") or ""
    if header[:6].lower() == "basic ":
        if "client_secret" in form:
            raise OAuthError("invalid_request")
        try:
            name, _, secret = base64.b64decode(header[6:], validate=True).decode().partition(":")
        except (binascii.Error, ValueError):
            raise OAuthError("invalid_client", 401) from None
        name, secret = unquote_plus(name), unquote_plus(secret)
    else:
        name, secret = form.get("client_id", ""), form.get("client_secret", "")
    try:
        return UUID(name), secret
    except ValueError:
        raise OAuthError("invalid_client", 401) from None


def _answer(content: dict[str, object], status: int = 200) -> Response:
    headers = {"cache-control": "no-store"}
    if status == 401:
        headers["www-authenticate"] = 'Basic realm="linli"'
    return Response(to_json(content), status, headers, "application/json")
