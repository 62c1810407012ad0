"""Whatever our own OpenAPI lets anybody ask: the answer is one that it declares, and quotes nothing."""

import asyncio
import random
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from services.chassis.access import Signer
from services.gateway.pages import DOCUMENTS
from tests.chaos.families import DISTRICT
from tests.system.conftest import House
from tests.under_test import ALL_ROLES, SOMEBODY

CHECKS = (
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance,
)  # fmt: skip
ENDLESS = "/v1/events"
"""A stream has no end to wait for; tests/gateway/test_events.py reads it."""
ELSEWHERE = "110101001001"


@dataclass(slots=True)
class Asking:
    """Sends what is generated, as two of three by turns, or as all: nobody, staff of elsewhere and of the district."""

    gateway: str
    turns: Iterator[tuple[str, Mapping[str, str]]]
    statuses: dict[str, set[int]]
    session: requests.Session
    askers: int = 2
    """How many of the callers send the same case."""

    def all_of(self, examples: int, seed: int) -> None:
        """So many examples of each operation, each as the document says or against it."""
        dice = random.Random(seed)
        schema = schemathesis.openapi.from_path(DOCUMENTS / "openapi.json")
        for found in schema.get_all_operations():
            operation = found.ok()
            if operation.path != ENDLESS:
                for mode in dice.sample(list(GenerationMode), min(examples, len(GenerationMode))):
                    self._operation(operation, mode, -(-examples // len(GenerationMode)), seed)

    def _operation(self, operation: Any, mode: GenerationMode, examples: int, seed: int) -> None:
        @seeded(seed)
        @settings(max_examples=examples, deadline=None, database=None, phases=[Phase.generate],
                  suppress_health_check=list(HealthCheck))  # fmt: skip
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: Any) -> None:
            for caller, headers in islice(self.turns, self.askers):
                self._one(case, caller, headers)

        ask()

    def _one(self, case: Any, caller: str, headers: Mapping[str, str]) -> None:
        case.headers.pop("Authorization", None)
        answer = case.call(base_url=self.gateway, headers=dict(headers), session=self.session)
        self.statuses[caller].add(answer.status_code)
        if answer.status_code != 503:
            case.validate_response(answer, checks=CHECKS)
        if answer.status_code >= 400:
            assert not [text for text in texts_of(case) if text in answer.text], "an error quotes the request"


def texts_of(case: Any) -> Iterator[str]:
    """What the caller wrote, but for ids, codes and numbers, which an error may name."""
    waiting = [case.body, case.query, case.path_parameters]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += [*value.keys(), *value.values()]
        elif isinstance(value, list | tuple):
            waiting += value
        elif isinstance(value, str) and len(value) >= 6 and not value.isascii():
            yield value


@pytest.fixture
def asking(house: House) -> Iterator[Asking]:
    signer = Signer("gateway", house.stack.secrets_dir)
    callers: dict[str, dict[str, str]] = {"nobody": {}}
    for region in (ELSEWHERE, DISTRICT):
        token = signer.mint(SOMEBODY, ALL_ROLES, region, seconds=3600)
        callers[region] = {"authorization": f"Bearer {token}"}
    with requests.Session() as session:
        session.trust_env = False
        yield Asking(house.stack.gateway_url, cycle(callers.items()), {caller: set() for caller in callers}, session)


async def test_every_answer_to_anybody_is_one_that_the_openapi_declares(asking: Asking) -> None:
    await ask(asking, examples=1, seed=7)


@pytest.mark.soak
async def test_every_answer_to_anybody_is_one_that_the_openapi_declares_whatever_is_asked(asking: Asking) -> None:
    asking.askers = 3
    await ask(asking, examples=80, seed=secrets.randbits(32))


async def ask(asking: Asking, examples: int, seed: int) -> None:
    print(f"seed {seed}")
    await asyncio.to_thread(asking.all_of, examples, seed)
    assert asking.statuses["nobody"] >= {401}
    assert asking.statuses[ELSEWHERE] >= {403, 404, 422}
    assert asking.statuses[DISTRICT] >= {200, 404, 422}
