"""The HTTP protocol of the door: uvicorn's, but whoever dawdles over the head of a request is let go."""

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS: Final = 15.0
"""From the connection, or the first byte of a later request, until its head is whole; bodies: opening.py."""
HEAD_BYTES: Final = 65_536
TOO_LARGE: Final = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class HttpProtocol(HttpToolsProtocol):
    """Without it half-sent requests would hold connections for ever, and heads without an end the memory."""

    _dawdling: asyncio.TimerHandle | None = None
    _head_bytes = 0

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._dawdling is not None:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES and not self.transport.is_closing():
                self.transport.write(TOO_LARGE)
                self.transport.close()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._wait()

    def on_headers_complete(self) -> None:
        self._be_patient()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._be_patient()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._be_patient()
        self._head_bytes = 0
        self._dawdling = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _be_patient(self) -> None:
        if self._dawdling is not None:
            self._dawdling.cancel()
            self._dawdling = None
