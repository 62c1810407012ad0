"""All SQL about the rights of a person. Asked so seldom that it reads tables through, and needs no index."""

from collections.abc import Collection
from uuid import UUID

from asyncpg import Record

from services.chassis import Transaction

LIST_OPEN_OF = """
SELECT enrolment_id FROM enrolment
WHERE status NOT IN ('withdrawn', 'cancelled') AND (contact_id = ANY ($1::uuid[]) OR people && $1::uuid[])
ORDER BY enrolment_id
"""
ADD_ERASED = "INSERT INTO erased (person_id, at) SELECT unnest($1::uuid[]), $2 ON CONFLICT DO NOTHING"
LIST_ERASED = "SELECT person_id FROM erased WHERE person_id = ANY ($1::uuid[])"
SET_CONTACT = "UPDATE enrolment SET contact_id = $2, version = version + 1 WHERE enrolment_id = $1"
# What kind of household it is was told to be served, by whoever answers for all (PIPL 28: it may be her finances).
FORGET_HOUSEHOLDS = """
UPDATE enrolment SET household = NULL WHERE household IS NOT NULL AND contact_id = ANY ($1::uuid[])
"""
LIST_PICK_UPS = """
SELECT pick_up_id, child_id FROM pick_up
WHERE ended_at IS NULL
  AND (child_id = ANY ($1::uuid[]) OR person_id = ANY ($1::uuid[]) OR given_by = ANY ($1::uuid[]))
ORDER BY child_id, pick_up_id
"""
REVOKE_FEEDS = """
UPDATE calendar_feed SET revoked_at = $2
WHERE kind = 'person' AND topic_id = ANY ($1::uuid[]) AND revoked_at IS NULL
"""
FORGET_APPEALS = "DELETE FROM appeal WHERE person_id = ANY ($1::uuid[])"
FORGET_ABSENCES = "DELETE FROM absence WHERE person_id = ANY ($1::uuid[])"
FORGET_STANDINGS = "DELETE FROM standing WHERE person_id = ANY ($1::uuid[])"
FORGET_HEALTH_NOTES = "DELETE FROM health_note WHERE child_id = ANY ($1::uuid[]) OR given_by = ANY ($1::uuid[])"
FORGET_VISIT_NOTES = """
DELETE FROM visit_note USING visit WHERE visit.visit_id = visit_note.visit_id AND contact_id = ANY ($1::uuid[])
"""
LIST_HELD = """
SELECT 'person' AS kind, person_id AS record_id, NULL::timestamptz AS at,
    jsonb_build_object('age_band', age_band, 'guardian_id', guardian_id, 'consented', consented,
        'region', region, 'restricted', restricted) AS facts
FROM person WHERE person_id = $1
UNION ALL
SELECT 'enrolment', enrolment_id, starts_at,
    jsonb_build_object('session_id', session_id, 'title', title, 'contact_id', contact_id, 'people', people,
        'status', enrolment.status, 'ending', ending, 'household', household, 'reason', reason, 'late', late)
FROM enrolment JOIN session USING (session_id) WHERE contact_id = $1 OR people @> ARRAY[$1::uuid]
UNION ALL
SELECT 'attendance', attendance_id, checked_in_at,
    jsonb_build_object('session_id', session_id, 'checked_out_at', checked_out_at, 'reverted_at', reverted_at)
FROM attendance WHERE person_id = $1
UNION ALL
SELECT 'health_note', note_id, given_at, jsonb_build_object('site_id', site_id, 'until', until, 'text', text,
        'sealed', encode(sealed, 'base64'))
FROM health_note WHERE child_id = $1
UNION ALL
SELECT 'pick_up', pick_up_id, given_at,
    jsonb_build_object('child_id', child_id, 'person_id', person_id, 'site_id', site_id, 'until', until,
        'ended_at', ended_at)
FROM pick_up WHERE child_id = $1 OR person_id = $1
UNION ALL
SELECT 'hand_over', hand_over_id, occurred_at,
    jsonb_build_object('child_id', child_id, 'received_by', received_by, 'session_id', session_id)
FROM hand_over WHERE child_id = $1 OR received_by = $1
UNION ALL
SELECT 'course_pass', pass_id, issued_at,
    jsonb_build_object('site_id', site_id, 'course_id', course_id, 'visits', visits, 'used', used,
        'valid_until', valid_until, 'price_cents', price_cents, 'ended_at', ended_at)
FROM course_pass WHERE person_id = $1
UNION ALL
SELECT 'visit', visit_id, visited_at,
    jsonb_build_object('unit_id', unit_id, 'contact_id', contact_id, 'outcome', outcome, 'people_met', people_met,
        'findings', findings, 'note', (SELECT text FROM visit_note WHERE visit_note.visit_id = visit.visit_id),
        'sealed', (SELECT encode(sealed, 'base64') FROM visit_note WHERE visit_note.visit_id = visit.visit_id))
FROM visit WHERE contact_id = $1
UNION ALL
SELECT 'absence', enrolment_id, absence.at,
    jsonb_build_object('session_id', session_id, 'unit_id', unit_id, 'lapses_at', lapses_at, 'counted_at', counted_at,
        'cleared_at', cleared_at)
FROM absence WHERE person_id = $1
UNION ALL
SELECT 'standing', standing_id, suspended_until, jsonb_build_object('unit_id', unit_id)
FROM standing WHERE person_id = $1
UNION ALL
SELECT 'appeal', appeal_id, asked_at, jsonb_build_object('reason', reason, 'status', status, 'decided_at', decided_at)
FROM appeal WHERE person_id = $1
UNION ALL
SELECT 'lecture', session_id, NULL, jsonb_build_object('topic', topic) FROM lecture WHERE speaker_id = $1
UNION ALL
SELECT 'calendar_feed', feed_id, created_at, jsonb_build_object('kind', kind, 'revoked_at', revoked_at)
FROM calendar_feed WHERE kind = 'person' AND topic_id = $1
UNION ALL
SELECT 'excuse', absence_id, excuse.at, jsonb_build_object('session_id', session_id, 'excused', excused)
FROM excuse WHERE person_id = $1
UNION ALL
SELECT 'certificate_request', attendance_certificate_id, NULL,
    jsonb_build_object('since', since, 'until', until, 'sessions', sessions)
FROM certificate_request WHERE person_id = $1
UNION ALL
SELECT 'survey_answered', feedback_id, NULL, jsonb_build_object('session_id', session_id)
FROM survey_answered WHERE person_id = $1
UNION ALL
SELECT 'withdrawal', withdrawal_id, withdrawal.at, jsonb_build_object('purpose', purpose)
FROM withdrawal WHERE person_id = $1
UNION ALL
SELECT 'scan', attendance_id, occurred_at, jsonb_build_object('mark', mark, 'method', method, 'session_id', session_id)
FROM scan WHERE person_id = $1
ORDER BY at DESC NULLS FIRST, kind, record_id LIMIT $2
"""


