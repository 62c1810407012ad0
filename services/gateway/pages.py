"""The pages of the gateway: a start page, the API pages and the live page. Nothing is loaded from elsewhere."""

import asyncio
import gzip
import hashlib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from starlette.responses import Response

import contracts

from .routing import Call, Handler, Route

STATIC: Final = Path(__file__).parent / "static"
DOCUMENTS: Final = Path(contracts.__file__).parent / "documents"
TYPES: Final[Mapping[str, str]] = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
PAGES: Final[Mapping[str, str]] = {
    "/": "index.html",
    "/docs": "docs.html",
    "/asyncapi": "asyncapi.html",
    "/events": "events.html",
    "/favicon.ico": "icon.svg",
}

OWN_SOURCES: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
LOOSENED: Final[Mapping[str, tuple[str, str]]] = {
    # The AsyncAPI viewer compiles its schema checks at run time.
    "asyncapi.html": ("script-src 'self'", "script-src 'self' 'unsafe-eval'"),
}
HEADERS: Final[Mapping[str, str]] = {
    "cache-control": "no-cache",
    "vary": "accept-encoding",
}


class MissingDocument(Exception):
    """A generated document is not there: the checkout is incomplete."""

    def __init__(self, file: Path) -> None:
        super().__init__(f"{file} is missing. Write it with ./linli contracts generate, then start again.")


def page_routes(documents: Path = DOCUMENTS) -> Iterator[Route]:
    """Every page and file as a route of its own, read once. Raises MissingDocument."""
    for path, name in PAGES.items():
        yield Route("GET", path, _serving(STATIC / name), nameless=True)
    for file in sorted(STATIC.rglob("*")):
        if file.is_file() and file.suffix in TYPES:
            yield Route("GET", f"/static/{file.relative_to(STATIC).as_posix()}", _serving(file), nameless=True)
    for name in ("openapi.json", "asyncapi.json"):
        if not (documents / name).is_file():
            raise MissingDocument(documents / name)
        yield Route("GET", f"/{name}", _serving(documents / name), nameless=True)


def _serving(file: Path) -> Handler:
    body = file.read_bytes()
    tag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
    headers = {**HEADERS, "content-type": TYPES[file.suffix], "etag": tag}

    @cache
    def packed() -> bytes:
        return gzip.compress(body, 6, mtime=0)

    if file.suffix == ".html":
        headers["content-security-policy"] = _policy(file.name)

    async def serve(call: Call) -> Response:
        if call.header(b"if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        if "gzip" in (call.header(b"accept-encoding") or ""):
            return Response(await asyncio.to_thread(packed), headers={**headers, "content-encoding": "gzip"})
        return Response(body, headers=headers)

    return serve


def _policy(name: str) -> str:
    strict, loose = LOOSENED.get(name, ("", ""))
    return OWN_SOURCES.replace(strict, loose) if strict else OWN_SOURCES
