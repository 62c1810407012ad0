"""Whatever our own OpenAPI lets anybody ask: the answer is one that it declares, and quotes nothing."""

import asyncio
import json
import random
import secrets
import traceback
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
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

from contracts.catalogue import REQUESTS, SERVICES
from contracts.generation.files import HOME
from contracts.refusals import all_reasons
from services.chassis.tokens import Signer
from services.gateway.pages import DOCUMENTS
from services.gateway.problems import TITLES
from tests.chaos.families import COMMUNITY, DISTRICT, Family
from tests.system.conftest import House
from tests.under_test import ALL_ROLES, SOMEBODY

CHECKS = (
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance,
)  # fmt: skip
ENDLESS = "/v1/events"
"""A stream has no end to wait for; tests/gateway/test_events.py reads it."""
ELSEWHERE = "110101001001"
REUSED = 0.7
"""How often an id or a region that was answered before takes the place of a generated one: else all are unknown."""
OUR_WORDS = "\n".join([*(zh for zh, _ in TITLES.values()), *(reason.zh for _, reason in all_reasons())])
KEPT = 40
"""Values kept of one name."""
GENERATED = 3
"""Where each operation is asked once by its sample, every so manieth is asked what is generated too."""
CONTRACTS = {(kind.contract.route.method, kind.contract.route.path): kind for kind in REQUESTS if kind.contract.route}


@dataclass(slots=True)
class Asking:
    """Sends samples and what is generated, as one by turns or as all: nobody, staff of elsewhere, of the district."""

    gateway: str
    turns: Iterator[tuple[str, Mapping[str, str]]]
    statuses: dict[str, set[int]]
    session: requests.Session
    askers: int = 1
    """How many of the callers send the same generated case."""
    reused: float = 0.0
    dice: random.Random = field(default_factory=random.Random)
    known: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    sent: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    found: dict[str, str] = field(default_factory=dict)
    """What was wrong, by operation: the first thing of each."""

    def samples(self, seed: int) -> None:
        """Of each operation the sample of its contract: a query by staff of the district, a command by one of the three
        in turn; and of some what is generated, as the document says or against it by turns."""
        modes, district = cycle(GenerationMode), next(turn for turn in self.turns if turn[0] == DISTRICT)
        for number, operation in enumerate(self._operations(seed)):
            turn = district if operation.method == "get" else next(self.turns)
            self._noting(operation, lambda: self._one(sample_of(operation), *turn))  # noqa: B023
            if number % GENERATED == 0:
                self._operation(operation, next(modes), 1, seed)

    def all_of(self, examples: int, seed: int) -> None:
        """So many examples of each operation, as the document says and against it."""
        for operation in self._operations(seed):
            for mode in GenerationMode:
                self._operation(operation, mode, examples // len(GenerationMode), seed)

    def _operations(self, seed: int) -> list[Any]:
        """All that end and in which nothing was found yet, in an order of the seed's."""
        self.dice.seed(seed)
        schema = schemathesis.openapi.from_path(DOCUMENTS / "openapi.json")
        operations = [found.ok() for found in schema.get_all_operations()]
        self.dice.shuffle(operations)
        return [each for each in operations if each.path != ENDLESS and each.label not in self.found]

    def _operation(self, operation: Any, mode: GenerationMode, examples: int, seed: int) -> None:
        @seeded(seed)
        @settings(max_examples=examples, deadline=None, database=None, phases=[Phase.generate],
                  suppress_health_check=list(HealthCheck))  # fmt: skip
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: Any) -> None:
            if mode is GenerationMode.POSITIVE:
                case.body, case.path_parameters, case.query = map(
                    self._familiar, (case.body, case.path_parameters, case.query)
                )
            for caller, headers in islice(self.turns, self.askers):
                self._one(case, caller, headers)

        self._noting(operation, ask)

    def _noting(self, operation: Any, ask: Callable[[], object]) -> None:
        """Asks; what is wrong is found, and ends nothing."""
        try:
            ask()
        except (Exception, BaseExceptionGroup) as wrong:
            self.found[operation.label] = "".join(traceback.format_exception(wrong))

    def _one(self, case: Any, caller: str, headers: Mapping[str, str]) -> None:
        case.headers.pop("Authorization", None)
        answer = case.call(base_url=self.gateway, headers=dict(headers), session=self.session)
        self.statuses[caller].add(answer.status_code)
        self.sent[case.operation.label] += 1
        if answer.status_code != 503:
            case.validate_response(answer, checks=CHECKS)
        if answer.status_code >= 400:
            assert not [text for text in texts_of(case) if text in answer.text], "an error quotes the request"
        else:
            self.done[case.operation.label] += 1
            for told in (case.body, answer.json() if "json" in answer.headers.get("content-type", "") else None):
                self._learn(told)

    def _learn(self, told: Any) -> None:
        for name, value in named_values(told):
            if name.endswith(("_id", "region")):
                self.known[name] = [*self.known[name][1 - KEPT :], value]

    def _familiar(self, value: Any, name: str = "") -> Any:
        """The same, but some ids and regions are ones that were answered before."""
        if isinstance(value, dict):
            return {name: self._familiar(each, name) for name, each in value.items()}
        if isinstance(value, list):
            return [self._familiar(each, name) for each in value]
        if isinstance(value, str) and self.known.get(name) and self.dice.random() < self.reused:
            return self.dice.choice(self.known[name])
        return value


