"""Deliberate faults of promise 11, made in a test's own database: the tests here must turn red (docs/saboteurs.md)."""

from collections.abc import Collection, Sequence

import asyncpg

WITHOUT_NULLIF = """
CREATE OR REPLACE FUNCTION scope_from() RETURNS bpchar LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN current_setting('app.scope', true) = 'all' THEN ''
                ELSE current_setting('app.scope', true) END::bpchar
$$
"""
PROTECTED = "SELECT relname FROM pg_class WHERE relrowsecurity AND relnamespace = 'public'::regnamespace"


async def sabotage(admin: asyncpg.Connection, faults: Collection[str]) -> None:
    """`no-nullif`: an empty scope is the prefix of every code. `no-force`: the owner of a table sees all its rows."""
    if "no-nullif" in faults:
        await admin.execute(WITHOUT_NULLIF)
    if "no-force" in faults:
        tables: Sequence[asyncpg.Record] = await admin.fetch(PROTECTED)
        for table in tables:
            await admin.execute(f"ALTER TABLE {table['relname']} NO FORCE ROW LEVEL SECURITY")
