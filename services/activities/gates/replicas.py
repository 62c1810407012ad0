"""What activities remembers of who is on duty: volunteers' shifts and clearances, registry's keepers of sites."""

from collections.abc import Sequence
from typing import Any

from contracts.envelope import CloudEvent
from contracts.registry.v1 import AppointmentEnded, PersonAppointed, PostKind
from contracts.volunteers.v1 import (
    ClearanceExpired,
    ClearanceRecorded,
    ClearanceWithdrawn,
    ShiftOpened,
    ShiftReleased,
    ShiftTaken,
    VolunteerRegistered,
    VolunteerWithdrawn,
)
from services.activities import activities
from services.activities.gates import store
from services.activities.gates.looking import look
from services.chassis import Transaction

Events = Sequence[CloudEvent[Any]]

ADD_VOLUNTEERS = """
INSERT INTO volunteer (volunteer_id, person_id, team_id, region)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[]) ON CONFLICT DO NOTHING
"""
DROP_VOLUNTEERS = "DELETE FROM volunteer WHERE volunteer_id = ANY ($1::uuid[])"
ADD_SHIFTS = """
INSERT INTO shift (shift_id, team_id, session_id, starts_at, ends_at, region)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::timestamptz[], $5::timestamptz[], $6::text[])
ON CONFLICT DO NOTHING
"""
ADD_DUTIES = """
INSERT INTO duty (assignment_id, shift_id, volunteer_id, person_id, region)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[]) ON CONFLICT DO NOTHING
"""
RELEASE_DUTIES = "UPDATE duty SET released = true WHERE assignment_id = ANY ($1::uuid[])"
ADD_CLEARANCES = """
INSERT INTO clearance (clearance_id, volunteer_id, person_id, kind, valid_until, region)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::date[], $6::text[]) ON CONFLICT DO NOTHING
"""
END_CLEARANCES = "UPDATE clearance SET ended = true WHERE clearance_id = ANY ($1::uuid[])"
ADD_KEEPERS = """
INSERT INTO keeper (appointment_id, person_id, unit_id, since, region)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::date[], $5::text[]) ON CONFLICT DO NOTHING
"""
END_KEEPERS = """
UPDATE keeper SET until = ended.until FROM unnest($1::uuid[], $2::date[]) AS ended (appointment_id, until)
WHERE keeper.appointment_id = ended.appointment_id
"""


async def look_again(events: Events, tx: Transaction) -> None:
    """Whatever changes who is on duty, or who is cleared, has the gates concerned looked at."""
    facts = [event.data for event in events]
    shifts = {fact.shift_id for fact in facts if isinstance(fact, ShiftOpened | ShiftTaken | ShiftReleased)}
    people = {
        fact.person_id for fact in facts if isinstance(fact, ClearanceRecorded | ClearanceExpired | ClearanceWithdrawn)
    }
    sessions = await store.sessions_of_shifts(tx, shifts) if shifts else set()
    if people:
        sessions |= await store.sessions_of_people(tx, people)
    if sessions:
        await look(tx, sessions)


@activities.remembers(
    VolunteerRegistered,
    VolunteerWithdrawn,
    ShiftOpened,
    ShiftTaken,
    ShiftReleased,
    ClearanceRecorded,
    ClearanceExpired,
    ClearanceWithdrawn,
    durable="activities-volunteers",
    tables=("volunteer", "shift", "duty", "clearance"),
    then=look_again,
)
async def remember_volunteers(events: Events, tx: Transaction) -> None:
    """Volunteers by team, shifts of sessions, who took them, and until when who is cleared."""
    joined = [e for e in events if isinstance(e.data, VolunteerRegistered)]
    opened = [e for e in events if isinstance(e.data, ShiftOpened)]
    taken = [e for e in events if isinstance(e.data, ShiftTaken)]
    cleared = [e for e in events if isinstance(e.data, ClearanceRecorded)]
    await _add(tx, ADD_VOLUNTEERS, [(e.data.volunteer_id, e.data.person_id, e.data.team_id, e.region) for e in joined])
    await _end(tx, DROP_VOLUNTEERS, [e.data.volunteer_id for e in events if isinstance(e.data, VolunteerWithdrawn)])
    await _add(tx, ADD_SHIFTS, [_shift(e.data, e.region) for e in opened])
    await _add(tx, ADD_DUTIES, [_duty(e.data, e.region) for e in taken])
    await _end(tx, RELEASE_DUTIES, [e.data.assignment_id for e in events if isinstance(e.data, ShiftReleased)])
    await _add(tx, ADD_CLEARANCES, [_clearance(e.data, e.region) for e in cleared])
    ended = [e.data.clearance_id for e in events if isinstance(e.data, ClearanceExpired | ClearanceWithdrawn)]
    await _end(tx, END_CLEARANCES, ended)


@activities.remembers(PersonAppointed, AppointmentEnded, durable="activities-keepers", tables=("keeper",))
async def remember_keepers(events: Events, tx: Transaction) -> None:
    """Who keeps the sites of which unit, from when until when."""
    appointed = [e for e in events if isinstance(e.data, PersonAppointed) and e.data.post is PostKind.SITE_KEEPER]
    ends = [e.data for e in events if isinstance(e.data, AppointmentEnded) and e.data.post is PostKind.SITE_KEEPER]
    await _add(tx, ADD_KEEPERS, [_keeper(e.data, e.region) for e in appointed])
    last_days = {each.appointment_id: each.until for each in ends}  # told twice, the later word counts
    await _add(tx, END_KEEPERS, list(last_days.items()))


def _shift(fact: ShiftOpened, region: str) -> tuple[Any, ...]:
    return fact.shift_id, fact.team_id, fact.session_id, fact.starts_at, fact.ends_at, region


def _duty(fact: ShiftTaken, region: str) -> tuple[Any, ...]:
    return fact.assignment_id, fact.shift_id, fact.volunteer_id, fact.person_id, region


def _clearance(fact: ClearanceRecorded, region: str) -> tuple[Any, ...]:
    return fact.clearance_id, fact.volunteer_id, fact.person_id, fact.kind.value, fact.valid_until, region


def _keeper(fact: PersonAppointed, region: str) -> tuple[Any, ...]:
    return fact.appointment_id, fact.person_id, fact.unit_id, fact.since, region


async def _add(tx: Transaction, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        await tx.execute(statement, *map(list, zip(*rows, strict=True)))


async def _end(tx: Transaction, statement: str, ids: Sequence[Any]) -> None:
    if ids:
        await tx.execute(statement, list(ids))
