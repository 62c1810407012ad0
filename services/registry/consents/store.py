"""All SQL about consents. Rows stay as history: a consent ends, it is never taken out."""

from uuid import UUID

from contracts.data import AgeBand
from contracts.registry.v1 import ConsentPurpose, RecordConsent
from services.chassis import Transaction
from services.registry.consents.rules import Consent, Subject

LOCK_SUBJECT = """
SELECT person_id, region, age_band, guardian_id, version FROM person
WHERE person_id = $1 AND erased_at IS NULL FOR UPDATE
"""
SET_VERSION = "UPDATE person SET version = $2 WHERE person_id = $1"
FIND_CONSENT = """
SELECT consent_id, notice_version FROM consent
WHERE person_id = $1 AND purpose = $2 AND withdrawn_at IS NULL AND renewed_at IS NULL
"""
ADD_CONSENT = """
INSERT INTO consent (consent_id, person_id, purpose, notice_version, given_by, given_at) VALUES ($1, $2, $3, $4, $5, $6)
"""
WITHDRAW_CONSENT = "UPDATE consent SET withdrawn_at = $2 WHERE consent_id = $1"
RENEW_CONSENT = "UPDATE consent SET renewed_at = $2 WHERE consent_id = $1"


async def lock_subject(tx: Transaction, person_id: UUID) -> Subject | None:
    """The person, locked until commit: her events follow each other."""
    row = await tx.find(LOCK_SUBJECT, person_id)
    return Subject(**dict(row) | {"age_band": AgeBand(row["age_band"])}) if row else None


async def set_version(tx: Transaction, person_id: UUID, version: int) -> None:
    await tx.execute(SET_VERSION, person_id, version)


async def find_consent(tx: Transaction, person_id: UUID, purpose: ConsentPurpose) -> Consent | None:
    """The consent that stands, or None."""
    row = await tx.find(FIND_CONSENT, person_id, purpose)
    return Consent(**dict(row)) if row else None


async def add_consent(tx: Transaction, consent_id: UUID, given: RecordConsent) -> None:
    await tx.execute(
        ADD_CONSENT, consent_id, given.person_id, given.purpose, given.notice_version, given.given_by, tx.now
    )


async def withdraw_consent(tx: Transaction, consent_id: UUID) -> None:
    await tx.execute(WITHDRAW_CONSENT, consent_id, tx.now)


async def renew_consent(tx: Transaction, consent_id: UUID) -> None:
    """Ends a consent whose place a newer one takes."""
    await tx.execute(RENEW_CONSENT, consent_id, tx.now)
