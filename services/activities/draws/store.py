"""All SQL about draws."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from contracts.activities.v1 import AllocationMode
from services.activities.draws.rules import Draw, Entry
from services.chassis import Transaction

ADD_DRAW = """
INSERT INTO draw (session_id, seed, commitment, closes_at, allocation, region) VALUES ($1, $2, $3, $4, $5, $6)
"""
SET_COMMITMENT = "UPDATE session SET commitment = $2 WHERE session_id = $1"
FIND_COMMITMENT = "SELECT commitment FROM session WHERE session_id = $1"
FIND_DRAW = "SELECT session_id, seed, commitment, closes_at, allocation, held_at FROM draw WHERE session_id = $1"
ADD_ENTRIES = """
INSERT INTO draw_entry (session_id, enrolment_id, rank, lot, region)
SELECT $1, enrolment_id, rank, lot, $5 FROM unnest($2::uuid[], $3::int[], $4::text[]) AS new (enrolment_id, rank, lot)
"""
# In the order in which seats were given, by the log of that moment.
LIST_ENTRIES = """
SELECT entry.enrolment_id, rank, lot, seats_wanted AS seats, seats_free, step AS outcome
FROM draw_entry AS entry JOIN draw USING (session_id) LEFT JOIN queue_step AS log
    ON log.session_id = entry.session_id AND log.enrolment_id = entry.enrolment_id AND log.at = draw.held_at
    AND step IN ('placed', 'queued', 'not-drawn')
WHERE entry.session_id = $1 ORDER BY log.id, rank, lot
"""
SET_HELD = "UPDATE draw SET held_at = $2 WHERE session_id = $1"
SET_DRAWN = "UPDATE session SET drawn_at = $2 WHERE session_id = $1"
SET_DRAWN_STATUS = """
UPDATE enrolment SET status = drawn.status, turn = drawn.turn, ending = drawn.ending, version = enrolment.version + 1
FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[]) AS drawn (id, status, turn, ending)
WHERE enrolment_id = drawn.id
"""


async def add_draw(tx: Transaction, draw: Draw, region: str) -> None:
    values = (draw.seed, draw.commitment, draw.closes_at, draw.allocation.value, region)
    await tx.execute(ADD_DRAW, draw.session_id, *values)
    await tx.execute(SET_COMMITMENT, draw.session_id, draw.commitment)


async def find_commitment(tx: Transaction, session_id: UUID) -> str | None:
    """What is published of a session's draw."""
    commitment: str | None = await tx.value(FIND_COMMITMENT, session_id)
    return commitment


async def find_draw(tx: Transaction, session_id: UUID) -> Draw | None:
    """A draw with its seed: not to be shown before it is held."""
    row = await tx.find(FIND_DRAW, session_id)
    return Draw(**{**dict(row), "allocation": AllocationMode(row["allocation"])}) if row else None


async def list_entries(tx: Transaction, session_id: UUID) -> list[Entry]:
    """A draw that was held, in the order in which it gave its seats."""
    return [Entry(**dict(row)) for row in await tx.fetch(LIST_ENTRIES, session_id)]


async def read_record(tx: Transaction, session_id: UUID) -> tuple[Draw, list[Entry]] | None:
    """The same for whoever asks: a draw that was held is everybody's business."""
    async with tx.everywhere():
        draw = await find_draw(tx, session_id)
        if draw is None:
            return None
        return draw, await list_entries(tx, session_id) if draw.held_at else []


async def set_held(tx: Transaction, session_id: UUID, entries: Sequence[Entry], region: str) -> None:
    ids, ranks, lots = ([getattr(each, name) for each in entries] for name in ("enrolment_id", "rank", "lot"))
    await tx.execute(ADD_ENTRIES, session_id, ids, ranks, lots, region)
    await tx.execute(SET_HELD, session_id, tx.now)
    await tx.execute(SET_DRAWN, session_id, tx.now)


async def set_drawn(tx: Transaction, drawn: Sequence[tuple[UUID, str, int, str | None]]) -> None:
    """Enrolment, status, turn, and how it ended where it did."""
    if drawn:
        await tx.execute(SET_DRAWN_STATUS, *map(list, zip(*drawn, strict=True)))


def has_closed(draw: Draw, now: datetime) -> bool:
    """True when the window is over and nobody has held the draw."""
    return draw.held_at is None and draw.closes_at <= now
