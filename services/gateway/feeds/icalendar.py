"""A calendar as text (RFC 5545, RFC 7986): one fixed zone, lines of at most 75 octets. No I/O, no clock."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from contracts.activities.v1 import Calendar, FeedEntry

SHANGHAI: Final = timezone(timedelta(hours=8))
OCTETS: Final = 75
HEAD: Final = (
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//Linli//activities//ZH",
    "CALSCALE:GREGORIAN",
    "METHOD:PUBLISH",
    "REFRESH-INTERVAL;VALUE=DURATION:PT6H",
    "X-PUBLISHED-TTL:PT6H",
)
# China has had no summer time since 1991, and a zone of a database would bring that of before along (standards.md 2.4).
ZONE: Final = (
    "BEGIN:VTIMEZONE",
    "TZID:Asia/Shanghai",
    "BEGIN:STANDARD",
    "DTSTART:19700101T000000",
    "TZOFFSETFROM:+0800",
    "TZOFFSETTO:+0800",
    "TZNAME:CST",
    "END:STANDARD",
    "END:VTIMEZONE",
)


def to_text(calendar: Calendar) -> bytes:
    """The whole calendar; the same one gives the same bytes."""
    lines = [*HEAD, f"NAME:{_text(calendar.name)}", f"X-WR-CALNAME:{_text(calendar.name)}", *ZONE]
    for entry in calendar.entries:
        lines += _event(entry)
    return b"".join(_folded(line) for line in [*lines, "END:VCALENDAR"])


def _event(entry: FeedEntry) -> Iterator[str]:
    """SEQUENCE grows with every fact said of the session; called off, it stays and says so."""
    yield "BEGIN:VEVENT"
    yield f"UID:{entry.session_id}@linli"
    yield f"DTSTAMP:{_utc(entry.changed_at)}"
    yield f"LAST-MODIFIED:{_utc(entry.changed_at)}"
    yield f"SEQUENCE:{max(entry.sequence - 1, 0)}"
    yield f"DTSTART;TZID=Asia/Shanghai:{_local(entry.starts_at)}"
    yield f"DTEND;TZID=Asia/Shanghai:{_local(entry.ends_at)}"
    yield f"SUMMARY:{_text(entry.title)}"
    yield f"LOCATION:{_text(entry.place)}"
    yield f"STATUS:{'CANCELLED' if entry.cancelled else 'CONFIRMED'}"
    yield "END:VEVENT"


def _text(value: str) -> str:
    """A TEXT value (section 3.3.11): backslash, semicolon, comma and line breaks are escaped."""
    escaped = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return escaped.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "\\n")


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _local(moment: datetime) -> str:
    return moment.astimezone(SHANGHAI).strftime("%Y%m%dT%H%M%S")


def _folded(line: str) -> bytes:
    """Parts of at most 75 octets, each but the first after a space; no character is cut (section 3.1)."""
    parts: list[bytes] = []
    part = b""
    for character in line:
        octets = character.encode()
        if len(part) + len(octets) > OCTETS - (1 if parts else 0):
            parts.append(part)
            part = b""
        part += octets
    return b"\r\n ".join([*parts, part]) + b"\r\n"
