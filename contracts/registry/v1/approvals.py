"""Who may open a minor's record: asked for, approved by somebody else, or opened in an emergency and reviewed later.

Minors' network protection regulations, article 36: the person in charge approves each access of staff, and it is
recorded; PIPL 28 and 51; features A52, X15, X16.
"""

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from ...data import (
    INTERNAL,
    SENSITIVE,
    AgeBand,
    Code,
    EmailAddress,
    Instant,
    PersonId,
    PersonName,
    Slug,
    refuse_id_number,
)
from ...message import Command, Event, Part, Query
from ...region import RegionCode
from .. import refusals as refusals
from .codes import AccessReason, AccessStatus, ConsentMethod, ConsentPurpose

__all__ = [
    "ApproveRecordAccess",
    "BreakGlass",
    "ConsentEntry",
    "GetPerson",
    "GlassBroken",
    "Guardian",
    "ListRecordAccesses",
    "PersonRecord",
    "RecordAccessApproved",
    "RecordAccessEntry",
    "RecordAccessRefused",
    "RecordAccessRequested",
    "RecordAccessReviewDue",
    "RecordAccessReviewed",
    "RecordAccessState",
    "RecordAccesses",
    "RefuseRecordAccess",
    "RequestRecordAccess",
    "ReviewRecordAccess",
]

ReasonText = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=400),
    AfterValidator(refuse_id_number),
    SENSITIVE,
]
"""Why, in words, for whoever approves or reviews: kept in registry alone, never in an event or the audit log."""


class RecordAccessState(Part):
    """`expires_at` is set once the record is open; after that moment it is closed again."""

    record_access_id: UUID
    status: AccessStatus
    expires_at: Instant | None = None
    version: int


class RequestRecordAccess(
    Command[RecordAccessState],
    name="request-record-access",
    permission="registry.records.request",
    http="POST /v1/people/{person_id}/record-accesses",
    refusals=("unknown-person", "approval-not-needed", "record-access-exists"),
):
    """Asks to read a minor's record for so many minutes from the approval on. A request lapses after three days."""

    record_access_id: UUID
    person_id: PersonId
    reason: AccessReason
    reason_text: ReasonText
    minutes: int = Field(60, ge=5, le=480)


class ApproveRecordAccess(
    Command[RecordAccessState],
    name="approve-record-access",
    permission="registry.records.approve",
    http="POST /v1/record-accesses/{record_access_id}/approve",
    refusals=("unknown-record-access", "own-request", "access-decided", "request-lapsed"),
):
    """Opens the record to whoever asked, for the time asked. Nobody approves her own request, nor one of the holder
    of the post in which she stands in.
    """

    record_access_id: UUID


class RefuseRecordAccess(
    Command[RecordAccessState],
    name="refuse-record-access",
    permission="registry.records.approve",
    http="POST /v1/record-accesses/{record_access_id}/refuse",
    refusals=("unknown-record-access", "own-request", "access-decided"),
):
    """Leaves the record closed."""

    record_access_id: UUID


class BreakGlass(
    Command[RecordAccessState],
    name="break-glass",
    permission="registry.records.break-glass",
    http="POST /v1/people/{person_id}/break-glass",
    refusals=("unknown-person", "approval-not-needed", "record-access-exists"),
):
    """Opens a minor's record at once for 15 minutes, in an emergency; somebody else reviews it within a day (A52)."""

    record_access_id: UUID
    person_id: PersonId
    reason: AccessReason
    reason_text: ReasonText


class ReviewRecordAccess(
    Command[RecordAccessState],
    name="review-record-access",
    permission="registry.records.approve",
    http="POST /v1/record-accesses/{record_access_id}/review",
    refusals=("unknown-record-access", "own-request", "nothing-to-review", "access-reviewed"),
):
    """Says of an opening by break-glass whether it was justified. Nobody reviews her own."""

    record_access_id: UUID
    justified: bool
    note: ReasonText


class RecordAccessRequested(Event, fact="record-access.requested"):
    record_access_id: UUID
    person_id: PersonId
    requester_id: PersonId


class RecordAccessApproved(Event, fact="record-access.approved"):
    record_access_id: UUID
    expires_at: Instant


class RecordAccessRefused(Event, fact="record-access.refused"):
    record_access_id: UUID


class GlassBroken(Event, fact="record-access.glass-broken"):
    """A record was opened without approval beforehand, until `expires_at`; it has to be reviewed by `review_by`."""

    record_access_id: UUID
    person_id: PersonId
    requester_id: PersonId
    expires_at: Instant
    review_by: Instant


class RecordAccessReviewDue(Event, fact="record-access.review-due"):
    """Nobody has reviewed an opening by break-glass in time."""

    record_access_id: UUID
    requester_id: PersonId


class RecordAccessReviewed(Event, fact="record-access.reviewed"):
    record_access_id: UUID
    justified: bool


class RecordAccessEntry(Part):
    """One case, for whoever decides on it or looks at it later."""

    record_access_id: UUID
    person_id: PersonId
    requester_id: PersonId
    reason: AccessReason
    reason_text: ReasonText
    minutes: int
    status: AccessStatus
    asked_at: Instant
    decided_by: PersonId | None
    expires_at: Instant | None
    review_by: Instant | None
    reviewed_by: PersonId | None
    justified: bool | None


class RecordAccesses(Part):
    accesses: tuple[RecordAccessEntry, ...]


class ListRecordAccesses(
    Query[RecordAccesses],
    name="list-record-accesses",
    permission="registry.records.read-accesses",
    http="GET /v1/record-accesses",
):
    """Requests and openings of a region's subtree, newest first, before `before`; `waiting` ones alone: those that
    nobody has decided, or reviewed, yet.
    """

    region: RegionCode
    waiting: bool = True
    before: UUID | None = None
    limit: int = Field(50, ge=1, le=200)


class Guardian(Part):
    person_id: PersonId
    name: PersonName
    email: EmailAddress | None


class ConsentEntry(Part):
    """One giving of a consent. `ended_at` is when it was withdrawn, ran out, or was renewed; `ended_why` says which."""

    consent_id: UUID
    purpose: ConsentPurpose
    notice_version: Slug
    given_by: PersonId
    given_at: Instant
    method: ConsentMethod
    evidence: Slug | None
    recorded_by: Annotated[str, INTERNAL] | None
    expires_at: Instant | None
    ended_at: Instant | None
    ended_why: Code | None
    effects: tuple[Code, ...]


class PersonRecord(Part):
    """What registry holds of a person. `record_access_id` is the approval by which a minor's record was opened."""

    person_id: PersonId
    name: PersonName
    age_band: AgeBand
    region: RegionCode
    email: EmailAddress | None
    language: Annotated[str, INTERNAL]
    guardians: tuple[Guardian, ...]
    consents: tuple[ConsentEntry, ...]
    record_access_id: UUID | None


class GetPerson(
    Query[PersonRecord],
    name="get-person",
    permission="registry.records.read",
    http="GET /v1/people/{person_id}",
    refusals=("unknown-person", "approval-needed"),
):
    """A person's record. Each reading is a row of the audit log, in the transaction that reads.

    A minor's record opens to whoever holds an unexpired approval by somebody else, or broke the glass.
    """

    person_id: PersonId
