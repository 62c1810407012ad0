"""On which terms families enrol in a session: quotas, who may, when, who approves, how seats are given, no-shows."""

from pydantic import Field

from ...data import Code, Digest, Instant, OpenEnum, PersonId, Seats, Sentence, SessionId
from ...message import Command, Event, Part, Query
from ...region import RegionCode
from .. import refusals as refusals
from .codes import EnrolmentStatus

__all__ = [
    "AllocationMode",
    "ApprovalMode",
    "CapacityChanged",
    "ChangeCapacity",
    "CheckEligibility",
    "Eligibility",
    "EligibilityReason",
    "EnrolmentTerms",
    "GetTerms",
    "QuotaState",
    "ReservedSeats",
    "SetTerms",
    "StandingRule",
    "TermsState",
]


class ApprovalMode(OpenEnum):
    """Whether the host looks at each enrolment before it counts (A9)."""

    UNKNOWN = "unknown"
    NONE = "none"
    HOST = "host"


class AllocationMode(OpenEnum):
    """How seats are given: by arrival (A6), or when the window closes by lot or by declared need first (A13)."""

    UNKNOWN = "unknown"
    ARRIVAL = "arrival"
    LOTTERY = "lottery"
    NEED_FIRST = "need_first"


class ReservedSeats(Part):
    """Seats for families of one kind alone (困境儿童); they take them first, and open seats where these are gone."""

    group: Code
    seats: int = Field(ge=1, le=100_000)


class StandingRule(Part):
    """Whoever enrols and stays away `absences` times within `within_days` is suspended by this host for
    `suspends_days` (A14). An absence lapses after `within_days`; hours of volunteers are never touched.
    """

    absences: int = Field(3, ge=1, le=20)
    within_days: int = Field(180, ge=1, le=730)
    suspends_days: int = Field(30, ge=1, le=365)
    late_withdrawal_counts: bool = False


class EnrolmentTerms(Part):
    """What a host may add to a capacity; a session without terms gives its seats by arrival until it starts.

    `child_seats`: at most so many of the seats for minors. `reserved`: seats for groups alone. `walk_in_seats`: kept
    for whoever comes to the door. `areas`: regions whose residents may come. `households`: kinds that may come.
    `need_order`: kinds by falling need, for `need_first`. `withdraw_before_minutes`: a withdrawal nearer to the start
    is late: it is taken all the same, and counts as an absence where the standing rule says so.
    """

    child_seats: Seats | None = None
    reserved: tuple[ReservedSeats, ...] = Field((), max_length=8)
    walk_in_seats: Seats = 0
    areas: tuple[RegionCode, ...] = Field((), max_length=50)
    households: tuple[Code, ...] = Field((), max_length=20)
    opens_at: Instant | None = None
    closes_at: Instant | None = None
    approval: ApprovalMode = ApprovalMode.NONE
    allocation: AllocationMode = AllocationMode.ARRIVAL
    need_order: tuple[Code, ...] = Field((), max_length=20)
    standing: StandingRule | None = None
    withdraw_before_minutes: int = Field(0, ge=0, le=43_200)


class QuotaState(Part):
    """`quota` is `open`, `child`, `walk-in` or `group-<kind>`."""

    quota: Code
    seats: Seats
    taken: Seats


class TermsState(Part):
    session_id: SessionId
    capacity: Seats
    seats_taken: Seats
    waiting: int
    quotas: tuple[QuotaState, ...]
    terms: EnrolmentTerms | None
    commitment: Digest | None = None


class GetTerms(
    Query[TermsState],
    name="get-terms",
    permission="public",
    http="GET /v1/sessions/{session_id}/terms",
    refusals=("unknown-session",),
):
    """On which terms families enrol, and how each quota stands (A5, A7); before a draw also its commitment (A13)."""

    session_id: SessionId


class SetTerms(
    Command[TermsState],
    name="set-terms",
    permission="activities.plan",
    http="PUT /v1/sessions/{session_id}/terms",
    refusals=("unknown-session", "session-cancelled", "session-over", "terms-conflict", "terms-in-use"),
):
    """Gives a published session its terms, as long as nobody has enrolled: nobody's terms change afterwards."""

    session_id: SessionId
    terms: EnrolmentTerms


class ChangeCapacity(
    Command[TermsState],
    name="change-capacity",
    permission="activities.plan",
    http="POST /v1/sessions/{session_id}/capacity",
    refusals=(
        "unknown-session",
        "session-cancelled",
        "session-over",
        "room-too-small",
        "permit-needed",
        "seats-in-use",
        "terms-conflict",
    ),
):
    """Adds seats, which are offered to the next families that fit, or takes free ones away (A5, A10).

    What is left out stays as it is. No quota falls below what is taken of it.
    """

    session_id: SessionId
    capacity: int = Field(ge=1, le=100_000)
    child_seats: Seats | None = None
    reserved: tuple[ReservedSeats, ...] | None = Field(None, max_length=8)
    walk_in_seats: Seats | None = None


class CapacityChanged(Event, fact="capacity.changed"):
    """A session has other seats than before; `capacity_id` is the id of the session (A5)."""

    capacity_id: SessionId
    session_id: SessionId
    before: Seats
    capacity: Seats
    seats_taken: Seats
    quotas: tuple[QuotaState, ...] = ()


class EligibilityReason(Part):
    """Why not, in words: the code of the refusal, whom it is about, and what is needed."""

    code: Code
    person_id: PersonId | None = None
    zh: Sentence
    en: Sentence


class Eligibility(Part):
    """`would_be` is what an enrolment of now would come to when there is no reason against it."""

    eligible: bool
    reasons: tuple[EligibilityReason, ...]
    would_be: EnrolmentStatus | None = None
    position: int | None = None


class CheckEligibility(
    Query[Eligibility],
    name="check-eligibility",
    permission="activities.enrol",
    http="GET /v1/sessions/{session_id}/eligibility",
    refusals=("unknown-session",),
):
    """What enrolling would be answered, with every reason against it and not only the first; changes nothing (A7).

    Which kind of household a family is stands in no address of the web: the answer holds for one that is served.
    """

    session_id: SessionId
    contact_id: PersonId
    people: tuple[PersonId, ...] = Field(min_length=1, max_length=8)
