"""All SQL about written places."""

from asyncpg import Record

from contracts.region import bounds
from services.chassis import Transaction
from services.registry.places.rules import TAIL_OF_OFFICIAL_NAME, Division, Named, split, stem

FIND_ALIAS = "SELECT code FROM place_alias WHERE written = $1 AND within = $2"
SET_ALIAS = """
INSERT INTO place_alias (written, within, code, decided_by, decided_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (written, within) DO UPDATE
SET code = EXCLUDED.code, decided_by = EXCLUDED.decided_by, decided_at = EXCLUDED.decided_at
"""
_ABOVE = """
    array_remove(ARRAY[fourth.name, third.name, second.name, first.name], NULL) AS above_names,
    array_remove(ARRAY[fourth.level, third.level, second.level, first.level], NULL) AS above_levels
"""
_JOIN_ABOVE = """
LEFT JOIN division AS first ON first.code = found.parent_code
LEFT JOIN division AS second ON second.code = first.parent_code
LEFT JOIN division AS third ON third.code = second.parent_code
LEFT JOIN division AS fourth ON fourth.code = third.parent_code
"""
FIND_PLACE = (
    f"SELECT found.code, found.name, found.level, {_ABOVE} FROM division AS found {_JOIN_ABOVE} WHERE found.code = $1"
)
# Bounded by shared characters here, so that ranking stays cheap however large the region is; a written town counts.
LIST_LIKE = f"""
WITH near AS (
    SELECT code, name, level, parent_code, greatest(
        2.0 * (length(bare) - length(translate(bare, $3::text, ''))) / (length(bare) + length($3::text)),
        2.0 * (length(bare) - length(translate(bare, $4::text, ''))) / (length(bare) + length($4::text))) AS shared
    FROM division CROSS JOIN LATERAL regexp_replace(name, $6::text, '\\1') AS bare
    WHERE code >= $1 AND code < $2
), found AS (
    SELECT near.code, near.name, near.level, near.parent_code FROM near
    LEFT JOIN division AS town ON town.code = near.parent_code
    WHERE shared > 0
    ORDER BY shared + CASE WHEN strpos($5::text, town.name) > 0 THEN 0.5 ELSE 0 END DESC, near.code LIMIT 50
)
SELECT found.code, found.name, found.level, {_ABOVE} FROM found {_JOIN_ABOVE}
"""


async def find_alias(tx: Transaction, written: str, within: str) -> str | None:
    """The division that a person once decided for this spelling, or None."""
    code: str | None = await tx.value(FIND_ALIAS, written, within)
    return code


async def set_alias(tx: Transaction, written: str, within: str, code: str) -> None:
    """Remembers a decision; the latest one about a spelling counts."""
    await tx.execute(SET_ALIAS, written, within, code, tx.actor.id, tx.now)


async def find_place(tx: Transaction, code: str) -> Division | None:
    row = await tx.find(FIND_PLACE, code)
    return _division(row) if row else None


async def list_like(tx: Transaction, written: str, within: str) -> list[Division]:
    """The divisions of the subtree whose names share most characters with the written place, at most 50."""
    _, name = split(written)
    names = stem(name, "community"), stem(written, "community")
    rows = await tx.fetch(LIST_LIKE, *bounds(within), *names, written, TAIL_OF_OFFICIAL_NAME)
    return [_division(row) for row in rows]


def _division(row: Record) -> Division:
    above = tuple(Named(*each) for each in zip(row["above_names"], row["above_levels"], strict=True))
    return Division(row["code"], row["name"], row["level"], above)
