"""The corpus of every version: read by today's classes, handled by today's handlers, and all that was ever allowed."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from pydantic import BaseModel, ValidationError

from contracts import catalogue
from contracts.activities.v1 import EnrolmentConfirmed
from contracts.catalogue import SERVICES
from contracts.envelope import TOLERANT
from contracts.generation.files import REPLY
from contracts.message import Event
from contracts.registry.v1 import PersonRegistered
from services.chassis.consumers import Consumer
from services.chassis.handlers import Hearing
from tests.under_test import Servers, ServiceUnderTest
from tests.versions.corpus import FUTURE, corpora, documents, event_samples, unhandled, with_code
from tests.versions.old_values import values

CORPORA = corpora()
versions = pytest.mark.parametrize("home", CORPORA.values(), ids=CORPORA.keys())
services = pytest.mark.parametrize("service", SERVICES)


def reader_of(name: str) -> Callable[[str], BaseModel] | None:
    """How today's code reads what goes under this name: events and replies with tolerance, requests strictly."""
    kind = catalogue.by_type(name.removesuffix(REPLY))
    if kind is None:
        return None
    if name.endswith(REPLY):
        assert kind.contract.reply is not None
        model: type[BaseModel] = kind.contract.reply
        return lambda text: model.model_validate_json(text, context=TOLERANT)
    if issubclass(kind, Event):
        return lambda text: kind.model_validate_json(text, context=TOLERANT)
    return kind.model_validate_json


def refused(schema: Mapping[str, Any], read: Callable[[str], Any], examples: int) -> str:
    """A value that the schema allowed and that is not read today; empty when none is found."""
    quiet = settings(
        max_examples=examples, database=None, deadline=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip

    @quiet
    @given(values(schema))
    def all_are_read(value: Any) -> None:
        read(json.dumps(value))

    try:
        all_are_read()
    except ValidationError as error:
        return str(error)
    return ""


@versions
@services
async def test_every_event_ever_said_is_handled_by_all_who_hear_it(home: Path, service: str, servers: Servers) -> None:
    async with ServiceUnderTest.started(service, servers) as place:
        assert await unhandled(place, event_samples(home)) == []


@versions
@services
async def test_an_event_with_codes_of_the_future_is_handled_as_well(home: Path, service: str, servers: Servers) -> None:
    schemas = dict(documents(home, "schemas"))
    samples = [
        (kind, {**sample, "data": with_code(sample["data"], schemas[kind.contract.type])})
        for kind, sample in event_samples(home)
    ]
    async with ServiceUnderTest.started(service, servers) as place:
        assert await unhandled(place, samples) == []
    assert any(FUTURE in json.dumps(sample) for _, sample in samples)


@versions
def test_a_code_that_is_not_known_yet_is_read_as_unknown(home: Path) -> None:
    samples = dict(documents(home, "samples"))
    met = 0
    for name, schema in documents(home, "schemas"):
        read = reader_of(name)
        is_event = catalogue.event_by_type(name) is not None
        if read is None or not (is_event or name.endswith(REPLY)):
            continue
        data = samples[name]["data"] if is_event else samples[name]
        future = json.dumps(with_code(data, schema))
        assert read(future) == read(json.dumps(with_code(data, schema, "unknown"))), name
        met += future.count(FUTURE)
    assert met > 10


@versions
@services
@pytest.mark.parametrize("examples", [2, pytest.param(200, marks=pytest.mark.soak)])
def test_whatever_a_version_allowed_to_write_is_read_today(home: Path, service: str, examples: int) -> None:
    for name, schema in documents(home, "schemas"):
        read = reader_of(name)
        if read is not None and name.startswith(f"linli.{service}."):
            assert refused(schema, read, examples) == "", name


def test_a_narrower_limit_is_found_by_values_of_the_old_schema() -> None:
    schema = dict(documents(CORPORA["today"], "schemas"))[EnrolmentConfirmed.contract.type]
    schema["properties"]["seats_left"]["minimum"] = -100_000

    assert "seats_left" in refused(schema, EnrolmentConfirmed.model_validate_json, examples=50)


async def test_a_handler_that_cannot_take_an_old_sample_is_named(servers: Servers) -> None:
    async def choke(*_: Any) -> None:
        raise KeyError("colour")

    async with ServiceUnderTest.started("activities", servers) as place:
        hearing = Hearing("activities-chokes", (PersonRegistered,), remember=None, react=choke)
        place.consumers.append((hearing, Consumer(hearing, place.running)))
        found = await unhandled(place, event_samples(CORPORA["today"]))

    assert found == ["activities-chokes: PersonRegistered: KeyError: 'colour'"]
