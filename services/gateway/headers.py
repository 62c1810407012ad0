"""What every answer says to browsers and caches: open nothing, frame nothing, tell nobody, keep nothing."""

from collections.abc import Iterable
from typing import Final

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Send

ALWAYS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)
"""Added where the answer does not say otherwise itself, as pages do."""
ENCRYPTED: Final = ((b"strict-transport-security", b"max-age=31536000"),)
ASKED_WITH: Final = (
    "authorization",
    "content-type",
    "idempotency-key",
    "if-none-match",
    "last-event-id",
    "traceparent",
)
READ: Final = ("etag", "idempotency-key", "retry-after", "content-language")
PREFLIGHT_SECONDS: Final = 600


def completed(send: Send, is_encrypted: bool) -> Send:
    """A `send` that adds the headers; with `is_encrypted`, also that this host is reached by TLS alone (RFC 6797)."""
    wanted = ALWAYS + ENCRYPTED if is_encrypted else ALWAYS

    async def send_completed(message: Message) -> None:
        if message["type"] == "http.response.start":
            said = [*message.get("headers", ())]
            names = {name for name, _ in said}
            message["headers"] = said + [each for each in wanted if each[0] not in names]
        await send(message)

    return send_completed


def opened_to(app: ASGIApp, origins: Iterable[str]) -> ASGIApp:
    """Lets pages of these origins call by CORS, without cookies; without an origin the application as it is."""
    allowed = [origin.strip() for origin in origins]
    if not allowed:
        return app
    return CORSMiddleware(
        app,
        allow_origins=allowed,
        allow_methods=("GET", "POST", "PUT", "DELETE"),
        allow_headers=ASKED_WITH,
        expose_headers=READ,
        max_age=PREFLIGHT_SECONDS,
    )