async def list_open_of(tx: Transaction, people: Collection[UUID]) -> list[UUID]:
    """Enrolments that did not end, of whoever answers for them or is part of them."""
    return [row["enrolment_id"] for row in await tx.fetch(LIST_OPEN_OF, list(people))]


async def forget_health_notes(tx: Transaction, people: Collection[UUID]) -> None:
    await tx.execute(FORGET_HEALTH_NOTES, list(people))


async def add_erased(tx: Transaction, people: Collection[UUID]) -> None:
    await tx.execute(ADD_ERASED, list(people), tx.now)


async def list_erased(tx: Transaction, people: Collection[UUID]) -> set[UUID]:
    """Those of the people who were erased."""
    return {row["person_id"] for row in await tx.fetch(LIST_ERASED, list(people))}


async def set_contact(tx: Transaction, enrolment_id: UUID, contact_id: UUID) -> None:
    """Somebody else answers for the enrolment from now on; its session is locked."""
    await tx.execute(SET_CONTACT, enrolment_id, contact_id)


async def forget_households(tx: Transaction, people: Collection[UUID]) -> None:
    await tx.execute(FORGET_HOUSEHOLDS, list(people))


async def list_pick_ups(tx: Transaction, people: Collection[UUID]) -> list[tuple[UUID, UUID]]:
    """Who may fetch whom, where one of the people is in it: pick-up and child, in the order of children's locks."""
    return [tuple(row) for row in await tx.fetch(LIST_PICK_UPS, list(people))]


async def revoke_feeds(tx: Transaction, people: Collection[UUID]) -> None:
    """Nobody reads their private calendars any more, whoever has the address."""
    await tx.execute(REVOKE_FEEDS, list(people), tx.now)


async def forget_standing(tx: Transaction, people: Collection[UUID]) -> None:
    """Absences, suspensions and appeals served a decision on people who enrol no more."""
    for statement in (FORGET_APPEALS, FORGET_ABSENCES, FORGET_STANDINGS):
        await tx.execute(statement, list(people))


async def forget_visit_notes(tx: Transaction, people: Collection[UUID]) -> None:
    await tx.execute(FORGET_VISIT_NOTES, list(people))


async def list_held(tx: Transaction, person_id: UUID, most: int) -> list[Record]:
    """What is held of a person: kind, record_id, at, facts (JSON), the newest first."""
    return await tx.fetch(LIST_HELD, person_id, most)
