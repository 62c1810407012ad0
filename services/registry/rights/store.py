"""All SQL about corrections, restrictions and erasures."""

from collections.abc import Mapping
from uuid import UUID

from asyncpg import Record

from contracts.data import AgeBand
from contracts.registry.v1 import CorrectPerson
from services.chassis import Transaction
from services.chassis.clock import day_of
from services.registry.rights.rules import Subject

# Whoever begins something for her shares this row first: what is counted below cannot change before the commit.
LOCK_SUBJECT = """
SELECT person_id, region, age_band, guardian_id, restricted_for, version FROM person
WHERE person_id = $1 AND erased_at IS NULL FOR UPDATE
"""
COUNT_WARDS = "SELECT count(*) FROM person WHERE guardian_id = $1 AND age_band <> ALL ($2::text[])"
IS_IN_OFFICE = """
SELECT EXISTS (SELECT FROM appointment WHERE person_id = $1 AND (until IS NULL OR until >= $2))
    OR EXISTS (SELECT FROM delegation JOIN appointment USING (appointment_id)
        WHERE delegation.person_id = $1 AND ended_at IS NULL AND delegation.until >= $2
          AND (appointment.until IS NULL OR appointment.until >= greatest(delegation.since, $2)))
"""
FIND_VALUES = "SELECT person_id, sealed, name, email, language FROM person WHERE person_id = $1 AND erased_at IS NULL"
CORRECT = """
UPDATE person SET sealed = $2, name = NULL, email = NULL, language = coalesce($3, language), age_band = $4,
    guardian_id = $5, version = $6
WHERE person_id = $1
"""
RESTRICT = "UPDATE person SET restricted_at = $2, restricted_for = $3, version = $4 WHERE person_id = $1"
ERASE = """
UPDATE person SET sealed = NULL, name = NULL, email = NULL, language = 'zh', guardian_id = NULL,
    restricted_at = NULL, restricted_for = NULL, erased_at = $2, erased_for = $3, version = $4
WHERE person_id = $1
"""
FORGET_WORDS = """
UPDATE record_access SET reason_text = '-', review_note = CASE WHEN review_note IS NOT NULL THEN '-' END,
    reason_sealed = NULL, note_sealed = NULL
WHERE person_id = $1
"""
LIST_ERASED = "SELECT person_id FROM person WHERE erased_at IS NOT NULL ORDER BY person_id"
FIND_PERSON = """
SELECT person_id, region, age_band, guardian_id, language, restricted_at, restricted_for, sealed, name, email
FROM person WHERE person_id = $1 AND erased_at IS NULL
"""
LIST_RECORDS = """
SELECT 'consent' AS kind, consent_id AS record_id, given_at AS at,
    jsonb_build_object('purpose', purpose, 'notice_version', notice_version, 'given_by', given_by,
        'withdrawn_at', withdrawn_at, 'renewed_at', renewed_at) AS facts
FROM consent WHERE person_id = $1
UNION ALL
SELECT 'appointment', appointment_id, NULL,
    jsonb_build_object('unit_id', unit_id, 'post', post, 'since', since, 'until', until)
FROM appointment WHERE person_id = $1
UNION ALL
SELECT 'delegation', delegation_id, NULL,
    jsonb_build_object('appointment_id', appointment_id, 'since', since, 'until', until, 'ended_at', ended_at)
FROM delegation WHERE person_id = $1
UNION ALL
SELECT 'account', account_id, NULL,
    jsonb_build_object('closed_at', closed_at, 'failures', failures, 'locked_until', locked_until,
        'logins', (SELECT count(*) FROM login WHERE login.account_id = account.account_id))
FROM account WHERE person_id = $1
UNION ALL
SELECT 'record_access', record_access_id, asked_at,
    jsonb_build_object('reason', reason, 'reason_text', reason_text, 'review_note', review_note, 'status', status,
        'reason_sealed', encode(reason_sealed, 'base64'), 'note_sealed', encode(note_sealed, 'base64'),
        'requester_id', requester_id, 'decided_by', decided_by, 'expires_at', expires_at)
FROM record_access WHERE person_id = $1
UNION ALL
SELECT 'person_request', person_request_id, NULL,
    jsonb_build_object('kind', kind, 'asked_by', asked_by, 'received_on', received_on, 'due_on', due_on,
        'status', status, 'answered_at', answered_at, 'reason', reason)
FROM person_request WHERE person_id = $1
UNION ALL
SELECT 'ward', person_id, NULL, jsonb_build_object('age_band', age_band) FROM person WHERE guardian_id = $1
ORDER BY kind, record_id LIMIT $2
"""
ADULTS = [band.value for band in AgeBand if not band.is_minor]


async def lock_subject(tx: Transaction, person_id: UUID) -> Subject | None:
    """The person, locked until commit, and then what leans on her: her wards and posts, wherever they are."""
    row = await tx.find(LOCK_SUBJECT, person_id)
    if row is None:
        return None
    async with tx.everywhere():  # a ward may live elsewhere, and a post be held there
        wards = await tx.value(COUNT_WARDS, person_id, ADULTS)
        in_office = await tx.value(IS_IN_OFFICE, person_id, day_of(tx.now))
    known = dict(row) | {"age_band": AgeBand(row["age_band"])}
    return Subject(**known, wards=wards, in_office=in_office)


async def find_values(tx: Transaction, person_id: UUID) -> Record | None:
    """What is sealed of her: person_id, sealed, name, email, language."""
    return await tx.find(FIND_VALUES, person_id)


async def correct(tx: Transaction, command: CorrectPerson, subject: Subject, sealed: bytes) -> None:
    """`subject` is the person as she is from now on."""
    await tx.execute(
        CORRECT,
        *(subject.person_id, sealed, command.language, subject.age_band, subject.guardian_id, subject.version),
    )


async def restrict(tx: Transaction, subject: Subject) -> None:
    """Sets or lifts the restriction of the person as she is from now on."""
    since = tx.now if subject.restricted_for is not None else None
    await tx.execute(RESTRICT, subject.person_id, since, subject.restricted_for, subject.version)


async def erase(tx: Transaction, person_id: UUID, ground: str, version: int) -> None:
    """Leaves the id, her region and her age band, and when and why it was done; free text about her goes too."""
    await tx.execute(ERASE, person_id, tx.now, ground, version)
    await tx.execute(FORGET_WORDS, person_id)


async def list_erased(tx: Transaction) -> list[UUID]:
    return [row["person_id"] for row in await tx.fetch(LIST_ERASED)]


async def find_person(tx: Transaction, person_id: UUID) -> Record | None:
    """All of a person's own row."""
    return await tx.find(FIND_PERSON, person_id)


async def list_records(tx: Transaction, person_id: UUID, most: int) -> list[Mapping[str, object]]:
    """Her other records: kind, record_id, at, facts (JSON)."""
    return [dict(row) for row in await tx.fetch(LIST_RECORDS, person_id, most)]
