"""All SQL about the rights of a person. Asked so seldom that it reads tables through, and needs no index."""

from collections.abc import Collection
from uuid import UUID

from asyncpg import Record

from services.chassis import Transaction

STORE_ONLY = """
UPDATE volunteer SET skills = '{}', stored_only_at = $2 WHERE person_id = ANY ($1::uuid[]) AND stored_only_at IS NULL
"""
LIST_HELD = """
SELECT 'person' AS kind, person_id AS record_id, NULL::timestamptz AS at,
    jsonb_build_object('age_band', age_band, 'agreed_to_volunteering', agreed_to_volunteering,
        'restricted', restricted) AS facts
FROM person WHERE person_id = $1
UNION ALL
SELECT 'volunteer', volunteer_id, registered_at,
    jsonb_build_object('team_id', team_id, 'volunteer_no', volunteer_no, 'skills', skills,
        'withdrawn_at', withdrawn_at)
FROM volunteer WHERE person_id = $1
UNION ALL
SELECT 'assignment', assignment_id, starts_at, jsonb_build_object('shift_id', shift_id, 'active', active)
FROM assignment WHERE person_id = $1
UNION ALL
SELECT 'stint', stint_id, checked_in_at,
    jsonb_build_object('shift_id', shift_id, 'status', status, 'grade', grade, 'checked_out_at', checked_out_at,
        'minutes', minutes, 'rejected_for', rejected_for)
FROM stint WHERE person_id = $1
UNION ALL
SELECT 'hours', entry_id, decided_at,
    jsonb_build_object('service_date', service_date, 'minutes', minutes, 'grade', grade, 'reverses', reverses)
FROM hours_entry WHERE person_id = $1
UNION ALL
SELECT 'certificate', certificate_id, issued_at,
    jsonb_build_object('certificate_no', certificate_no, 'since', since, 'until', until, 'minutes', certificate.minutes,
        'contents', contents, 'revoked_at', revoked_at)
FROM certificate JOIN volunteer USING (volunteer_id) WHERE person_id = $1
UNION ALL
SELECT 'clearance', clearance_id, recorded_at,
    jsonb_build_object('kind', kind, 'checked_on', checked_on, 'valid_until', valid_until, 'ended_at', ended_at)
FROM clearance JOIN volunteer USING (volunteer_id) WHERE person_id = $1
UNION ALL
SELECT 'withdrawal', withdrawal_id, at, jsonb_build_object('assignments', assignments, 'memberships', memberships)
FROM withdrawal WHERE person_id = $1
ORDER BY at DESC NULLS FIRST, kind, record_id LIMIT $2
"""


async def store_only(tx: Transaction, people: Collection[UUID]) -> None:
    """Their memberships are kept for the record and serve no more."""
    await tx.execute(STORE_ONLY, list(people), tx.now)


async def list_held(tx: Transaction, person_id: UUID, most: int) -> list[Record]:
    """What is held of a person: kind, record_id, at, facts (JSON), the newest first."""
    return await tx.fetch(LIST_HELD, person_id, most)
