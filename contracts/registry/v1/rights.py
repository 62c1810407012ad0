"""The rights of a person over her data: correction, restriction, erasure, a copy (PIPL 44-50)."""

from pydantic import Field

from ...data import AgeBand, Code, EmailAddress, Instant, OpenEnum, PersonId, PersonName
from ...holdings import Holdings
from ...message import Command, Event, Part, Query
from .. import refusals as refusals
from .people import Language, PersonState

__all__ = [
    "CorrectPerson",
    "ErasePerson",
    "ErasureGround",
    "ErasureState",
    "ExportPerson",
    "LiftRestriction",
    "PersonCopy",
    "PersonCorrected",
    "PersonErased",
    "PersonRestricted",
    "RestrictPerson",
    "RestrictionGround",
    "RestrictionLifted",
]


class RestrictionGround(OpenEnum):
    """Why data are kept and nothing else is done with them."""

    UNKNOWN = "unknown"
    OBJECTION = "objection"
    """She restricts or refuses the processing (PIPL 44)."""
    ACCURACY_DISPUTED = "accuracy_disputed"
    """Until what she says is wrong has been verified (PIPL 46)."""
    RETENTION_REQUIRED = "retention_required"
    """A law fixes how long they are kept, or erasing is technically hard (PIPL 47, last paragraph)."""
    LEGAL_HOLD = "legal_hold"
    """A dispute or an inquiry needs them: they are not erased before it is lifted."""


class ErasureGround(OpenEnum):
    """PIPL 47, items 1 to 5, and 49."""

    UNKNOWN = "unknown"
    PURPOSE_ENDED = "purpose_ended"
    RETENTION_OVER = "retention_over"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    UNLAWFUL = "unlawful"
    OTHER_LAW = "other_law"
    DECEASED = "deceased"


class CorrectPerson(
    Command[PersonState],
    name="correct-person",
    permission="registry.people.correct",
    http="POST /v1/people/{person_id}/correct",
    refusals=("unknown-person", "guardian-needed", "guardian-is-minor", "has-wards", "approval-needed"),
):
    """Corrects or completes what is kept of a person (PIPL 46). What is left out stays; `no_email` takes hers away.

    That a minor is of age is corrected by whoever has her record open: on approval by somebody else, or by break-glass.
    """

    person_id: PersonId
    name: PersonName | None = None
    email: EmailAddress | None = None
    no_email: bool = False
    language: Language | None = None
    age_band: AgeBand | None = None
    guardian_id: PersonId | None = None


class PersonCorrected(Event, fact="person.corrected"):
    """What is kept of a person was corrected; whoever needs a name asks for it anew."""

    person_id: PersonId
    age_band: AgeBand
    guardian_id: PersonId | None = None


class RestrictPerson(
    Command[PersonState],
    name="restrict-person",
    permission="registry.people.restrict",
    http="POST /v1/people/{person_id}/restrict",
    refusals=("unknown-person", "under-legal-hold"),
):
    """From now on a person's data are kept and nothing else: no enrolment, no shift, no notice (PIPL 44, 47).

    What she has stays as it is. Another ground takes the place of the one before, but for a legal hold: that is lifted.
    """

    person_id: PersonId
    ground: RestrictionGround


class PersonRestricted(Event, fact="person.restricted"):
    person_id: PersonId
    ground: RestrictionGround


class LiftRestriction(
    Command[PersonState],
    name="lift-restriction",
    permission="registry.people.restrict",
    http="POST /v1/people/{person_id}/restrict/lift",
    refusals=("unknown-person", "not-restricted"),
):
    """The ground of a restriction has gone: she takes part again."""

    person_id: PersonId


class RestrictionLifted(Event, fact="person.restriction-lifted"):
    person_id: PersonId


class ErasureState(Part):
    """`kept` are the records that a law keeps: under the id alone, which means nobody any more (PIPL 47)."""

    person_id: PersonId
    at: Instant
    kept: tuple[Code, ...]


class ErasePerson(
    Command[ErasureState],
    name="erase-person",
    permission="registry.people.erase",
    http="POST /v1/people/{person_id}/erase",
    refusals=("unknown-person", "not-entitled", "has-wards", "holds-office", "under-legal-hold"),
):
    """Erases a person for good: her key is destroyed, and nothing that is sealed with it can be read again (PIPL 47).

    `asked_by` is the person herself, for a minor the guardian, for somebody who died a relative (PIPL 31, 49); it may
    be left out where the office must act by itself, which is every ground but `consent_withdrawn`. Refused while she
    holds an office, answers for a minor, or is under a legal hold. Her account is closed.
    """

    person_id: PersonId
    ground: ErasureGround
    asked_by: PersonId | None = None


class PersonErased(Event, fact="person.erased"):
    """A person is erased: whatever is held of her goes, or stays under the id alone where a law keeps it."""

    person_id: PersonId


class PersonCopy(Part):
    """`missing` are services that did not answer: ask again. `at` is the moment of the copy."""

    person_id: PersonId
    at: Instant
    holdings: tuple[Holdings, ...]
    missing: tuple[Code, ...] = Field(())


class ExportPerson(
    Query[PersonCopy],
    name="export-person",
    permission="registry.people.export",
    http="GET /v1/people/{person_id}/copy",
    refusals=("unknown-person", "request-needed"),
):
    """Everything that any service holds about a person, as one document for her or her guardian (PIPL 45).

    Leaves a row in the audit log. A minor's is never one person's doing alone: either her guardian's request for it
    (`access` or `copy`) is open and somebody else wrote it down, or her record is open to whoever hands it out.
    """

    person_id: PersonId