def sample_of(operation: Any) -> Any:
    """The case that the sample of the operation's contract is."""
    kind = CONTRACTS[operation.method.upper(), operation.path]
    sample = json.loads((HOME / "samples" / f"{kind.contract.type}.json").read_text("utf-8"))
    in_path = {name: sample.pop(name) for name in list(sample) if f"{{{name}}}" in operation.path}
    if operation.method != "get":
        return operation.Case(path_parameters=in_path, body=sample, media_type="application/json")
    query = {name: str(value).lower() if isinstance(value, bool) else value for name, value in sample.items()}
    return operation.Case(path_parameters=in_path, query=query)


def named_values(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Every text in JSON with the name it has there."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from named_values(each, key)
    elif isinstance(value, list):
        for each in value:
            yield from named_values(each, name)
    elif isinstance(value, str):
        yield name, value


def texts_of(case: Any) -> Iterator[str]:
    """What the caller wrote, but for ids, codes and numbers, which an error may name, and what we say ourselves: the
    generator also takes words out of our code."""
    waiting = [case.body, case.query, case.path_parameters]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += [*value.keys(), *value.values()]
        elif isinstance(value, list | tuple):
            waiting += value
        elif isinstance(value, str) and len(value) >= 6 and not value.isascii() and value not in OUR_WORDS:
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
    await ask(asking, asking.samples, 7)


IDS = """
SELECT table_name, column_name FROM information_schema.columns
WHERE table_schema = 'public' AND data_type = 'uuid' AND column_name LIKE '%\\_id'
"""
FAMILIES_SECONDS = 8


async def lived_in(house: House) -> dict[str, list[str]]:
    """Families come for a while; then the ids that the services keep, by the names that messages have for them."""
    family = Family(house.desk, house.town, seed=5)
    living = asyncio.create_task(family.live())
    await asyncio.sleep(FAMILIES_SECONDS)
    family.stop()
    await living
    found: dict[str, list[str]] = defaultdict(list)
    for service in SERVICES:
        for table, column in await house.fetch(service, IDS):
            rows = await house.fetch(service, f"SELECT DISTINCT {column}::text FROM {table} LIMIT 20")
            found[column] += [row[0] for row in rows if row[0]]
    for other in ("contact_id", "child_id", "guardian_id", "given_by", "volunteer_id", "holder_id"):
        found[other] += found["person_id"]
    return found


@pytest.mark.soak
async def test_every_answer_to_anybody_is_one_that_the_openapi_declares_whatever_is_asked(
    asking: Asking, house: House
) -> None:
    asking.askers, asking.reused = 3, REUSED
    asking.known.update(await lived_in(house))
    asking.known["region"] = [DISTRICT, COMMUNITY]
    assert len(asking.known["session_id"]) > 2
    for _ in range(2):  # the second time with what the first has made
        await ask(asking, partial(asking.all_of, 40), secrets.randbits(32))
    for label, sent in sorted(asking.sent.items()):
        print(f"{sent:5} sent {asking.done[label]:5} done  {label}")
    assert min(asking.sent.values()) >= 100
    assert len(asking.done) > 0.2 * len(asking.sent)


async def ask(asking: Asking, send: Callable[[int], None], seed: int) -> None:
    print(f"seed {seed}")
    await asyncio.to_thread(send, seed)
    assert not asking.found, "\n\n".join(f"{label}\n{wrong}" for label, wrong in asking.found.items())
    assert asking.statuses["nobody"] >= {401}
    assert asking.statuses[ELSEWHERE] >= {403, 404, 422}
    assert asking.statuses[DISTRICT] >= {200, 404, 422}
