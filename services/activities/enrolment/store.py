"""All SQL about enrolments, who takes part, and the fairness log of the queue."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from contracts.activities.v1 import Enrol, EnrolmentStatus, QueueStep
from services.activities.enrolment.rules import Enrolment, Placing, Step, StepKind
from services.chassis import Transaction

# LIMIT in a LATERAL is one index probe a place; a plain join reads the whole table until it has statistics.
FIND_TAKEN = """
SELECT NULL AS session_id, NULL AS person_id, enrolment_id FROM enrolment WHERE enrolment_id = ANY ($1::uuid[])
UNION ALL
SELECT asked.session_id, asked.person_id, held.enrolment_id
FROM unnest($2::uuid[], $3::uuid[]) AS asked (session_id, person_id) CROSS JOIN LATERAL (
    SELECT enrolment_id FROM participant
    WHERE session_id = asked.session_id AND person_id = asked.person_id LIMIT 1) AS held
"""
# unnest flattens arrays of arrays, so the people of a family come as the text of an array.
ADD_ENROLMENTS = """
WITH new AS MATERIALIZED (
    SELECT *, (SELECT region FROM session WHERE session.session_id = new.session_id) AS region
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::int[], $6::text[], $7::text[], $8::int[])
    WITH ORDINALITY AS new (id, session_id, contact_id, people, seats, status, step, free, place)
), places AS (
    INSERT INTO participant (session_id, person_id, enrolment_id, region)
    SELECT session_id, unnest(people::uuid[]), id, region FROM new
), steps AS (
    INSERT INTO queue_step (session_id, enrolment_id, at, step, seats_wanted, seats_free, region)
    SELECT session_id, id, $9, step, seats, free, region FROM new ORDER BY place
)
INSERT INTO enrolment (enrolment_id, session_id, contact_id, people, seats, status, version, region)
SELECT id, session_id, contact_id, people::uuid[], seats, status, 1, region FROM new ORDER BY place
"""
REMOVE_PARTICIPANTS = """
DELETE FROM participant USING unnest($1::uuid[], $2::uuid[]) AS gone (session_id, person_id)
WHERE participant.session_id = gone.session_id AND participant.person_id = gone.person_id
"""
ADD_STEPS = """
INSERT INTO queue_step (session_id, enrolment_id, at, step, seats_wanted, seats_free, region)
SELECT session_id, enrolment_id, $6, step, wanted, free,
    (SELECT region FROM session WHERE session.session_id = new.session_id)
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::int[], $5::int[])
    AS new (session_id, enrolment_id, step, wanted, free)
