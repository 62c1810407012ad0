"""Names and addresses: sealed with the person's own key before they reach the database (docs/decisions/0015)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from asyncpg import Record

from services.keyring.sealing import Values, seal_values, unseal_values
from services.keyring.vault import vault


async def seal_new(people: Mapping[UUID, Values], now: datetime) -> dict[UUID, bytes]:
    """The sealed values of people who are registered now; each gets a key of her own.

    Raises KeyError for somebody whose key was destroyed: an id is given once.
    """
    keys = await vault.make_keys(people, now)
    return {id: seal_values(keys[id], id, values) for id, values in people.items()}


async def open_sealed(rows: Sequence[Record] | Sequence[Mapping[str, Any]]) -> dict[UUID, dict[str, str | None]]:
    """The values in rows of `person_id, sealed, name, email`, by id. Whose key is gone is left out."""
    keys = await vault.keys_of({row["person_id"] for row in rows if row["sealed"] is not None})
    return dict(_opened(rows, keys))


def _opened(rows: Iterable[Any], keys: Mapping[UUID, bytes]) -> Iterable[tuple[UUID, dict[str, str | None]]]:
    for row in rows:
        if row["sealed"] is None and row["name"] is not None:  # from before: not sealed yet
            yield row["person_id"], {"name": row["name"], "email": row["email"]}
        elif row["sealed"] is not None and row["person_id"] in keys:
            yield row["person_id"], unseal_values(keys[row["person_id"]], row["person_id"], row["sealed"])
