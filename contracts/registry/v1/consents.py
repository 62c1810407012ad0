"""Consents: what is asked and the facts stated (PIPL articles 14 to 17, 23, 25, 28 to 31; feature X16)."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from ...data import Code, Instant, PersonId, Slug
from ...message import Command, Done, Event, Part, Query
from ...region import RegionCode
from .. import refusals as refusals
from .codes import ConsentMethod, ConsentPurpose

__all__ = [
    "ConsentGiven",
    "ConsentToRenew",
    "ConsentWithdrawn",
    "ConsentsToRenew",
    "ListConsentsToRenew",
    "RecordConsent",
    "WithdrawConsent",
    "Withdrawal",
]


class RecordConsent(
    Command[Done],
    name="record-consent",
    permission="registry.consents.record",
    http="POST /v1/people/{person_id}/consents",
    refusals=(
        "unknown-person",
        "not-guardian",
        "notice-outdated",
        "evidence-needed",
        "own-witness",
        "expiry-passed",
    ),
):
    """Records that a person, or for a minor the guardian, agreed to a purpose under a notice version (PIPL 14, 31).

    Each purpose is a consent of its own (PIPL 29). `notice_version` is that of the privacy notice in force; where none
    is published, it names the paper form. A consent on paper names the `evidence` that is kept; whoever records a
    witnessed one is its witness. The same consent recorded again changes nothing: nobody is asked twice for the same.
    """

    person_id: PersonId
    purpose: ConsentPurpose
    given_by: PersonId
    notice_version: Slug
    method: ConsentMethod = ConsentMethod.APP
    evidence: Slug | None = None
    expires_at: Instant | None = None


class Withdrawal(Part):
    """A consent that ended. `effects` say what stops by it within 60 seconds; the services list what they ended."""

    consent_id: UUID | None = None
    effects: tuple[Code, ...] = ()


class WithdrawConsent(
    Command[Withdrawal],
    name="withdraw-consent",
    permission="registry.consents.record",
    http="POST /v1/people/{person_id}/consents/withdraw",
    refusals=("unknown-person", "consent-missing"),
):
    """Withdraws a consent, as easily as it was given (PIPL 15): no reason, no form, no other person is asked for."""

    person_id: PersonId
    purpose: ConsentPurpose


class ConsentGiven(Event, fact="person.consent-given"):
    person_id: PersonId
    purpose: ConsentPurpose
    consent_id: UUID | None = None
    notice_version: Slug | None = None
    expires_at: Instant | None = None


class ConsentWithdrawn(Event, fact="person.consent-withdrawn"):
    """A consent no longer stands. `why` is `withdrawn`, `expired`, or `outdated` by a newer privacy notice."""

    person_id: PersonId
    purpose: ConsentPurpose
    consent_id: UUID | None = None
    why: Code = "withdrawn"


class ConsentToRenew(Part):
    """A consent that stands, and until when unless it is renewed."""

    person_id: PersonId
    purpose: ConsentPurpose
    notice_version: Slug
    ends_at: Instant


class ConsentsToRenew(Part):
    consents: tuple[ConsentToRenew, ...]


class ListConsentsToRenew(
    Query[ConsentsToRenew],
    name="list-consents-to-renew",
    permission="registry.consents.record",
    http="GET /v1/consents/to-renew",
):
    """Whom to ask again in a region's subtree: consents that end within 30 days, by person, after `after`."""

    region: RegionCode
    after: PersonId | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 100
