"""A plugin of pytest: before any test's command or query is done, nobody and staff of another unit ask for the same.

`pytest -p tests.strangers` with LINLI_STRANGERS naming a file. What a test can bring about is thereby tried by those
who may not, with the same ids in the same state: a success of theirs is written down as a leak, and so is an answer
to them with somebody's values in it. The file tells too which requests were answered in earnest (tests/system).
"""

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pytest
from pydantic import BaseModel
from uuid_utils.compat import uuid7

from contracts import wire
from contracts.data import DataClass
from contracts.message import PERSONS, Command, Query, data_classes
from contracts.refusals import Refusal
from contracts.region import is_code
from tests.under_test import ALL_ROLES, ServiceUnderTest

ELSEWHERE: Final = "652901001001"
FOR_ANYBODY: Final = ("public", "account.own")
HIDDEN: Final = {*PERSONS, DataClass.SECRET}
OFTEN: Final = 40
"""How often each kind is tried; the tests that ask a thousand times prove something else."""
OF_PERSONS: Final = {
    "person_id",
    "contact_id",
    "child_id",
    "guardian_id",
    "holder_id",
    "received_by",
    "people",
    "visitors",
}
IN_THE_OWN_REGION: Final = {"linli.activities.create-feed.v1"}
"""Done in the region of whoever asks, whatever the ids: such a calendar shows sessions of that region alone."""
MACHINES: Final = {"edge", "door", "service"}

answered: Counter[str] = Counter()
tried: Counter[str] = Counter()
leaks: dict[str, str] = {}

_ask_together, _query = ServiceUnderTest.ask_together, ServiceUnderTest.query


async def ask_together(
    service: ServiceUnderTest, commands: Iterable[Command[Any]], *, ids: Any = None, **actor: Any
) -> list[Any]:
    commands = list(commands)
    if _is_closed(type(commands[0]), actor):
        for who, token in _strangers(service, actor):
            outcomes = await _as(service, commands[:2], token)
            _note(type(commands[0]), who, [each for each in outcomes if not is_refused(each)])
    outcomes = await _ask_together(service, commands, ids=ids, **actor)
    answered[type(commands[0]).contract.type] += sum(not isinstance(each, Refusal) for each in outcomes)
    return outcomes


async def _as(service: ServiceUnderTest, commands: list[Command[Any]], token: str) -> list[Any]:
    sendings = [wire.Sending(uuid7(), each, token) for each in commands]
    headers = {wire.BATCH: str(len(sendings))}
    return await service.send_raw(type(commands[0]), wire.batch_body(sendings), headers)


async def query(service: ServiceUnderTest, asked: Query[Any], **actor: Any) -> Any:
    if _is_closed(type(asked), actor):
        for who, changed in (("nobody", {"roles": ["anonymous"]}), ("elsewhere", _of_elsewhere(actor))):
            outcome = await _query(service, asked, **changed)
            if isinstance(outcome, BaseModel):
                told = [*hidden_in(outcome, asked.model_dump_json())] if who == "elsewhere" else ["an answer"]
                _note(type(asked), who, told)
    outcome = await _query(service, asked, **actor)
    answered[type(asked).contract.type] += not isinstance(outcome, Refusal)
    return outcome


def is_refused(outcome: Any) -> bool:
    """A refusal, or an upload of which nothing was counted."""
    return isinstance(outcome, Refusal) or (getattr(outcome, "counted", None) == 0 and outcome.refused > 0)


def _is_closed(kind: type[Any], actor: dict[str, Any]) -> bool:
    """Whether strangers may be tried: not for what is anybody's, nor for what only the house's processes ask."""
    name = kind.contract.type
    elsewhere = kind.contract.permission not in FOR_ANYBODY and name not in IN_THE_OWN_REGION
    if not elsewhere or {*actor.get("roles", ALL_ROLES)} & MACHINES:
        return False
    tried[name] += 1
    return tried[name] <= OFTEN


def _strangers(service: ServiceUnderTest, actor: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield "nobody", service.token(roles=["anonymous"])
    yield "elsewhere", service.token(**_of_elsewhere(actor))


def _of_elsewhere(actor: dict[str, Any]) -> dict[str, Any]:
    """Somebody else with the same functions at another unit."""
    return {"actor": str(uuid4()), "roles": actor.get("roles", ALL_ROLES), "region": ELSEWHERE}


def _note(kind: type[Any], who: str, told: list[Any]) -> None:
    if told:
        leaks.setdefault(kind.contract.type, f"{who}: {str(told[0])[:200]}")


def hidden_in(answer: BaseModel, asked: str) -> Iterator[str]:
    """The paths at which an answer holds a person's value or id, or a secret, that was not in the request itself."""
    hidden = {path for path, data_class in data_classes(type(answer)) if data_class in HIDDEN}
    for path, value in _leaves_of(answer.model_dump(mode="json")):
        if str(value) not in asked and (path in hidden or path.rpartition(".")[2] in OF_PERSONS):
            yield path


def _leaves_of(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _leaves_of(each, f"{path}.{name}".lstrip("."))
    elif isinstance(value, list):
        for each in value:
            yield from _leaves_of(each, path)
    elif value not in (None, ""):
        yield path, value


@pytest.hookimpl(trylast=True)
def pytest_configure() -> None:
    assert is_code(ELSEWHERE)
    ServiceUnderTest.ask_together = ask_together  # type: ignore[method-assign,assignment]
    ServiceUnderTest.query = query  # type: ignore[method-assign,assignment]


def pytest_unconfigure() -> None:
    file = os.environ.get("LINLI_STRANGERS")
    if file:
        told = {"answered": +answered, "leaks": leaks}
        Path(file).write_text(json.dumps(told, ensure_ascii=False, indent=1), "utf-8")
