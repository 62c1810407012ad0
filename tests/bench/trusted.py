"""A process of the house that asks nobody who he is: what access costs is measured against it; nothing else runs it.

`python -m tests.bench.trusted activities` (or gateway) is that service, but whoever comes is one trusted internal
actor: no token is read, nothing is decided. Its database is to have no policies (`without_policies`).
"""

import sys
from importlib import import_module
from typing import Any, Final

import asyncpg

from services.chassis import access, tokens
from services.chassis.access import Actor

TRUSTED: Final = Actor("trusted", frozenset({"editor", "operator", "reader"}))
PROTECTED: Final = """
SELECT oid::regclass::text AS name FROM pg_class WHERE relrowsecurity AND relnamespace = 'public'::regnamespace
"""


def trust_everybody() -> None:
    """Before the service is imported, whose handlers take `decide` by its name, as parts of the chassis did already."""
    decide = access.decide
    for module in [module for module in sys.modules.values() if getattr(module, "decide", None) is decide]:
        vars(module)["decide"] = lambda *_, **__: None
    tokens.Verifier.actor = lambda *_: TRUSTED  # type: ignore[method-assign]


async def without_policies(admin_dsn: str) -> int:
    """Takes row-level security off every table of a database; returns of how many."""
    database = await asyncpg.connect(admin_dsn)
    try:
        names = [row["name"] for row in await database.fetch(PROTECTED)]
        for name in names:
            await database.execute(f"ALTER TABLE {name} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY")
        return len(names)
    finally:
        await database.close()


def main() -> None:
    name = sys.argv[1]
    trust_everybody()
    app: Any = import_module(f"services.{name}.app")
    if name == "gateway":
        app.Identity.admit = _admit
        app.main()
    else:
        app.build_app(import_module("services.chassis.settings").Settings()).serve()


async def _admit(_: Any, call: Any, permission: str) -> tuple[Actor, str]:
    return TRUSTED, "trusted"


if __name__ == "__main__":
    main()
