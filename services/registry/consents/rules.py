"""Who may consent to what, and what changes by it. No I/O, no clock."""

from dataclasses import dataclass
from uuid import UUID

from contracts.data import AgeBand
from contracts.refusals import Refusal
from contracts.registry.v1 import RecordConsent


@dataclass(frozen=True, slots=True)
class Subject:
    """The person whose consent it is; for a minor the guardian gives it."""

    person_id: UUID
    region: str
    age_band: AgeBand
    guardian_id: UUID | None
    version: int

    @property
    def giver(self) -> UUID | None:
        return self.guardian_id if self.age_band.is_minor else self.person_id


@dataclass(frozen=True, slots=True)
class Consent:
    """A consent that stands."""

    consent_id: UUID
    notice_version: str


def may_give(command: RecordConsent, subject: Subject) -> Refusal | None:
    """A minor's guardian consents, everybody else for herself alone (PIPL 14, 31). Refusal: not-guardian."""
    return None if command.given_by == subject.giver else Refusal("not-guardian")
