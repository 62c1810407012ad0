"""Who may consent to what, and what stops when a consent ends. No I/O, no clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from contracts.data import AgeBand
from contracts.refusals import Refusal
from contracts.registry.v1 import ConsentMethod, ConsentPurpose, RecordConsent

EFFECTS: Final[Mapping[ConsentPurpose, tuple[str, ...]]] = {
    ConsentPurpose.UNKNOWN: (),
    ConsentPurpose.ACTIVITIES: (
        "enrolments-withdrawn",
        "seats-offered-on",
        "enrolment-closed",
        "health-notes-erased",
    ),
    ConsentPurpose.PHOTOS: ("photo-mark-cleared",),
    ConsentPurpose.VOLUNTEERING: ("shifts-released", "memberships-ended"),
    ConsentPurpose.CONTACT_EMAIL: ("pending-mails-cancelled", "mails-stopped"),
    ConsentPurpose.SHARE_HOST_SITE: ("sharing-stopped",),
}
"""What each withdrawal stops, told to whoever withdraws (X16, PIPL 47)."""
WITHDRAWN: Final = "withdrawn"
EXPIRED: Final = "expired"
OUTDATED: Final = "outdated"
ERASED: Final = "erased"


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
    person_id: UUID
    purpose: ConsentPurpose
    given_by: UUID
    notice_version: str
    evidence: str | None
    expires_at: datetime | None

    def is_same(self, asked: RecordConsent) -> bool:
        """Whether nothing would change by recording what is asked (no consent is asked for twice).

        Whoever answers for her now, or has come of age, consents anew: what another gave is not her word (PIPL 31).
        Paper that proves it is kept, though it comes later (PIPL 69).
        """
        if asked.evidence not in (None, self.evidence):
            return False
        mine = (self.given_by, self.notice_version, self.expires_at)
        return mine == (asked.given_by, asked.notice_version, asked.expires_at)


def may_give(
    command: RecordConsent, subject: Subject, recorder: str, in_force: str | None, now: datetime
) -> Refusal | None:
    """A minor's guardian consents, everybody else for herself alone, to the notice in force (PIPL 14, 17, 31).

    `recorder` is the id of whoever records it, `in_force` the version of the notice that covers the person, None
    where none is published. Refusals: not-guardian, notice-outdated, evidence-needed, own-witness, expiry-passed.
    """
    if command.given_by != subject.giver:
        return Refusal("not-guardian")
    if in_force is not None and command.notice_version != in_force:
        return Refusal("notice-outdated", notice_version=in_force)
    if command.method is ConsentMethod.PAPER and command.evidence is None:
        return Refusal("evidence-needed")
    if command.method is ConsentMethod.WITNESSED and recorder == str(command.given_by):
        return Refusal("own-witness")
    if command.expires_at is not None and command.expires_at <= now:
        return Refusal("expiry-passed")
    return None
