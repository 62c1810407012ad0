"""Reads rows of the audit logs for a person or a year, as the owner of the tables; reading is written down as well."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from contracts.audit import AuditAction
from contracts.region import NOWHERE
from services.chassis.database import Connection

OPERATOR: Final = "operator:audit"
"""Who reads by hand, as the log calls her."""
COLUMNS: Final = ("seq", "at", "action", "actor", "about", "thing", "region", "reason", "cause", "times", "id", "hash")
PAGE: Final = 2_000
ABOUT: Final = f"SELECT {', '.join(COLUMNS)} FROM audit WHERE about = $1 ORDER BY id"
COUNT: Final = "SELECT count(*) FROM audit WHERE at >= $1 AND at < $2"
BETWEEN: Final = f"""
SELECT {", ".join(COLUMNS)} FROM audit WHERE at >= $1 AND at < $2 AND (at, id) > ($3, $4) ORDER BY at, id LIMIT $5
"""
NOTE: Final = "INSERT INTO audit (at, action, actor, about, region, reason) VALUES ($1, $2, $3, $4, $5, $6)"


async def list_about(database: Connection, person: UUID) -> list[dict[str, Any]]:
    """What the log tells of a person, oldest first; that it was read is the next row."""
    rows = [told(row) for row in await database.fetch(ABOUT, person)]
    await note(database, AuditAction.AUDIT_READ, person, "")
    return rows


async def count_between(database: Connection, begins: datetime, ends: datetime) -> int:
    """How many rows there are of a span of time."""
    found: int = await database.fetchval(COUNT, begins, ends)
    return found


async def list_between(database: Connection, begins: datetime, ends: datetime) -> AsyncIterator[list[dict[str, Any]]]:
    """The rows of a span of time, oldest first, at most PAGE at once."""
    after: tuple[datetime, int] = (begins, 0)
    while rows := await database.fetch(BETWEEN, begins, ends, *after, PAGE):
        yield [told(row) for row in rows]
        after = rows[-1]["at"], rows[-1]["id"]


async def note(database: Connection, action: AuditAction, person: UUID | None, reason: str) -> None:
    """Writes down that the operator read the log."""
    await database.execute(NOTE, datetime.now(UTC), action.value, OPERATOR, person, NOWHERE, reason)


def told(row: Any) -> dict[str, Any]:
    """A row as JSON and CSV have it; all that is hashed is in it."""
    found: dict[str, Any] = {}
    for name in COLUMNS:
        value = row[name]
        if isinstance(value, datetime):
            value = value.astimezone(UTC).isoformat()
        elif isinstance(value, bytes):
            value = value.hex()
        elif isinstance(value, UUID):
            value = str(value)
        found[name] = value
    return found
