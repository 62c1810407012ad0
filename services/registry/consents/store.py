"""All SQL about consents. Rows stay as history: a consent ends, it is never taken out."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from asyncpg import Record

from contracts.data import AgeBand
from contracts.region import bounds
from contracts.registry.v1 import ConsentPurpose, ConsentToRenew, ListConsentsToRenew, RecordConsent
from services.chassis import Transaction
from services.registry.consents.rules import Consent, Subject
from services.registry.privacy_notices.rules import Sweep

LOCK_SUBJECTS = """
SELECT person_id, region, age_band, guardian_id, version FROM person
WHERE person_id = ANY ($1::uuid[]) AND erased_at IS NULL ORDER BY person_id FOR UPDATE
"""
SET_VERSIONS = """
UPDATE person SET version = told.version FROM unnest($1::uuid[], $2::int[]) AS told (id, version)
WHERE person_id = told.id
"""
FIND_CONSENT = """
SELECT consent_id, person_id, purpose, given_by, notice_version, evidence, expires_at FROM consent
WHERE person_id = $1 AND purpose = $2 AND withdrawn_at IS NULL AND renewed_at IS NULL
"""
FIND_STANDING = """
SELECT consent_id, person_id, purpose, given_by, notice_version, evidence, expires_at FROM consent
WHERE consent_id = ANY ($1::uuid[]) AND withdrawn_at IS NULL AND renewed_at IS NULL ORDER BY given_at, consent_id
"""
ADD_CONSENT = """
INSERT INTO consent (consent_id, person_id, purpose, notice_version, given_by, given_at, method, evidence, recorded_by,
    expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""
END_CONSENTS = "UPDATE consent SET withdrawn_at = $2, ended_why = $3 WHERE consent_id = ANY ($1::uuid[])"
END_ALL = """
UPDATE consent SET withdrawn_at = $2, ended_why = $3
WHERE person_id = $1 AND withdrawn_at IS NULL AND renewed_at IS NULL
"""
RENEW_CONSENT = "UPDATE consent SET renewed_at = $2 WHERE consent_id = $1"
# Given before a notice was published, and under another version: so a later notice never ends what it is renewed by.
PAGE_OF_STANDING = """
SELECT consent_id, person_id, given_at < $2 AND notice_version <> $3 AND region >= $4 AND region < $5 AS outdated
FROM consent JOIN person USING (person_id)
WHERE purpose = $1 AND person_id > $6 AND withdrawn_at IS NULL AND renewed_at IS NULL ORDER BY person_id LIMIT $7
"""
# A page ends behind all that one person gave: the next one begins after her.
LIST_TO_RENEW = """
SELECT * FROM (SELECT person_id, purpose, notice_version, least(consent.expires_at, renew_until) AS ends_at
FROM consent JOIN person USING (person_id) CROSS JOIN LATERAL (
    SELECT min(renew_until) AS renew_until FROM privacy_notice AS notice
    WHERE notice.purpose = consent.purpose AND notice.region = ANY (regions_above(person.region))
      AND notice.published_at > consent.given_at AND notice.notice_version <> consent.notice_version) AS newer
WHERE person.region >= $1 AND person.region < $2 AND ($3::uuid IS NULL OR person_id > $3)
  AND withdrawn_at IS NULL AND renewed_at IS NULL AND erased_at IS NULL
  AND (renew_until IS NOT NULL OR consent.expires_at < $4)
ORDER BY person_id FETCH FIRST ($5::int) ROWS WITH TIES) AS page
ORDER BY person_id, purpose
"""
SOON = timedelta(days=30)


async def lock_subjects(tx: Transaction, people: Collection[UUID]) -> dict[UUID, Subject]:
    """The persons, locked until commit: the events of each follow each other."""
    rows = await tx.fetch(LOCK_SUBJECTS, list(people))
    return {row["person_id"]: Subject(**dict(row) | {"age_band": AgeBand(row["age_band"])}) for row in rows}


async def lock_subject(tx: Transaction, person_id: UUID) -> Subject | None:
    return (await lock_subjects(tx, [person_id])).get(person_id)


async def set_versions(tx: Transaction, versions: Mapping[UUID, int]) -> None:
    await tx.execute(SET_VERSIONS, list(versions), list(versions.values()))


async def find_consent(tx: Transaction, person_id: UUID, purpose: ConsentPurpose) -> Consent | None:
    """The consent that stands, or None."""
    row = await tx.find(FIND_CONSENT, person_id, purpose)
    return consent_of(row) if row else None


async def find_standing(tx: Transaction, ids: Collection[UUID]) -> list[Consent]:
    """Those of the consents that stand, oldest first. To end them hold the lock of their persons before this reads."""
    return [consent_of(row) for row in await tx.fetch(FIND_STANDING, list(ids))]


async def add_consent(tx: Transaction, consent_id: UUID, given: RecordConsent) -> None:
    await tx.execute(
        ADD_CONSENT,
        consent_id,
        given.person_id,
        given.purpose,
        given.notice_version,
        given.given_by,
        tx.now,
        given.method,
        given.evidence,
        tx.actor.id,
        given.expires_at,
    )


async def end_consents(tx: Transaction, ids: Collection[UUID], why: str) -> None:
    await tx.execute(END_CONSENTS, list(ids), tx.now, why)


async def end_all(tx: Transaction, person_id: UUID, why: str) -> None:
    """Ends whatever stands of a locked person."""
    await tx.execute(END_ALL, person_id, tx.now, why)


async def renew_consent(tx: Transaction, consent_id: UUID) -> None:
    """Ends a consent whose place a newer one takes."""
    await tx.execute(RENEW_CONSENT, consent_id, tx.now)


async def page_of_standing(tx: Transaction, sweep: Sweep, most: int) -> Sequence[Record]:
    """The next consents that stand to the purpose of a notice, by person, and whether it has `outdated` them."""
    return await tx.fetch(
        PAGE_OF_STANDING,
        sweep.purpose,
        sweep.published_at,
        sweep.notice_version,
        *bounds(sweep.region),
        sweep.swept_until,
        most,
    )


async def list_to_renew(tx: Transaction, query: ListConsentsToRenew, now: datetime) -> list[ConsentToRenew]:
    rows = await tx.fetch(LIST_TO_RENEW, *bounds(query.region), query.after, now + SOON, query.limit)
    return [ConsentToRenew(**dict(row)) for row in rows]


def consent_of(row: Record) -> Consent:
    return Consent(**dict(row) | {"purpose": ConsentPurpose(row["purpose"])})
