"""What a person may ask about her data, and what stands in the way. No I/O, no clock."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from contracts.data import AgeBand
from contracts.refusals import Refusal
from contracts.registry.v1 import (
    CorrectPerson,
    ErasePerson,
    ErasureGround,
    PersonState,
    RestrictionGround,
)
from services.registry.people.rules import may_be_guardian

KEPT: Final = (
    "consent_records",
    "appointments",
    "activity_counts",
    "service_hours",
    "service_certificates",
    "audit_log",
)
"""What stays under the id alone. Consents prove that processing was lawful (PIPL 55, 69); who held a post is the record
of an organisation; counts are public figures; the record of service and its certificate are kept by 志愿服务条例 19 and
Order 67, articles 11 to 20; the audit log by 未成年人网络保护条例 36 and 37."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The person whose data it is; `wards` are the minors she answers for, `in_office` whether she holds a post."""

    person_id: UUID
    region: str
    age_band: AgeBand
    guardian_id: UUID | None
    restricted_for: str | None
    version: int
    wards: int
    in_office: bool

    @property
    def state(self) -> PersonState:
        return PersonState(
            person_id=self.person_id,
            age_band=self.age_band,
            version=self.version,
            restricted=self.restricted_for is not None,
        )


def may_correct(command: CorrectPerson, subject: Subject, guardian: PersonState | None) -> Refusal | None:
    """Who is a minor has a guardian of age, and answers for nobody (PIPL 31). `guardian` is the one named, if any.

    Refusals: guardian-needed, has-wards, unknown-person, guardian-is-minor.
    """
    minor = (command.age_band or subject.age_band).is_minor
    if minor and (command.guardian_id or subject.guardian_id) is None:
        return Refusal("guardian-needed")
    if minor and subject.wards:
        return Refusal("has-wards", count=subject.wards)
    if command.guardian_id is None:
        return None
    if command.guardian_id == subject.person_id:
        return Refusal("unknown-person", person_id=str(command.guardian_id))
    return may_be_guardian(command.guardian_id, guardian)


def comes_of_age(command: CorrectPerson, subject: Subject) -> bool:
    """Whether a minor's record would open to everybody who may read that of an adult."""
    return subject.age_band.is_minor and command.age_band is not None and not command.age_band.is_minor


def may_erase(command: ErasePerson, subject: Subject) -> Refusal | None:
    """Who is entitled asked for it, or the office acts by duty; nothing that is still needed leans on her (PIPL 47).

    Refusals: not-entitled, under-legal-hold, has-wards, holds-office.
    """
    if not _is_entitled(command, subject):
        return Refusal("not-entitled")
    if subject.restricted_for == RestrictionGround.LEGAL_HOLD:
        return Refusal("under-legal-hold")
    if subject.wards:
        return Refusal("has-wards", count=subject.wards)
    return Refusal("holds-office") if subject.in_office else None


def _is_entitled(command: ErasePerson, subject: Subject) -> bool:
    """A withdrawn consent is the person's own word, for a minor the guardian's; for the dead a relative (PIPL 49)."""
    if command.ground is ErasureGround.DECEASED:
        return command.asked_by != subject.person_id
    if command.asked_by is None:
        return command.ground is not ErasureGround.CONSENT_WITHDRAWN
    return command.asked_by == (subject.guardian_id if subject.age_band.is_minor else subject.person_id)
