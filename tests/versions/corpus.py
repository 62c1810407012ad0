"""The frozen samples of every version, as documents: read, and handled by whoever hears them today."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from uuid_utils.compat import uuid7

from contracts import catalogue, envelope
from contracts.generation import files
from contracts.message import Event
from services.chassis.consumers import Consumer
from services.chassis.handlers import Hearing
from tests.under_test import ServiceUnderTest

Samples = list[tuple[type[Event], Any]]
FUTURE: Final = "code-of-the-future"


def corpora() -> dict[str, Path]:
    """Where each version's schemas and samples lie: of today, and of every release."""
    frozen = sorted(path.parent for path in files.RELEASED.glob("*/inventory.json"))
    return {"today": files.HOME, **{home.name: home for home in frozen}}


def documents(home: Path, folder: str) -> Iterator[tuple[str, Any]]:
    """Schemas or samples of a version, by message type (and `.reply`)."""
    for path in sorted((home / folder).glob("linli.*.json")):
        yield path.stem, json.loads(path.read_text("utf-8"))


def event_samples(home: Path) -> Samples:
    """Each event's sample with today's class. An event that is gone is the gate's to name."""
    kinds = ((catalogue.event_by_type(name), sample) for name, sample in documents(home, "samples"))
    return [(kind, sample) for kind, sample in kinds if kind is not None]


def with_code(value: Any, schema: Mapping[str, Any], code: str = FUTURE) -> Any:
    """The value with this code wherever its schema has a list of codes."""
    schema = next((each for each in schema.get("anyOf", []) if each.get("type") != "null"), schema)
    if "enum" in schema and isinstance(value, str):
        return code
    if isinstance(value, list):
        return [with_code(each, schema.get("items", {}), code) for each in value]
    if isinstance(value, dict):
        fields = schema.get("properties", {})
        return {name: with_code(each, fields.get(name, {}), code) for name, each in value.items()}
    return value


async def unhandled(place: ServiceUnderTest, samples: Samples) -> list[str]:
    """What the consumers of a service cannot handle, as `durable: event: why`; the database must be empty."""
    return [
        f"{hearing.durable}: {kind.__name__}: {why}"
        for hearing, consumer in place.consumers
        for kind, why in await _left_by(hearing, consumer, samples)
    ]


async def _left_by(hearing: Hearing, consumer: Consumer, samples: Samples) -> list[tuple[type[Event], str]]:
    heard = [(kind, sample) for kind, sample in samples if kind in hearing.events]
    for _, sample in heard:
        await _trouble(consumer, [sample])  # as far as it goes: the session that others speak of
    return [(kind, why) for kind, sample in heard if (why := await _trouble_of_each(consumer, sample, heard))]


async def _trouble_of_each(consumer: Consumer, sample: Any, heard: Samples) -> str:
    """Applies the sample to an aggregate of its own: as its first fact, or after another fact, as life has it."""
    kin = [other for _, other in heard if _aggregate(other) == _aggregate(sample) and other is not sample]
    why = ""
    for history in ([sample], *([other, sample] for other in kin)):
        own = json.loads(json.dumps(history).replace(sample["subject"], str(uuid7())))
        if not (why := await _trouble(consumer, own)):
            break
    return why


def _aggregate(sample: Any) -> str:
    """`activities.session`."""
    return ".".join(sample["type"].split(".")[1:3])


async def _trouble(consumer: Consumer, history: list[Any]) -> str:
    """Why these facts of one aggregate, from its first version on, cannot be applied; empty when they were."""
    for version, sample in enumerate(history, 1):
        kind = catalogue.event_by_type(sample["type"])
        assert kind is not None
        try:
            event = envelope.read(kind, json.dumps({**sample, "id": str(uuid7()), "aggversion": version}))
            early = await consumer.apply([event])
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        if early:
            return "came too early"
    return ""
