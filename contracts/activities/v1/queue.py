"""Who is in a session and who waits: the roster, the queue and its log."""

from ...data import (
    Code,
    EnrolmentId,
    Instant,
    PersonId,
    Sentence,
    SessionId,
)
from ...message import Event, Part, Query
from .. import refusals as refusals
from .codes import EnrolmentStatus

__all__ = [
    "ExplainQueue",
    "GetRoster",
    "QueueLog",
    "QueueSkipped",
    "QueueStep",
    "Roster",
    "RosterEntry",
    "SkippedFamily",
]


class SkippedFamily(Part):
    """`short_of` is the quota that had too few free seats: `open`, `child` or `reserved`."""

    enrolment_id: EnrolmentId
    seats_wanted: int
    seats_free: int
    short_of: Code


class QueueSkipped(Event, fact="queue.skipped"):
    """Seats were offered past families that came earlier, because these did not fit into them (A12).

    `queue_id` is the id of the session.
    """

    queue_id: SessionId
    session_id: SessionId
    skipped: tuple[SkippedFamily, ...]
    offered: tuple[EnrolmentId, ...]


class RosterEntry(Part):
    """`photos_agreed` are those who may be photographed; all others may not (A29)."""

    enrolment_id: EnrolmentId
    contact_id: PersonId
    people: tuple[PersonId, ...]
    status: EnrolmentStatus
    present: tuple[PersonId, ...]
    photos_agreed: tuple[PersonId, ...] = ()


class Roster(Part):
    session_id: SessionId
    entries: tuple[RosterEntry, ...]


class GetRoster(
    Query[Roster],
    name="get-roster",
    permission="activities.roster.read",
    http="GET /v1/sessions/{session_id}/roster",
    refusals=("unknown-session",),
):
    """Who is expected, waiting and present, by ids; names come from registry to those who may see them."""

    session_id: SessionId


class QueueStep(Part):
    """One line of the fairness log: what happened to which family, why, with how many seats free at that time.

    `short_of`: of which quota there were too few; `zh` and `en` say the same as a sentence.
    """

    at: Instant
    enrolment_id: EnrolmentId
    step: Code
    seats_wanted: int
    seats_free: int
    short_of: Code | None = None
    zh: Sentence = ""
    en: Sentence = ""


class QueueLog(Part):
    session_id: SessionId
    steps: tuple[QueueStep, ...]


class ExplainQueue(
    Query[QueueLog],
    name="explain-queue",
    permission="activities.roster.read",
    http="GET /v1/sessions/{session_id}/queue",
    refusals=("unknown-session",),
):
    """Explains to anyone why whom: every placing, skip, offer and end in order (A12).

    With `enrolment_id` only what concerns that family: its own steps, and the offers that passed it.
    """

    session_id: SessionId
    enrolment_id: EnrolmentId | None = None
