"""Who hears which events: read from the consumers that the deployment keeps as data."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ..catalogue import EVENTS
from ..message import Event

FILE: Final = Path(__file__).parents[2] / "deploy" / "nats" / "topology.json"


@dataclass(frozen=True, slots=True)
class Hearer:
    """One durable consumer and the events it takes."""

    service: str
    durable: str
    events: tuple[type[Event], ...]


def hearers(file: Path = FILE) -> tuple[Hearer, ...]:
    """The consumers of the topology, by service and name; none while the file is not there.

    Raises LookupError for an event that does not exist.
    """
    if not file.exists():
        return ()
    rows: Iterable[dict[str, Any]] = json.loads(file.read_text("utf-8"))["consumers"]
    found = [Hearer(row["service"], row["durable"], tuple(map(_event, row["events"]))) for row in rows]
    return tuple(sorted(found, key=lambda each: (each.service, each.durable)))


def _event(name: str) -> type[Event]:
    for event in EVENTS:
        if name in (event.__name__, event.contract.type):
            return event
    raise LookupError(f"{FILE.name} names the event {name}, which no contract declares")
