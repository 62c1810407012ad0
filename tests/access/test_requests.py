"""Every query and every command of every service, asked from anywhere about anywhere (promise 11).

Nothing of a row outside the asker's subtree is told and nothing there is changed, as the oracle of rules.py sees it.
"""

import asyncio
import json
import random
import re
from collections import Counter
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.activities.v1 import HeldByActivities, ReadFeed
from contracts.audit import AccessLog
from contracts.catalogue import QUERIES, SERVICES
from contracts.generation.samples import request_sample
from contracts.message import Command, Query
from contracts.notify.v1 import HeldByNotify
from contracts.refusals import Refusal
from contracts.region import NOWHERE
from contracts.registry.v1 import ConfirmClient, GetContacts, GetSealingKeys, ResolveClient, ResolveLogin, WhoAmI
from contracts.volunteers.v1 import HeldByVolunteers
from tests.access.land import REGIONS, Land, id_of
from tests.access.rules import scope_of_region, within
from tests.under_test import ALL_ROLES

LOGS = tuple(query for query in QUERIES if query.contract.reply is AccessLog)
"""Who saw somebody: she is told of any region, an auditor of the own alone (tests/registry/test_accesses.py)."""
UNBOUND = (
    *(ConfirmClient, GetContacts, GetSealingKeys, ResolveLogin, ResolveClient, WhoAmI, ReadFeed, *LOGS),
    *(HeldByActivities, HeldByVolunteers, HeldByNotify),
)
"""Asked by services and the gateway's edge, which have no region, and by anybody of herself."""
BEYOND = {"VerifyCertificate", "GetFeedback", "GetSessionReport", "GetAttendanceCertificate", "GetPublicSeries"}
"""Refused whoever asks: by a check code or a number that nobody has, of a session that is not counted yet, of a series
without a session."""
UUID_TEXT = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
CODE_TEXT = re.compile(r"\d{12}")

targets = st.sampled_from(REGIONS)
near = st.builds(
    lambda region, cut, digits: (region[:cut] + digits)[:12].ljust(12, "0"),
    targets,
    st.sampled_from((0, 2, 4, 6, 9, 12)),
    st.text("0123456789", max_size=4),
)
"""Codes above, below and beside those of the land; among them the one that stands for everywhere."""
askers = (
    targets
    | near
    | st.sampled_from(("000000000000", "", "3505", "all", "public", "35050300100a"))
    | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=13)
)
"""Regions of tokens, and what is no region at all."""
luck = st.integers(0, 2**32)
FEWEST = 80
FEWEST_AT_RANDOM = 40
"""Fewer are the same each time: what must be met at least once would be missed by chance now and then."""
"""Examples of a service with few requests: so many that some are done and some refused."""


def aimed(sample: Any, region: str, fresh: random.Random | None, field: str = "") -> Any:
    """A sample in which every id and code is that of `region`; with `fresh`, now and then an id is new."""
    if isinstance(sample, dict):
        return {name: aimed(value, region, fresh, name) for name, value in sample.items()}
    if isinstance(sample, list):
        return [aimed(value, region, fresh, {"people": "person_id"}.get(field, field)) for value in sample]
    if isinstance(sample, str) and UUID_TEXT.fullmatch(sample):
        new = fresh is not None and fresh.random() < 0.3
        return str(UUID(int=fresh.getrandbits(128), version=4) if new and fresh else id_of(field, region))
    if isinstance(sample, str) and CODE_TEXT.fullmatch(sample):
        return region
    return sample


def own_ids(land: Land) -> dict[str, str]:
    """The ids by which rows of tables marked `own` are known, and the regions of those rows."""
    return {
        str(value): region
        for table, rule in land.rules.items()
        for region, row in land.rows[table].items()
        for name, value in row.items()
        if rule.kind == "own"
        and isinstance(value, UUID)
        and name not in ("unit_id", "site_id", "session_id", "team_id")
        if name != "shift_id"
    }


def of_service(land: Land, kind: type) -> list[Any]:
    service = land.place.service
    known = service.answerers if kind is Query else [decider.command for decider in service.deciders]
    return [each for each in known if each not in UNBOUND]


@pytest.fixture(scope="module")
async def loop(lands: dict[str, Land]) -> asyncio.AbstractEventLoop:
    """The loop in which the services live; a test that is not async itself lets it run."""
    return asyncio.get_running_loop()


@pytest.mark.parametrize("examples", [2, pytest.param(40, marks=pytest.mark.soak)])
@pytest.mark.parametrize("service", SERVICES)
def test_no_query_tells_of_rows_outside_the_subtree(
    lands: dict[str, Land], loop: asyncio.AbstractEventLoop, service: str, examples: int
) -> None:
    land, told = lands[service], Counter[str]()
    owners, queries = own_ids(land), of_service(land, Query)

    def ask(query: Any, asker: str, target: str) -> None:
        asked = query.model_validate_json(json.dumps(aimed(request_sample(query), target, None)))
        answer = loop.run_until_complete(land.place.query(asked, region=asker, actor=str(id_of("person_id", target))))
        scope = scope_of_region(asker)
        if isinstance(answer, Refusal):
            assert answer.code not in ("internal-error", "unavailable"), query
            return
        told[query.__name__] += 1
        named = {owners[id] for id in UUID_TEXT.findall(answer.model_dump_json()) if id in owners}
        assert all(within(scope, region) for region in named), (query, asker, target)

    @settings(
        max_examples=max(FEWEST, examples * len(queries)),
        deadline=None,
        derandomize=examples < FEWEST_AT_RANDOM,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
    @given(st.sampled_from(queries), askers, targets)
    def ask_from_anywhere(query: Any, asker: str, target: str) -> None:
        ask(query, asker, target)

    for query in queries:
        for asker in (REGIONS[0], NOWHERE):  # some are for staff of no region alone
            if not told[query.__name__]:
                ask(query, asker, REGIONS[0])
    ask_from_anywhere()
    assert set(told) >= {query.__name__ for query in queries} - BEYOND, told


@pytest.mark.parametrize("examples", [2, pytest.param(40, marks=pytest.mark.soak)])
@pytest.mark.parametrize("service", SERVICES)
def test_no_command_changes_rows_outside_the_subtree(
    lands: dict[str, Land], loop: asyncio.AbstractEventLoop, service: str, examples: int
) -> None:
    land, outcomes = lands[service], Counter[str]()
    commands = of_service(land, Command)
    loop.run_until_complete(land.changed())

    async def meddle(command: Any, asker: str, target: str, seed: int) -> Any:
        asked = command.model_validate_json(json.dumps(aimed(request_sample(command), target, random.Random(seed))))
        scope = scope_of_region(asker)
        outcome = await land.place.ask(asked, region=asker, actor=str(uuid4()), roles=ALL_ROLES)
        outside = {
            (table, region)
            for table, region in await land.changed()
            if land.rules[table].kind == "told" or not within(scope, region)
        }
        assert scope == "all" or not outside, (command, asker, target, outside)
        return outcome

    @settings(
        max_examples=max(FEWEST, examples * len(commands)),
        deadline=None,
        derandomize=examples < FEWEST_AT_RANDOM,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
    @given(st.sampled_from(commands), askers, targets, luck)
    def ask(command: Any, asker: str, target: str, seed: int) -> None:
        outcome = loop.run_until_complete(meddle(command, asker, target, seed))
        outcomes[outcome.code if isinstance(outcome, Refusal) else "done"] += 1
        assert not outcomes["internal-error"], (command, asker, target)

    ask()
    assert outcomes["done"] > 0, outcomes
    assert outcomes["not-permitted"] > 0, outcomes
