"""Connections that never become a request: none of them is held for long, and none fills the memory."""

import asyncio
import time

import pytest

from services.gateway import serving
from services.gateway.app import Gateway

HEAD = b"GET / HTTP/1.1\r\nHost: linli\r\n"


async def ended(gateway: Gateway, *sent: bytes, pause: float = 0.0) -> tuple[bytes, float]:
    """What the server says until it closes, and after how long. Raises TimeoutError where it keeps the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.settings.http_port)
    begun = time.monotonic()
    try:
        async with asyncio.timeout(3):
            for part in sent:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(pause)
            return await reader.read(), time.monotonic() - begun
    except ConnectionError:
        return b"", time.monotonic() - begun
    finally:
        writer.close()


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "HEAD_SECONDS", 0.2)


@pytest.mark.parametrize("sent", [b"", HEAD + b"X-Slow: ", b"G"])
@pytest.mark.usefixtures("hasty")
async def test_whoever_dawdles_over_a_head_is_let_go(gateway: Gateway, sent: bytes) -> None:
    assert (await ended(gateway, sent))[0] == b""


@pytest.mark.usefixtures("hasty")
async def test_a_later_head_on_a_kept_connection_may_not_dawdle_either(gateway: Gateway) -> None:
    said, _ = await ended(gateway, HEAD + b"\r\n", HEAD, pause=0.05)

    assert said.startswith(b"HTTP/1.1 200")
    assert said.count(b"HTTP/1.1") == 1


@pytest.mark.usefixtures("hasty")
async def test_a_connection_that_is_kept_between_requests_is_not_hurried(gateway: Gateway) -> None:
    said, _ = await ended(gateway, HEAD + b"\r\n", HEAD + b"Connection: close\r\n\r\n", pause=0.4)

    assert said.count(b"HTTP/1.1 200") == 2


async def test_a_head_without_an_end_is_refused(gateway: Gateway) -> None:
    said, _ = await ended(gateway, HEAD, *[b"X-Long: " + b"a" * 8000 + b"\r\n"] * 20)

    assert said == b"" or said.startswith(b"HTTP/1.1 431")
    fits, _ = await ended(gateway, HEAD + b"X-Long: " + b"a" * 30_000 + b"\r\nConnection: close\r\n\r\n")
    assert fits.startswith(b"HTTP/1.1 200")
