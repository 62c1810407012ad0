"""What is shown at the door: signed passes, readable codes, and the code that changes (A17, A18). No I/O, no clock.

All are cut from HMAC-SHA256 over session and person (or time) with one secret of the service, so that none is stored
and none tells anything about another. A guess of a readable code among 1,000 people hits once in a thousand million.
"""

import hmac
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Base 32 of Crockford: no I, L, O, U. What is typed for them is read as 1, 1, 0."""
PREFIX: Final = "LL1"
SEAL_BYTES: Final = 10
CODE_BYTES: Final = 5
STEP_SECONDS: Final = 30
"""RFC 6238, section 5.2: 30 seconds, and one step back is accepted."""
_READ: Final = str.maketrans("ILO", "110", "- ")
_VALUES: Final = {character: value for value, character in enumerate(ALPHABET)}

Place = tuple[UUID, UUID]
"""Session and person."""


def qr_of(secret: bytes, place: Place) -> str:
    """The text of a QR code: capital letters, digits and `-`, which QR packs densely (ISO/IEC 18004, alphanumeric)."""
    session_id, person_id = place
    return "-".join((PREFIX, _written(session_id.bytes), _written(person_id.bytes), _written(_seal(secret, place))))


def read_qr(secret: bytes, text: str) -> Place | None:
    """Whom a QR code lets into which session; None where it is none of ours."""
    parts = text.upper().split("-")
    if len(parts) != 4 or parts[0] != PREFIX:
        return None
    place = _uuid(parts[1]), _uuid(parts[2])
    if place[0] is None or place[1] is None:
        return None
    whole = place[0], place[1]
    return whole if hmac.compare_digest(_written(_seal(secret, whole)), parts[3]) else None


def code_of(secret: bytes, place: Place) -> str:
    """The readable code of a person in a session: `K7M2-P9XA`."""
    written = _written(_digest(secret, b"code", place[0].bytes + place[1].bytes)[:CODE_BYTES])
    return f"{written[:4]}-{written[4:]}"


def by_code(secret: bytes, places: Iterable[Place]) -> dict[tuple[UUID, str], Place | None]:
    """By (session, code as `read_code` reads it): whose it is; None where two people share one."""
    found: dict[tuple[UUID, str], Place | None] = {}
    for place in places:
        key = place[0], read_code(code_of(secret, place))
        found[key] = None if key in found else place
    return found


def read_code(text: str) -> str:
    """A code as somebody typed it: case, dashes and letters that look like digits make no difference."""
    return text.upper().translate(_READ)


def on_site_code(secret: bytes, session_id: UUID, moment: datetime) -> str:
    """The six digits on the screen at a moment."""
    return _digits(secret, session_id, _step(moment))


def is_fresh(secret: bytes, session_id: UUID, shown: str, now: datetime) -> bool:
    """True for the digits of now and of the step before, by the service's clock: nobody backdates a scan into them."""
    step = _step(now)
    return any(hmac.compare_digest(_digits(secret, session_id, each), shown) for each in (step, step - 1))


def renew_at(moment: datetime) -> datetime:
    """When the next digits are shown."""
    return datetime.fromtimestamp((_step(moment) + 1) * STEP_SECONDS, UTC)


def _step(moment: datetime) -> int:
    return int(moment.timestamp()) // STEP_SECONDS


def _digits(secret: bytes, session_id: UUID, step: int) -> str:
    found = _digest(secret, b"site", session_id.bytes + step.to_bytes(8, "big"))
    return f"{int.from_bytes(found[:8], 'big') % 1_000_000:06}"


def _seal(secret: bytes, place: Place) -> bytes:
    return _digest(secret, b"pass", place[0].bytes + place[1].bytes)[:SEAL_BYTES]


def _digest(secret: bytes, purpose: bytes, message: bytes) -> bytes:
    return hmac.digest(secret, purpose + b":" + message, "sha256")


def _written(raw: bytes) -> str:
    number, letters = int.from_bytes(raw, "big"), []
    for _ in range((len(raw) * 8 + 4) // 5):
        number, value = divmod(number, 32)
        letters.append(ALPHABET[value])
    return "".join(reversed(letters))


def _uuid(written: str) -> UUID | None:
    if len(written) != 26 or any(character not in _VALUES for character in written):
        return None
    number = 0
    for character in written:
        number = number * 32 + _VALUES[character]
    return UUID(int=number) if number < 1 << 128 else None
