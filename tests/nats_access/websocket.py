"""What a browser would say to the server's WebSocket listener, as far as a test needs it (RFC 6455)."""

import asyncio
import base64
import json
import os
from contextlib import suppress
from urllib.parse import urlsplit

TEXT, BINARY, CLOSE = 0x1, 0x2, 0x8


class Browser:
    """One WebSocket that speaks NATS. `said` is all that the server has said so far."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self.said = ""
        self.closed = False
        self._listening = asyncio.create_task(self._listen())

    @classmethod
    async def connected(cls, url: str, token: str) -> "Browser":
        """Opens the socket and introduces itself with a token."""
        address = urlsplit(url)
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        key = base64.b64encode(os.urandom(16)).decode()
        writer.write(
            f"GET / HTTP/1.1\r\nHost: {address.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        answer = await reader.readuntil(b"\r\n\r\n")
        assert b" 101 " in answer, answer
        browser = cls(reader, writer)
        browser.say(f"CONNECT {json.dumps({'auth_token': token, 'verbose': False, 'protocol': 1})}\r\nPING\r\n")
        return browser

    def say(self, text: str) -> None:
        """One masked frame."""
        body, mask = text.encode(), os.urandom(4)
        length = bytes([0x80 | len(body)]) if len(body) < 126 else b"\xfe" + len(body).to_bytes(2, "big")
        masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(body))
        self._writer.write(bytes([0x80 | TEXT]) + length + mask + masked)

    async def _listen(self) -> None:
        try:
            while True:
                head = await self._reader.readexactly(2)
                length = head[1] & 0x7F
                if length == 126:
                    length = int.from_bytes(await self._reader.readexactly(2), "big")
                body = await self._reader.readexactly(length)
                if head[0] & 0xF == CLOSE:
                    break
                self.said += body.decode()
        except asyncio.IncompleteReadError:
            pass
        self.closed = True

    async def leave(self) -> None:
        """Hangs up."""
        self._writer.close()
        await self._listening
        with suppress(ConnectionError):
            await self._writer.wait_closed()
