"""All SQL about enrolments, who takes part, and the fairness log of the queue."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from contracts.activities.v1 import Enrol, EnrolmentStatus
from services.activities.enrolment.quotas import Quota, Quotas, Share
from services.activities.enrolment.rules import Enrolment, Placing, Seats, Step, StepKind
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
# One statement: each would cost a round trip with the sessions locked. unnest flattens arrays of arrays, so the people
# of a family come as the text of an array.
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
), left_over AS (
    UPDATE session SET seats_taken = now.taken, waiting = now.waiting
    FROM unnest($10::uuid[], $11::int[], $12::int[]) AS now (session_id, taken, waiting)
    WHERE session.session_id = now.session_id
)
INSERT INTO enrolment (enrolment_id, session_id, contact_id, people, seats, status, version, region)
SELECT id, session_id, contact_id, people::uuid[], seats, status, 1, region FROM new ORDER BY place
"""
REMOVE_PARTICIPANTS = """
DELETE FROM participant USING unnest($1::uuid[], $2::uuid[]) AS gone (session_id, person_id)
WHERE participant.session_id = gone.session_id AND participant.person_id = gone.person_id
"""
ADD_STEPS = """
INSERT INTO queue_step (session_id, enrolment_id, at, step, seats_wanted, seats_free, short_of, region)
SELECT session_id, enrolment_id, $7, step, wanted, free, short_of,
    (SELECT region FROM session WHERE session.session_id = new.session_id)
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::int[], $5::int[], $6::text[])
    AS new (session_id, enrolment_id, step, wanted, free, short_of)
"""
LIST_STEPS = """
SELECT at, enrolment_id, step, seats_wanted, seats_free, short_of FROM queue_step
WHERE session_id = $1 ORDER BY id DESC LIMIT $2
"""
# The offers that passed a family are those at the same moment as its skips.
LIST_STEPS_AROUND = """
SELECT at, enrolment_id, step, seats_wanted, seats_free, short_of FROM queue_step
WHERE session_id = $1 AND (enrolment_id = $3 OR (step = 'offered' AND at IN (
    SELECT at FROM queue_step WHERE session_id = $1 AND enrolment_id = $3 AND step = 'skipped')))
ORDER BY id DESC LIMIT $2
"""
# The session of an enrolment never changes: it can be read before its row is locked.
FIND_SESSIONS_OF = "SELECT DISTINCT session_id FROM enrolment WHERE enrolment_id = ANY ($1::uuid[])"
COLUMNS = """enrolment_id, session_id, contact_id, people, seats, status, ending, answer_by, version, household, minors,
    from_group, from_walk_in, reason, reconfirm_by"""
