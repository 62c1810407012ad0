"""Standing of those who enrol and stay away: it lapses, can be appealed, and never touches hours (A14)."""

from uuid import UUID

from ...data import Code, Instant, OpenEnum, PersonId, UnitId
from ...message import Command, Event, Part, Query
from .. import refusals as refusals

__all__ = [
    "AppealDecided",
    "AppealOpened",
    "AppealReason",
    "AppealStanding",
    "AppealStatus",
    "DecideAppeal",
    "GetStanding",
    "StandingChanged",
    "StandingList",
    "StandingState",
    "StandingStatus",
]


class StandingStatus(OpenEnum):
    UNKNOWN = "unknown"
    GOOD = "good"
    SUSPENDED = "suspended"


class AppealStatus(OpenEnum):
    UNKNOWN = "unknown"
    OPEN = "open"
    UPHELD = "upheld"
    DISMISSED = "dismissed"


class AppealReason(OpenEnum):
    """Why somebody says that an absence should not count; details are told face to face and not kept here."""

    UNKNOWN = "unknown"
    WAS_THERE = "was_there"
    WITHDREW = "withdrew"
    ILL = "ill"
    NOT_TOLD = "not_told"
    OTHER = "other"


class StandingState(Part):
    """Of one contact with one host. `absences` are those that count now."""

    standing_id: UUID
    unit_id: UnitId
    person_id: PersonId
    status: StandingStatus
    absences: int
    suspended_until: Instant | None
    appeal_id: UUID | None = None
    appeal: AppealStatus | None = None
    version: int


class StandingChanged(Event, fact="standing.changed"):
    """A contact is suspended by a host until a moment, or in good standing again; `why` is `absences`, `lapsed` or
    `appeal-upheld`."""

    standing_id: UUID
    unit_id: UnitId
    person_id: PersonId
    status: StandingStatus
    until: Instant | None = None
    why: Code


class StandingList(Part):
    standings: tuple[StandingState, ...]


class GetStanding(
    Query[StandingList],
    name="get-standing",
    permission="activities.roster.read",
    http="GET /v1/people/{person_id}/standing",
):
    """How a contact stands with each host of the asker's region; one without absences is in no list."""

    person_id: PersonId


class AppealStanding(
    Command[StandingState],
    name="appeal-standing",
    permission="activities.enrol",
    http="POST /v1/standings/{standing_id}/appeals",
    refusals=("unknown-standing", "not-suspended", "appeal-open", "appeal-exists"),
):
    """A suspended person, or staff for her, asks that her absences do not count (A14)."""

    standing_id: UUID
    appeal_id: UUID
    reason: AppealReason


class DecideAppeal(
    Command[StandingState],
    name="decide-appeal",
    permission="activities.appeals.decide",
    http="POST /v1/standing-appeals/{appeal_id}/decide",
    refusals=("unknown-appeal", "appeal-decided", "own-appeal"),
):
    """Somebody else than who asked, and than whom it is about, decides. Upheld: her absences so far count no more."""

    appeal_id: UUID
    uphold: bool


class AppealOpened(Event, fact="appeal.opened"):
    appeal_id: UUID
    standing_id: UUID
    person_id: PersonId
    unit_id: UnitId
    reason: AppealReason


class AppealDecided(Event, fact="appeal.decided"):
    appeal_id: UUID
    standing_id: UUID
    person_id: PersonId
    unit_id: UnitId
    status: AppealStatus
