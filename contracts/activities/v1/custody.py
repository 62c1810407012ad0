"""Children in our hands: who may fetch them, hand-over, the overdue alarm, health notes (A27, A28)."""

from datetime import date
from uuid import UUID

from ...data import (
    HealthText,
    Instant,
    PersonId,
    SessionId,
    SiteId,
    Slug,
    UnitId,
)
from ...message import Command, Event, Part, Query
from .. import refusals as refusals

__all__ = [
    "AuthorisePickUp",
    "ChildHandedOver",
    "ChildOverdue",
    "EndPickUp",
    "GiveHealthNote",
    "HandOver",
    "HandOverState",
    "HealthNote",
    "HealthNoteState",
    "HealthNotes",
    "ListPickUps",
    "PickUpAuthorised",
    "PickUpEnded",
    "PickUpState",
    "PickUps",
    "ReadHealthNotes",
    "WithdrawHealthNote",
]


class PickUpState(Part):
    """`until` is the last day."""

    pick_up_id: UUID
    child_id: PersonId
    person_id: PersonId
    site_id: SiteId
    until: date | None
    ended: bool
    version: int


class AuthorisePickUp(
    Command[PickUpState],
    name="authorise-pick-up",
    permission="activities.custody",
    http="POST /v1/children/{child_id}/pick-ups",
    refusals=(
        "pick-up-exists",
        "unknown-person",
        "unknown-site",
        "not-a-child",
        "not-the-guardian",
        "too-young-to-fetch",
    ),
):
    """The guardian names somebody of age who may fetch a child under 14 from a site (A27; 未成年人保护法 art. 22).

    The guardian herself needs no such entry. People are ids of registry; names are asked there.
    """

    pick_up_id: UUID
    child_id: PersonId
    person_id: PersonId
    site_id: SiteId
    given_by: PersonId
    until: date | None = None


class PickUpAuthorised(Event, fact="pick-up.authorised"):
    pick_up_id: UUID
    child_id: PersonId
    person_id: PersonId
    site_id: SiteId


class EndPickUp(
    Command[PickUpState],
    name="end-pick-up",
    permission="activities.custody",
    http="POST /v1/pick-ups/{pick_up_id}/end",
    refusals=("unknown-pick-up", "not-the-guardian", "pick-up-ended"),
):
    """The guardian takes an authorisation back; from then on nobody is handed the child by it."""

    pick_up_id: UUID
    given_by: PersonId


class PickUpEnded(Event, fact="pick-up.ended"):
    pick_up_id: UUID
    child_id: PersonId
    person_id: PersonId
    site_id: SiteId


class PickUps(Part):
    child_id: PersonId
    guardian_id: PersonId | None
    pick_ups: tuple[PickUpState, ...]


class ListPickUps(
    Query[PickUps],
    name="list-pick-ups",
    permission="activities.custody",
    http="GET /v1/sessions/{session_id}/children/{child_id}/pick-ups",
    refusals=("unknown-session", "unknown-person"),
):
    """Who may fetch a child of a session: the guardian, and whom she authorised at its site for that day."""

    session_id: SessionId
    child_id: PersonId


class HandOverState(Part):
    hand_over_id: UUID
    session_id: SessionId
    child_id: PersonId
    received_by: PersonId
    checked_by: PersonId | None
    occurred_at: Instant
    version: int


class HandOver(
    Command[HandOverState],
    name="hand-over",
    permission="activities.custody",
    http="POST /v1/sessions/{session_id}/hand-overs",
    refusals=(
        "unknown-session",
        "session-cancelled",
        "attendance-closed",
        "hand-over-exists",
        "unknown-person",
        "not-inside",
        "already-left",
        "not-authorised",
        "second-check-needed",
        "clock-skew",
    ),
):
    """Gives a child into the hands of the guardian or somebody she authorised, against a signature (A27).

    `signature` refers to what was signed. Who was authorised less than 24 hours ago, or fetches this child for the
    first time, is looked at by a second person on duty, `checked_by`.
    """

    hand_over_id: UUID
    session_id: SessionId
    child_id: PersonId
    received_by: PersonId
    signature: Slug
    occurred_at: Instant
    checked_by: PersonId | None = None


class ChildHandedOver(Event, fact="child.handed-over"):
    """The child left; `late` after the session's grace was over."""

    child_id: PersonId
    session_id: SessionId
    attendance_id: UUID
    hand_over_id: UUID
    received_by: PersonId
    occurred_at: Instant
    late: bool


class ChildOverdue(Event, fact="child.overdue"):
    """Nobody has fetched a child although the session and its grace are over; `tell` is the guardian, the people on
    duty and the keepers of the site: to be told at once, whatever the hour. After `until` a message is worth nothing.
    """

    child_id: PersonId
    session_id: SessionId
    unit_id: UnitId
    site_id: SiteId
    ended_at: Instant
    until: Instant
    tell: tuple[PersonId, ...]


class HealthNoteState(Part):
    """Without what the note says."""

    note_id: UUID
    child_id: PersonId
    site_id: SiteId
    until: date
    version: int


class GiveHealthNote(
    Command[HealthNoteState],
    name="give-health-note",
    permission="activities.custody",
    http="POST /v1/children/{child_id}/health-notes",
    refusals=("health-note-exists", "unknown-person", "unknown-site", "not-a-child", "not-the-guardian", "date-wrong"),
):
    """The guardian says what those in charge of a child under 14 at a site must know (A28; PIPL 28, 31).

    Kept until `until`, at most a year ahead, then erased; a newer note of the same child and site replaces it.
    """

    note_id: UUID
    child_id: PersonId
    site_id: SiteId
    given_by: PersonId
    text: HealthText
    until: date


class WithdrawHealthNote(
    Command[HealthNoteState],
    name="withdraw-health-note",
    permission="activities.custody",
    http="POST /v1/health-notes/{note_id}/withdraw",
    refusals=("unknown-health-note", "not-the-guardian"),
):
    """Erases a note, as easily as it was given (PIPL 15, 47)."""

    note_id: UUID
    given_by: PersonId


class HealthNote(Part):
    child_id: PersonId
    text: HealthText


class HealthNotes(Part):
    session_id: SessionId
    notes: tuple[HealthNote, ...]


class ReadHealthNotes(
    Query[HealthNotes],
    name="read-health-notes",
    permission="activities.health.read",
    http="GET /v1/sessions/{session_id}/health-notes",
    refusals=("unknown-session", "session-cancelled", "not-today", "not-on-duty"),
):
    """The notes of the children of a session, on its day, to those on duty there and the keepers of its site.

    Each reading leaves a line in the audit log.
    """

    session_id: SessionId
