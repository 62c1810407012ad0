"""What the screen at the door shows: everybody expected and everybody who came, in one list. No I/O, no clock."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from hmac import compare_digest, digest
from typing import Any
from uuid import UUID

from contracts.activities.v1 import Door, DoorEntry, Presence
from contracts.data import AgeBand
from services.activities.attendance.rules import LATE_AFTER, presence_of
from services.activities.door.passes import code_of
from services.activities.sessions.rules import Session
from services.activities.sessions.store import state_of

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Known:
    """All that was read of a session. `expected` have a seat, `came` an attendance; both rows name age band and
    photos_agreed. `care_version` is that of the care rule, 0 without one."""

    session: Session
    expected: Sequence[Row]
    came: Sequence[Row]
    excused: Collection[UUID]
    noted: Collection[UUID]
    heads: int | None
    in_care: bool
    secret: bytes


def version_of(
    session: Session, parts: Sequence[Any], care_version: int, now: datetime, secret: bytes, reader: str
) -> str:
    """Changes whenever the screen would: by what was written, and when expected people become late or absent.

    Sealed for the reader, so that whoever names one has been shown this door before.
    """
    phase = sum(now >= moment for moment in (session.starts_at + LATE_AFTER, session.ends_at))
    told = "|".join(str(part) for part in (*parts, care_version, phase))
    base = f"{session.version}.{blake2b(told.encode(), digest_size=8).hexdigest()}"
    return f"{base}.{_sealed(base, session, secret, reader)}"


def was_shown(known: str | None, session: Session, secret: bytes, reader: str) -> bool:
    """True for a version that this reader got of this door."""
    base, _, seal = (known or "").rpartition(".")
    return compare_digest(_sealed(base, session, secret, reader), seal)


def _sealed(base: str, session: Session, secret: bytes, reader: str) -> str:
    return digest(secret, f"door:{session.session_id}:{reader}:{base}".encode(), "sha256")[:6].hex()


def show(known: Known, version: str, now: datetime) -> Door:
    """The whole screen: who is expected first, in order of arrival of their enrolments, then whoever else came."""
    came = {row["person_id"]: row for row in known.came}
    seated = {row["person_id"] for row in known.expected}
    rows = [*known.expected, *(row for row in known.came if row["person_id"] not in seated)]
    entries = tuple(_entry(row, came.get(row["person_id"]), known, now) for row in rows)
    states = [each.presence for each in entries]
    return Door(
        session_id=known.session.session_id,
        version=version,
        title=known.session.title,
        starts_at=known.session.starts_at,
        ends_at=known.session.ends_at,
        status=state_of(known.session).status,
        expected=len(seated),
        inside=sum(state in (Presence.PRESENT, Presence.LATE) for state in states),
        left=states.count(Presence.LEFT),
        missing=sum(state in (Presence.EXPECTED, Presence.ABSENT) for state in states),
        heads_declared=known.heads,
        entries=entries,
    )


def _entry(row: Row, came: Row | None, known: Known, now: datetime) -> DoorEntry:
    person_id, band = row["person_id"], AgeBand(row["age_band"] or "unknown")
    came_at, left_at = (came["checked_in_at"], came["checked_out_at"]) if came else (None, None)
    return DoorEntry(
        person_id=person_id,
        enrolment_id=row.get("enrolment_id"),
        age_band=band,
        presence=presence_of(known.session, came_at, left_at, person_id in known.excused, now),
        came_at=came_at,
        left_at=left_at,
        walk_in=bool(came and came["walk_in"]),
        hand_over=known.in_care and band.is_under_14,
        health_note=person_id in known.noted,
        no_face=band.is_minor and not row["photos_agreed"],
        pass_code=code_of(known.secret, (known.session.session_id, person_id)),
    )
