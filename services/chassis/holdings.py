"""From rows to what a service tells a person of herself: the same in every service (contracts/holdings.py)."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from asyncpg import Record

from contracts.holdings import HeldFact, HeldRecord, Holdings

MOST_RECORDS: Final = 1_000
"""Of one service in one answer; statements ask for one more, to know whether there are."""


def holdings(service: str, rows: Sequence[Mapping[str, Any] | Record]) -> Holdings:
    """Of rows with kind, record_id, at and facts (a JSON object), the newest first where there may be many."""
    return Holdings(service=service, records=tuple(map(_record, rows[:MOST_RECORDS])), cut=len(rows) > MOST_RECORDS)


def _record(row: Mapping[str, Any] | Record) -> HeldRecord:
    facts = row["facts"] if isinstance(row["facts"], Mapping) else json.loads(row["facts"])
    return HeldRecord(kind=row["kind"], record_id=row["record_id"], at=row["at"], facts=_facts(facts))


def _facts(fields: Mapping[str, Any]) -> tuple[HeldFact, ...]:
    """The fields that say something, as text."""
    return tuple(HeldFact(name=name, value=_text(value)) for name, value in fields.items() if value is not None)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, bool | list | dict) else str(value)
