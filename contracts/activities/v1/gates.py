"""Care: sessions with children open only with enough adults whose background check holds (A30)."""

from datetime import date
from uuid import UUID

from pydantic import Field

from ...data import Instant, PersonId, SessionId, UnitId
from ...message import Command, Event, Part, Query
from .. import refusals as refusals
from .codes import GateReason

__all__ = [
    "CareSet",
    "CareState",
    "DutyEntry",
    "GateState",
    "GetGate",
    "SessionBlocked",
    "SessionUnblocked",
    "SetCare",
]


class CareState(Part):
    care_id: UUID
    programme_id: UUID
    children_per_adult: int
    least_adults: int
    grace_minutes: int
    version: int


class SetCare(
    Command[CareState],
    name="set-care",
    permission="activities.plan",
    http="POST /v1/programmes/{programme_id}/care",
    refusals=("unknown-programme",),
):
    """The sessions of a programme take children into care (四点半课堂): one adult on duty for so many children under
    14, never fewer than `least_adults`, each with a background check (未成年人保护法 art. 62). Children under 14 leave
    by hand-over alone, and who is not fetched `grace_minutes` after the end is overdue. It holds for the programmes
    below it too, unless a rule of their own is set there.
    """

    programme_id: UUID
    children_per_adult: int = Field(10, ge=1, le=50)
    least_adults: int = Field(1, ge=1, le=20)
    grace_minutes: int = Field(15, ge=0, le=120)


class CareSet(Event, fact="care.set"):
    care_id: UUID
    programme_id: UUID
    children_per_adult: int
    least_adults: int
    grace_minutes: int


class SessionBlocked(Event, fact="session.blocked"):
    """A session of care may not open: why, how many adults it needs and has, whose check is missing on that day, and
    which cleared volunteers are free to step in. Said again when why or who changes. `tell` are those who can mend it.
    """

    session_id: SessionId
    unit_id: UnitId
    reason: GateReason
    starts_at: Instant
    adults_needed: int
    adults_cleared: int
    uncleared: tuple[PersonId, ...]
    substitutes: tuple[UUID, ...]
    tell: tuple[PersonId, ...] = ()


class SessionUnblocked(Event, fact="session.unblocked"):
    """It was mended: the session may open."""

    session_id: SessionId
    unit_id: UnitId


class DutyEntry(Part):
    """Somebody on duty; `cleared_until` is the last day on which the background check holds."""

    person_id: PersonId
    volunteer_id: UUID
    cleared: bool
    cleared_until: date | None


class GateState(Part):
    """`reason` is missing where the session may open. `substitutes` are cleared volunteers who are free then."""

    session_id: SessionId
    reason: GateReason | None
    children: int
    adults_needed: int
    adults_cleared: int
    on_duty: tuple[DutyEntry, ...]
    substitutes: tuple[UUID, ...]


class GetGate(
    Query[GateState],
    name="get-gate",
    permission="activities.roster.read",
    http="GET /v1/sessions/{session_id}/gate",
    refusals=("unknown-session", "not-in-care"),
):
    """Whether a session of care may open as things stand now, who is on duty, and who could step in."""

    session_id: SessionId
