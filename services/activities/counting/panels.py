"""All SQL that reads the sums: one row for each cell of a table, whatever the number of attendances."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from asyncpg import Record

from contracts.activities.v1 import CountKind
from contracts.region import bounds
from services.activities.counting import figures
from services.activities.counting.rules import LOWEST, Sums, Topic
from services.chassis import Transaction

FIND_CELLS = """
SELECT period AS key, held, times, persons, by_declaration, declared FROM tally
WHERE kind = $1 AND topic = $2 AND level = $3 AND region >= $4 AND region < $5 AND period = ANY ($6::text[])
ORDER BY period
"""
LIST_REGIONS = """
SELECT region AS key, held, times, persons, by_declaration, declared FROM tally
WHERE kind = $1 AND topic = $2 AND level = $3 AND region >= $4 AND region < $5 AND period = $6
ORDER BY region LIMIT $7
"""
LIST_TOPICS = """
SELECT topic AS key, held, times, persons, by_declaration, declared FROM tally
WHERE kind = $1 AND level = $2 AND region >= $3 AND region < $4 AND period = $5
ORDER BY times DESC, topic LIMIT $6
"""


NAMES = """
SELECT programme_id AS id, name FROM programme WHERE programme_id = ANY ($1::uuid[])
UNION ALL SELECT site_id, name FROM site WHERE site_id = ANY ($1::uuid[])
"""


@dataclass(frozen=True, slots=True)
class Cell:
    """One number of a table, before anything is withheld."""

    key: str
    sums: Sums
    persons: int


async def find_total(tx: Transaction, region: str, period: str, topic: Topic) -> Cell:
    cells = await list_months(tx, region, [period], topic)
    return cells[0] if cells else Cell(period, Sums(), 0)


async def list_months(tx: Transaction, region: str, periods: Sequence[str], topic: Topic) -> list[Cell]:
    """The numbers of one region in several periods; those in which nothing was counted are left out."""
    rows = await tx.fetch(FIND_CELLS, topic.kind.value, topic.id, *_reach(region, topic.kind), list(periods))
    return [_cell(row, row["key"]) for row in rows]


async def list_regions(tx: Transaction, region: str, period: str, topic: Topic, level: int, most: int) -> list[Cell]:
    """The numbers of the regions of a level inside another."""
    at = LOWEST if topic.kind is CountKind.SITE else level
    rows = await tx.fetch(LIST_REGIONS, topic.kind.value, topic.id, at, *bounds(region), period, most)
    return [_cell(row, row["key"]) for row in rows]


async def list_topics(tx: Transaction, region: str, period: str, kind: CountKind, most: int) -> list[Cell]:
    """The numbers of all topics of a kind in a region, the largest first."""
    rows = await tx.fetch(LIST_TOPICS, kind.value, *_reach(region, kind), period, most)
    return [_cell(row, figures.key_text(kind, row["key"]) or "") for row in rows]


async def find_names(tx: Transaction, cells: Sequence[Cell]) -> dict[str, str]:
    """The names of programmes and sites by the keys of their cells."""
    rows = await tx.fetch(NAMES, [UUID(cell.key) for cell in cells])
    return {str(row["id"]): row["name"] for row in rows}


def _reach(region: str, kind: CountKind) -> tuple[int, str, str]:
    """Level and range of a region's own numbers; a site's are at the lowest level, somewhere inside."""
    start, end = bounds(region)
    return (LOWEST, start, end) if kind is CountKind.SITE else (len(start), region, f"{region}~")


def _cell(row: Record, key: str | UUID) -> Cell:
    sums = Sums(row["held"], row["times"], row["by_declaration"], row["declared"])
    return Cell(str(key), sums, row["persons"])
