"""One short GET to a process on loopback. No proxy settings, no redirects, no surprises."""

from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Answer:
    """The HTTP status, 0 where nobody answered, and the body."""

    status: int
    body: bytes


def get(url: str, seconds: float = 2.0) -> Answer:
    """Fetches the address; an unreachable or broken server is status 0, never an exception."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=seconds)
    try:
        connection.request("GET", parts.path or "/")
        response = connection.getresponse()
        return Answer(response.status, response.read())
    except (OSError, HTTPException):
        return Answer(0, b"")
    finally:
        connection.close()
