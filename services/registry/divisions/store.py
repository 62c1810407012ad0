"""All SQL about divisions."""

from collections.abc import Sequence
from datetime import date

from contracts.registry.v1 import DivisionRow, DivisionState
from services.chassis import Transaction

COLUMNS = ("code", "name", "level", "parent_code", "valid_from", "source")

FIND_DIVISION = "SELECT code, name, level, parent_code FROM division WHERE code = $1"
# Codes and lines travel as one text: as an array, or a row each, they cost the driver as much as all else about a row.
LIST_LINES = """
SELECT string_agg(concat_ws(E'\\t', code, name, level, coalesce(parent_code::text, '')), E'\\n')
FROM division WHERE code = ANY (string_to_array($1, E'\\n')::char(12)[])
"""
# The update alone locks in the order of its plan, which may be that of the list: two lists would wait crosswise.
LOCK_DIVISIONS = "SELECT FROM division WHERE code = ANY ($1::char(12)[]) ORDER BY code FOR UPDATE"
CHANGE_DIVISIONS = """
UPDATE division SET name = listed.name, parent_code = listed.parent_code, valid_from = $4, source = $5
FROM unnest($1::char(12)[], $2::text[], $3::char(12)[]) AS listed (code, name, parent_code)
WHERE division.code = listed.code
  AND (division.name, division.parent_code) IS DISTINCT FROM (listed.name, listed.parent_code)
"""


async def find_division(tx: Transaction, code: str) -> DivisionState | None:
    row = await tx.find(FIND_DIVISION, code)
    return DivisionState(**dict(row)) if row else None


async def list_lines(tx: Transaction, codes: Sequence[str]) -> dict[str, str]:
    """The divisions among `codes` that stand already, by code, as lines of an import."""
    lines: str | None = await tx.value(LIST_LINES, "\n".join(codes))
    return {line[:12]: line for line in lines.split("\n")} if lines else {}


async def add_divisions(tx: Transaction, lines: Sequence[str], valid_from: date, source: str) -> None:
    """New divisions, straight by COPY. Two lists that add the same one clash, and the later decides anew.

    A line is what COPY reads but for two fields at its end and the escapes: nothing is to be done for each.
    """
    if lines:
        end = f"\t{valid_from.isoformat()}\t{_escaped(source)}\n"
        await tx.copy("division", COLUMNS, "\n".join(lines).replace("\\", r"\\").replace("\n", end) + end)


async def change_divisions(tx: Transaction, rows: Sequence[DivisionRow], valid_from: date, source: str) -> int:
    """Gives divisions the name and parent of a list; how many of them were other before."""
    if not rows:
        return 0
    codes, names, _, parents = map(list, zip(*rows, strict=True))
    await tx.execute(LOCK_DIVISIONS, codes)
    return await tx.execute(CHANGE_DIVISIONS, codes, names, [code or None for code in parents], valid_from, source)


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("\t", r"\t").replace("\n", r"\n")