FIND_ENROLMENTS = f"""
SELECT {COLUMNS} FROM enrolment WHERE enrolment_id = ANY ($1::uuid[]) ORDER BY arrival
"""
LIST_WAITING = f"""
SELECT {COLUMNS}, arrival AS turn FROM enrolment
WHERE session_id = $1 AND status = 'waiting' AND arrival > $2 ORDER BY arrival LIMIT $3
"""
# Whoever came after a draw waits behind all who were in it.
TURN = "coalesce(turn, 4611686018427387904 + arrival)"
LIST_WAITING_BY_TURN = f"""
SELECT {COLUMNS}, {TURN} AS turn FROM enrolment
WHERE session_id = $1 AND status = 'waiting' AND {TURN} > $2 ORDER BY {TURN} LIMIT $3
"""
FIND_POSITION = f"""
SELECT 1 + count(*) FROM enrolment WHERE session_id = $1 AND status = 'waiting'
  AND {TURN} < (SELECT {TURN} FROM enrolment WHERE enrolment_id = $2)
"""
LIST_BY_STATUS = f"""
SELECT {COLUMNS} FROM enrolment WHERE session_id = $1 AND status = $2 ORDER BY arrival
"""
SET_SHARES = """
UPDATE enrolment SET household = of.household, minors = of.minors, from_group = of.groups, from_walk_in = of.walk_in
FROM unnest($1::uuid[], $2::text[], $3::int[], $4::int[], $5::int[]) AS of (id, household, minors, groups, walk_in)
WHERE enrolment_id = of.id
"""
SET_STATUS = "UPDATE enrolment SET status = $2, version = $3 WHERE enrolment_id = $1"
SET_PEOPLE = "UPDATE enrolment SET people = $2, seats = cardinality($2::uuid[]) WHERE enrolment_id = $1"
ADD_PARTICIPANTS = """
INSERT INTO participant (session_id, person_id, enrolment_id, region)
SELECT $1, person_id, $2, $3 FROM unnest($4::uuid[]) AS person_id
"""
FIND_HOLDERS = "SELECT DISTINCT enrolment_id FROM participant WHERE session_id = $1 AND person_id = ANY ($2::uuid[])"
SET_REASON = "UPDATE enrolment SET reason = $2 WHERE enrolment_id = $1"
SET_LATE = "UPDATE enrolment SET late = true WHERE enrolment_id = $1"
SET_RECONFIRM = "UPDATE enrolment SET reconfirm_by = $2, version = version + 1 WHERE enrolment_id = ANY ($1::uuid[])"
FIND_QUOTAS = "SELECT session_id, name, seats, taken FROM quota WHERE session_id = ANY ($1::uuid[]) ORDER BY name"
SET_QUOTAS = """
INSERT INTO quota (session_id, name, seats, taken, region)
SELECT now.*, (SELECT region FROM session WHERE session.session_id = now.session_id)
FROM unnest($1::uuid[], $2::text[], $3::int[], $4::int[]) AS now (session_id, name, seats, taken)
ON CONFLICT (session_id, name) DO UPDATE SET seats = EXCLUDED.seats, taken = EXCLUDED.taken
"""
CLEAR_QUOTAS = "DELETE FROM quota WHERE session_id = $1"
ANYBODY_ENROLLED = "SELECT EXISTS (SELECT FROM participant WHERE session_id = $1)"
COUNT_QUEUE_FACT = """
UPDATE session SET queue_version = queue_version + 1 WHERE session_id = $1 RETURNING queue_version
"""
SET_OFFERED = """
UPDATE enrolment SET status = 'offered', answer_by = $2, version = version + 1 WHERE enrolment_id = ANY ($1::uuid[])
"""
SET_CONFIRMED = "UPDATE enrolment SET status = 'confirmed', version = version + 1 WHERE enrolment_id = $1"
END_ENROLMENTS = """
UPDATE enrolment SET status = 'withdrawn', ending = $2, version = version + 1 WHERE enrolment_id = ANY ($1::uuid[])
"""
CANCEL_ENROLMENTS = """
UPDATE enrolment SET status = 'cancelled' WHERE session_id = $1 AND status NOT IN ('withdrawn', 'cancelled')
"""
EMPTY_QUOTAS = "UPDATE quota SET taken = 0 WHERE session_id = $1"
CLEAR_PARTICIPANTS = "DELETE FROM participant WHERE session_id = $1"
LIST_ROSTER = """
SELECT enrolment_id, contact_id, people, status FROM enrolment
WHERE session_id = $1 AND status NOT IN ('withdrawn', 'cancelled') ORDER BY arrival LIMIT $2
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


async def add_enrolments(tx: Transaction, placed: Sequence[tuple[Enrol, Placing]], seats: Mapping[UUID, Seats]) -> None:
    """Enrolments in order of arrival, the places of their people, the first step of each in the fairness log, and what
    is left of their sessions.
    """
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
    left = [(id, each.taken, each.waiting) for id, each in seats.items()]
    await tx.execute(ADD_ENROLMENTS, *map(list, zip(*rows, strict=True)), tx.now, *map(list, zip(*left, strict=True)))


async def add_steps(tx: Transaction, steps: Sequence[Step]) -> None:
    """Writes into the fairness log, in order."""
    if steps:
        rows = [
            (step.session_id, step.enrolment_id, step.kind.value, step.wanted, step.free, step.short_of)
            for step in steps
        ]
        await tx.execute(ADD_STEPS, *map(list, zip(*rows, strict=True)), tx.now)


async def list_steps(tx: Transaction, session_id: UUID, most: int, around: UUID | None = None) -> list[Record]:
    """The newest steps of a session, oldest first; `around` one enrolment its own, and the offers that passed it."""
    if around is None:
        return (await tx.fetch(LIST_STEPS, session_id, most))[::-1]
    return (await tx.fetch(LIST_STEPS_AROUND, session_id, most, around))[::-1]


async def find_sessions_of(tx: Transaction, enrolments: Collection[UUID]) -> list[UUID]:
    return [row["session_id"] for row in await tx.fetch(FIND_SESSIONS_OF, list(enrolments))]


async def find_enrolments(tx: Transaction, ids: Collection[UUID]) -> list[Enrolment]:
    """Enrolments by arrival. To change them hold the lock of their sessions before this reads."""
    return [enrolment_of(row) for row in await tx.fetch(FIND_ENROLMENTS, list(ids))]


async def list_waiting(
    tx: Transaction, session_id: UUID, after: int, most: int, drawn: bool = False
) -> tuple[list[Enrolment], int]:
    """The next waiting families in order of arrival, or of a draw, and the turn after which the queue goes on."""
    rows = await tx.fetch(LIST_WAITING_BY_TURN if drawn else LIST_WAITING, session_id, after, most)
    return [enrolment_of(row) for row in rows], rows[-1]["turn"] if rows else after


async def find_position(tx: Transaction, enrolment: Enrolment) -> int | None:
    """The place in the queue, from 1, of a family that waits."""
    if enrolment.status is not EnrolmentStatus.WAITING:
        return None
    return int(await tx.value(FIND_POSITION, enrolment.session_id, enrolment.enrolment_id))


async def list_by_status(tx: Transaction, session_id: UUID, status: EnrolmentStatus) -> list[Enrolment]:
    return [enrolment_of(row) for row in await tx.fetch(LIST_BY_STATUS, session_id, status.value)]


async def set_shares(tx: Transaction, shares: Sequence[tuple[UUID, Share]]) -> None:
    """Writes down of which quotas the seats of enrolments are."""
    if shares:
        rows = [(id, share.household, share.minors, share.from_group, share.from_walk_in) for id, share in shares]
        await tx.execute(SET_SHARES, *map(list, zip(*rows, strict=True)))


async def set_status(tx: Transaction, enrolment: Enrolment) -> None:
    """Status and version as they are in the enrolment."""
    await tx.execute(SET_STATUS, enrolment.enrolment_id, enrolment.status.value, enrolment.version)


async def set_people(tx: Transaction, enrolment: Enrolment, before: Sequence[UUID], region: str) -> None:
    """Other people than before; one who has a place by another enrolment meanwhile breaks `one_place_a_person`."""
    await tx.execute(REMOVE_PARTICIPANTS, [enrolment.session_id] * len(before), list(before))
    await tx.execute(SET_PEOPLE, enrolment.enrolment_id, list(enrolment.people))
    await tx.execute(ADD_PARTICIPANTS, enrolment.session_id, enrolment.enrolment_id, region, list(enrolment.people))


async def find_holders(tx: Transaction, session_id: UUID, people: Sequence[UUID]) -> list[UUID]:
    """The enrolments by which any of these people has or awaits a seat."""
    return [row["enrolment_id"] for row in await tx.fetch(FIND_HOLDERS, session_id, list(people))]


async def set_reason(tx: Transaction, enrolment_id: UUID, reason: str) -> None:
    await tx.execute(SET_REASON, enrolment_id, reason)


async def set_late(tx: Transaction, enrolment_id: UUID) -> None:
    await tx.execute(SET_LATE, enrolment_id)


async def set_reconfirm(tx: Transaction, ids: Collection[UUID], by: datetime | None) -> None:
    """Asks until a moment, or no more; each counts as a step of the enrolment."""
    await tx.execute(SET_RECONFIRM, list(ids), by)


async def find_quotas(tx: Transaction, session_ids: Collection[UUID]) -> dict[UUID, Quotas]:
    """The quotas of sessions, whose rows are locked by whoever means to change them."""
    found: dict[UUID, dict[str, Quota]] = {}
    for row in await tx.fetch(FIND_QUOTAS, list(session_ids)) if session_ids else ():
        found.setdefault(row["session_id"], {})[row["name"]] = Quota(row["seats"], row["taken"])
    return {session_id: Quotas(by_name) for session_id, by_name in found.items()}


async def set_quotas(tx: Transaction, quotas: Collection[tuple[UUID, Quotas]]) -> None:
    rows = [
        (session_id, name, quota.seats, quota.taken)
        for session_id, each in quotas
        for name, quota in sorted(each.by_name.items())
    ]
    if rows:
        await tx.execute(SET_QUOTAS, *map(list, zip(*rows, strict=True)))


async def clear_quotas(tx: Transaction, session_id: UUID) -> None:
    await tx.execute(CLEAR_QUOTAS, session_id)


async def anybody_enrolled(tx: Transaction, session_id: UUID) -> bool:
    """True when somebody has, is offered or awaits a seat."""
    return bool(await tx.value(ANYBODY_ENROLLED, session_id))


async def clear_places(tx: Transaction, ended: Sequence[Enrolment]) -> None:
    """The people of ended enrolments may enrol again."""
    places = [(each.session_id, person_id) for each in ended for person_id in each.people]
    if places:
        await tx.execute(REMOVE_PARTICIPANTS, *map(list, zip(*places, strict=True)))


async def count_queue_fact(tx: Transaction, session_id: UUID) -> int:
    """The version of the next fact about a session's queue."""
    return int(await tx.value(COUNT_QUEUE_FACT, session_id))


async def set_offered(tx: Transaction, ids: Collection[UUID], answer_by: datetime) -> None:
    await tx.execute(SET_OFFERED, list(ids), answer_by)


async def set_confirmed(tx: Transaction, enrolment_id: UUID) -> None:
    await tx.execute(SET_CONFIRMED, enrolment_id)


async def end_enrolments(tx: Transaction, ended: Sequence[Enrolment], how: StepKind) -> None:
    await tx.execute(END_ENROLMENTS, [each.enrolment_id for each in ended], how.value)
    await clear_places(tx, ended)


async def cancel_enrolments(tx: Transaction, session_id: UUID) -> None:
    """Ends all enrolments of a session that is called off; its own fact speaks for them."""
    await tx.execute(CANCEL_ENROLMENTS, session_id)
    await tx.execute(CLEAR_PARTICIPANTS, session_id)
    await tx.execute(EMPTY_QUOTAS, session_id)


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
        household=row["household"],
        minors=row["minors"],
        from_group=row["from_group"],
        from_walk_in=row["from_walk_in"],
        reason=row["reason"],
        reconfirm_by=row["reconfirm_by"],
    )
