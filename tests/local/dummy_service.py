"""A service that does nothing but answer: enough to see how programs are started, watched and stopped."""

import json
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import FrameType

STATUS = {
    "service": "dummy",
    "instance": os.environ["LINLI_INSTANCE"],
    "ready": True,
    "outbox": {"unpublished": 2, "oldest_seconds": 1.5},
    "quarantine": 3,
    "consumers": [{"durable": "a", "pending": 7, "ack_pending": 1, "redelivered": 0}],
    "events_said": {"linli.dummy.thing.done.v1": 4},
    "timers": {"due": 1},
}


class Answers(BaseHTTPRequestHandler):
    """200 with the status, whatever is asked."""

    def do_GET(self) -> None:
        """Answers."""
        body = json.dumps(STATUS).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def leave(number: int, frame: FrameType | None) -> None:
    """A clean end."""
    sys.exit(0)


if __name__ == "__main__":
    if os.environ.get("LINLI_DUMMY_FAILS_AS") == os.environ["LINLI_INSTANCE"]:
        sys.exit("told to fail")
    signal.signal(signal.SIGTERM, leave)
    address = (os.environ["LINLI_HTTP_HOST"], int(os.environ["LINLI_HTTP_PORT"]))
    ThreadingHTTPServer(address, Answers).serve_forever()
