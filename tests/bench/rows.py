"""Outbox rows as registry writes them when people are registered."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

from uuid_utils.compat import uuid7

from contracts.data import AgeBand
from contracts.envelope import seal, subject_of
from contracts.registry.v1 import PersonRegistered

COLUMNS: Final = ("event_id", "subject", "type", "aggregate", "aggregate_id", "version", "body", "at")
REGION: Final = "350503001001"


def outbox_rows(count: int, prefix: str = "") -> list[Sequence[Any]]:
    """So many new people, each said once."""
    return [_row(prefix) for _ in range(count)]


def _row(prefix: str) -> Sequence[Any]:
    now, id = datetime.now(UTC), uuid7()
    event = PersonRegistered(person_id=uuid4(), age_band=AgeBand.MIDDLE)
    body = seal(event, id=id, time=now, region=REGION, version=1, actor="service:bench", correlation=id, causation=id)
    subject = prefix + subject_of(PersonRegistered, REGION)
    return (id, subject, PersonRegistered.contract.type, "person", event.person_id, 1, body, now)