"""
LIST_STEPS = """
SELECT at, enrolment_id, step, seats_wanted, seats_free FROM queue_step WHERE session_id = $1 ORDER BY id DESC LIMIT $2
"""
# The session of an enrolment never changes: it can be read before its row is locked.
FIND_SESSIONS_OF = "SELECT DISTINCT session_id FROM enrolment WHERE enrolment_id = ANY ($1::uuid[])"
FIND_ENROLMENTS = """
SELECT enrolment_id, session_id, contact_id, people, seats, status, ending, answer_by, version
FROM enrolment WHERE enrolment_id = ANY ($1::uuid[]) ORDER BY arrival
"""
LIST_WAITING = """
SELECT enrolment_id, session_id, contact_id, people, seats, status, ending, answer_by, version, arrival
FROM enrolment WHERE session_id = $1 AND status = 'waiting' AND arrival > $2 ORDER BY arrival LIMIT $3
"""
SET_OFFERED = """
UPDATE enrolment SET status = 'offered', answer_by = $2, version = version + 1 WHERE enrolment_id = ANY ($1::uuid[])
"""
SET_CONFIRMED = "UPDATE enrolment SET status = 'confirmed', version = version + 1 WHERE enrolment_id = $1"
END_ENROLMENTS = """
UPDATE enrolment SET status = 'withdrawn', ending = $2, version = version + 1 WHERE enrolment_id = ANY ($1::uuid[])
"""
CANCEL_ENROLMENTS = """
UPDATE enrolment SET status = 'cancelled'
WHERE session_id = $1 AND status IN ('confirmed', 'waiting', 'offered')
"""
CLEAR_PARTICIPANTS = "DELETE FROM participant WHERE session_id = $1"
LIST_ROSTER = """
SELECT enrolment_id, contact_id, people, status FROM enrolment
WHERE session_id = $1 AND status IN ('confirmed', 'waiting', 'offered') ORDER BY arrival LIMIT $2
"""


async def find_taken(tx: Transaction, requests: Sequence[Enrol]) -> tuple[set[UUID], dict[tuple[UUID, UUID], UUID]]:
    """Which ids of the requests are used, and by (session, person) the enrolment that holds or awaits her seat."""
    places = {(request.session_id, person_id) for request in requests for person_id in request.people}
    rows = await tx.fetch(
        FIND_TAKEN,
        [request.enrolment_id for request in requests],
        [session for session, _ in places],
        [person for _, person in places],
    )
    used = {row["enrolment_id"] for row in rows if row["person_id"] is None}
    return used, {(row["session_id"], row["person_id"]): row["enrolment_id"] for row in rows if row["person_id"]}


async def add_enrolments(tx: Transaction, placed: Sequence[tuple[Enrol, Placing]]) -> None:
    """Enrolments in order of arrival, the places of their people, and the first step of each in the fairness log."""
    rows = [
        (
            request.enrolment_id,
            request.session_id,
            request.contact_id,
            f"{{{','.join([person.hex for person in request.people])}}}",
            len(request.people),
            placing.status.value,
            placing.step.value,
            placing.free,
        )
        for request, placing in placed
    ]
    await tx.execute(ADD_ENROLMENTS, *map(list, zip(*rows, strict=True)), tx.now)


async def add_steps(tx: Transaction, steps: Sequence[Step]) -> None:
    """Writes into the fairness log, in order."""
    if steps:
        rows = [(step.session_id, step.enrolment_id, step.kind.value, step.wanted, step.free) for step in steps]
        await tx.execute(ADD_STEPS, *map(list, zip(*rows, strict=True)), tx.now)


async def list_steps(tx: Transaction, session_id: UUID, most: int) -> list[QueueStep]:
    """The newest steps of a session, oldest first."""
    return [QueueStep(**dict(row)) for row in reversed(await tx.fetch(LIST_STEPS, session_id, most))]


async def find_sessions_of(tx: Transaction, enrolments: Collection[UUID]) -> list[UUID]:
    return [row["session_id"] for row in await tx.fetch(FIND_SESSIONS_OF, list(enrolments))]


async def find_enrolments(tx: Transaction, ids: Collection[UUID]) -> list[Enrolment]:
    """Enrolments by arrival. To change them hold the lock of their sessions before this reads."""
    return [enrolment_of(row) for row in await tx.fetch(FIND_ENROLMENTS, list(ids))]


async def list_waiting(tx: Transaction, session_id: UUID, after: int, most: int) -> tuple[list[Enrolment], int]:
    """The next waiting families in order of arrival, and the arrival after which the queue goes on."""
    rows = await tx.fetch(LIST_WAITING, session_id, after, most)
    return [enrolment_of(row) for row in rows], rows[-1]["arrival"] if rows else after


async def set_offered(tx: Transaction, ids: Collection[UUID], answer_by: datetime) -> None:
    await tx.execute(SET_OFFERED, list(ids), answer_by)


async def set_confirmed(tx: Transaction, enrolment_id: UUID) -> None:
    await tx.execute(SET_CONFIRMED, enrolment_id)


async def end_enrolments(tx: Transaction, ended: Sequence[Enrolment], how: StepKind) -> None:
    await tx.execute(END_ENROLMENTS, [each.enrolment_id for each in ended], how.value)
    places = [(each.session_id, person_id) for each in ended for person_id in each.people]
    await tx.execute(REMOVE_PARTICIPANTS, *map(list, zip(*places, strict=True)))


async def cancel_enrolments(tx: Transaction, session_id: UUID) -> None:
    """Ends all enrolments of a session that is called off; its own fact speaks for them."""
    await tx.execute(CANCEL_ENROLMENTS, session_id)
    await tx.execute(CLEAR_PARTICIPANTS, session_id)


async def list_roster(tx: Transaction, session_id: UUID, most: int) -> list[Record]:
    """Active enrolments by arrival: enrolment_id, contact_id, people, status."""
    return await tx.fetch(LIST_ROSTER, session_id, most)


def enrolment_of(row: Record) -> Enrolment:
    return Enrolment(
        enrolment_id=row["enrolment_id"],
        session_id=row["session_id"],
        contact_id=row["contact_id"],
        people=tuple(row["people"]),
        seats=row["seats"],
        status=EnrolmentStatus(row["status"]),
        ending=row["ending"],
        answer_by=row["answer_by"],
        version=row["version"],
    )
