"""What a person asks about her data, and until when she is answered (PIPL 44 to 50)."""

from datetime import date
from uuid import UUID

from pydantic import Field

from ...data import Code, Instant, OpenEnum, PersonId
from ...message import Command, Event, Part, Query
from ...region import RegionCode
from .. import refusals as refusals

__all__ = [
    "AnswerPersonRequest",
    "FilePersonRequest",
    "ListPersonRequests",
    "PersonRequestAnswered",
    "PersonRequestDueSoon",
    "PersonRequestEntry",
    "PersonRequestFiled",
    "PersonRequestKind",
    "PersonRequestOverdue",
    "PersonRequestState",
    "PersonRequestStatus",
    "PersonRequests",
]


class PersonRequestKind(OpenEnum):
    """PIPL 44 (restriction), 45 (access, copy), 46 (correction), 47 (erasure)."""

    UNKNOWN = "unknown"
    ACCESS = "access"
    COPY = "copy"
    CORRECTION = "correction"
    ERASURE = "erasure"
    RESTRICTION = "restriction"


class PersonRequestStatus(OpenEnum):
    UNKNOWN = "unknown"
    OPEN = "open"
    FULFILLED = "fulfilled"
    DECLINED = "declined"


class PersonRequestState(Part):
    """`due_on` is the last day to answer. `counted` says how it was found: 15 `working-days`, or, where the State
    Council has not told a year's days off yet, 15 `calendar-days`, which are never later.
    """

    person_request_id: UUID
    person_id: PersonId
    kind: PersonRequestKind
    status: PersonRequestStatus
    received_on: date
    due_on: date
    counted: Code
    version: int


class FilePersonRequest(
    Command[PersonRequestState],
    name="file-person-request",
    permission="registry.requests.file",
    http="POST /v1/people/{person_id}/requests",
    refusals=("unknown-person", "not-entitled", "received-wrong", "person-request-exists", "person-request-open"),
):
    """A person, for a minor the guardian, for the `deceased` a relative, asked something about her data.

    It is answered within 15 working days of `received_on` (today, where left out; a letter may be 30 days old).
    Corrections, restrictions and erasures that are done answer their request by themselves.
    """

    person_request_id: UUID
    person_id: PersonId
    kind: PersonRequestKind
    asked_by: PersonId
    received_on: date | None = None
    deceased: bool = False


class AnswerPersonRequest(
    Command[PersonRequestState],
    name="answer-person-request",
    permission="registry.requests.answer",
    http="POST /v1/person-requests/{person_request_id}/answer",
    refusals=("unknown-person-request", "own-request", "person-request-answered", "reason-needed"),
):
    """Says that what was asked is done, or why it is not (PIPL 50). Nobody answers her own request."""

    person_request_id: UUID
    fulfilled: bool
    reason: Code | None = None


class PersonRequestFiled(Event, fact="person-request.filed"):
    person_request_id: UUID
    person_id: PersonId
    kind: PersonRequestKind
    due_on: date


class PersonRequestDueSoon(Event, fact="person-request.due-soon"):
    """Three days before its last day a request still waits for its answer."""

    person_request_id: UUID
    person_id: PersonId
    kind: PersonRequestKind
    due_on: date


class PersonRequestOverdue(Event, fact="person-request.overdue"):
    """The last day is over, and nobody has answered."""

    person_request_id: UUID
    person_id: PersonId
    kind: PersonRequestKind
    due_on: date


class PersonRequestAnswered(Event, fact="person-request.answered"):
    person_request_id: UUID
    person_id: PersonId
    kind: PersonRequestKind
    status: PersonRequestStatus
    reason: Code | None = None


class PersonRequestEntry(Part):
    """One request, for whoever answers it or looks at it later."""

    person_request_id: UUID
    person_id: PersonId
    kind: PersonRequestKind
    asked_by: PersonId
    status: PersonRequestStatus
    received_on: date
    due_on: date
    counted: Code
    overdue: bool
    answered_at: Instant | None
    reason: Code | None


class PersonRequests(Part):
    requests: tuple[PersonRequestEntry, ...]


class ListPersonRequests(
    Query[PersonRequests],
    name="list-person-requests",
    permission="registry.requests.answer",
    http="GET /v1/person-requests",
):
    """Requests of a region's subtree, the most urgent first; `waiting` ones alone, unless said otherwise."""

    region: RegionCode
    waiting: bool = True
    limit: int = Field(100, ge=1, le=500)
