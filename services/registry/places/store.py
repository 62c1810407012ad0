"""All SQL about written places."""

from asyncpg import Record

from contracts.region import bounds
from services.chassis import Transaction
from services.registry.places import rules
from services.registry.places.rules import Division, Named

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
# Every division whose bare name ends the bare text is found, however many they are: being the only one must be true.
# Of the rest the fifty that share most characters with the text, or lie in a town it names, so that ranking is cheap.
LIST_LIKE = f"""
WITH town AS MATERIALIZED (
    SELECT code FROM division WHERE code >= $1 AND code < $2 AND level <> 'community' AND strpos($6::text, name) > 0
), bared AS MATERIALIZED (
    SELECT code, name, level, parent_code, rtrim(normalize(name, NFKC), $7::text) AS bare FROM division
    WHERE code >= $1 AND code < $2 AND (translate(name, $5::text, '') <> name OR rtrim(name, $7) = '')
), near AS (
    SELECT *, right($3::text, length(bare)) = bare AS ends, greatest(
        (length(bare) - length(translate(bare, $3, '')))::float8 / (length(bare) + length($3)),
        (length(bare) - length(translate(bare, $4::text, '')))::float8 / (length(bare) + length($4))) AS shared
    FROM bared
), found AS (
    SELECT code, name, level, parent_code FROM near
    ORDER BY CASE WHEN ends THEN 9 ELSE shared + (parent_code IN (SELECT code FROM town))::int * 0.25 END DESC,
             CASE WHEN ends THEN '' ELSE code END
    FETCH FIRST 50 ROWS WITH TIES
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
    """The divisions of the subtree that a written place may mean: all of that name, and some that are like it."""
    _, name = rules.split(written)
    texts = rules.bare(written), rules.bare(name), rules.telling(written), written, rules.ENDING_CHARACTERS
    return [_division(row) for row in await tx.fetch(LIST_LIKE, *bounds(within), *texts)]


def _division(row: Record) -> Division:
    above = tuple(Named(*each) for each in zip(row["above_names"], row["above_levels"], strict=True))
    return Division(row["code"], row["name"], row["level"], above)
