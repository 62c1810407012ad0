"""Whatever three members of staff do, and whatever time passes, a record opens to nobody else (promise 12).

Saboteur: self-approval.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from contracts.data import AgeBand
from contracts.message import Command
from contracts.registry.v1 import PersonRecord
from tests.registry.conftest import registered
from tests.registry.office import STAFF, approval, by, emergency, reads, refusal_of, request, review, written_down
from tests.registry.saboteurs import sabotage
from tests.under_test import ServiceUnderTest


@dataclass(slots=True)
class Case:
    """What the model knows of one case."""

    record_access_id: UUID
    requester: str
    status: str
    asked_at: datetime
    expires_at: datetime | None = None
    reviewed: bool = False


class Office(RuleBasedStateMachine):
    """Three members of staff about one child's record: what each may do next, by a model of thirty lines."""

    registry: ServiceUnderTest
    loop: asyncio.AbstractEventLoop
    seen: dict[str, int]

    def __init__(self) -> None:
        super().__init__()
        self.cases: list[Case] = []
        self.readings = 0
        self.child = self.loop.run_until_complete(self._settle())

    async def _settle(self) -> UUID:
        mother = await registered(self.registry)
        return (await registered(self.registry, age_band=AgeBand.EARLY, guardian_id=mother.person_id)).person_id

    @property
    def now(self) -> datetime:
        return self.registry.clock.now()

    def _ask(self, who: str, command: Command[Any]) -> str:
        outcome = str(self.loop.run_until_complete(by(self.registry, who, command)))
        self.seen[outcome] = self.seen.get(outcome, 0) + 1
        return outcome

    @rule(who=st.sampled_from(STAFF))
    def ask(self, who: str) -> None:
        command = request(self.child)
        assert self._ask(who, command) == "requested"
        self.cases.append(Case(command.record_access_id, who, "requested", self.now))

    @rule(who=st.sampled_from(STAFF), away=st.sampled_from((1, 2)))
    def ask_and_be_allowed(self, who: str, away: int) -> None:
        self.ask(who)
        self.decide(away, 1, True)

    @rule(who=st.sampled_from(STAFF))
    def break_the_glass(self, who: str) -> None:
        command = emergency(self.child)
        assert self._ask(who, command) == "opened"
        ends = self.now + timedelta(minutes=15)
        self.cases.append(Case(command.record_access_id, who, "opened", self.now, ends))

    @rule(away=st.sampled_from((0, 1, 1, 2)), back=st.integers(1, 3), approving=st.sampled_from((True, True, False)))
    def decide(self, away: int, back: int, approving: bool) -> None:
        """One of the newest cases, by its requester (`away` 0) or a colleague."""
        if not self.cases:
            return
        case = self.cases[-min(back, len(self.cases))]
        who = STAFF[(STAFF.index(case.requester) + away) % len(STAFF)]
        command = approval(case) if approving else refusal_of(case)
        if who == case.requester:
            expected = "own-request"
        elif case.status != "requested":
            expected = "access-decided"
        elif approving and self.now >= case.asked_at + timedelta(days=3):
            expected = "request-lapsed"
        else:
            expected = case.status = "approved" if approving else "refused"
            case.expires_at = self.now + timedelta(minutes=60) if approving else None
        assert self._ask(who, command) == expected

    @rule(who=st.sampled_from(STAFF), pick=st.integers(0, 9))
    def look_at_it_later(self, who: str, pick: int) -> None:
        if not self.cases:
            return
        case = self.cases[pick % len(self.cases)]
        if who == case.requester:
            expected = "own-request"
        elif case.status != "opened":
            expected = "nothing-to-review"
        else:
            expected = "access-reviewed" if case.reviewed else "opened"
            case.reviewed = True
        assert self._ask(who, review(case)) == expected

    @rule(minutes=st.sampled_from((1, 1, 14, 45, 60, 3 * 24 * 60)))
    def wait(self, minutes: int) -> None:
        self.registry.clock.move(minutes=minutes)

    @rule(who=st.sampled_from(STAFF))
    def read(self, who: str) -> None:
        outcome = self.loop.run_until_complete(reads(self.registry, who, self.child))
        is_open = any(
            case.requester == who and case.expires_at is not None and case.expires_at > self.now for case in self.cases
        )
        assert isinstance(outcome, PersonRecord) == is_open, outcome
        self.readings += is_open
        self.seen["read" if is_open else "closed"] = self.seen.get("read" if is_open else "closed", 0) + 1

    @invariant()
    def every_opening_is_written_down(self) -> None:
        rows = self.loop.run_until_complete(written_down(self.registry, self.child))
        told = [action for action, _, _ in rows]
        assert told.count("record-read") == self.readings


@pytest.fixture(scope="module")
async def registry(registry_of_module: ServiceUnderTest) -> AsyncIterator[ServiceUnderTest]:
    with pytest.MonkeyPatch.context() as patch:
        await sabotage(registry_of_module, os.environ.get("LINLI_SABOTAGE", "").split(","), patch)
        yield registry_of_module


@pytest.fixture
async def loop(registry: ServiceUnderTest) -> asyncio.AbstractEventLoop:
    """The loop in which the service lives; a test that is not async itself lets it run."""
    return asyncio.get_running_loop()


@pytest.mark.parametrize("examples", [15, pytest.param(300, marks=pytest.mark.soak)])
def test_no_order_of_requests_approvals_and_time_opens_a_record_to_the_wrong_person(
    registry: ServiceUnderTest, loop: asyncio.AbstractEventLoop, examples: int
) -> None:
    seen: dict[str, int] = {}
    office = type("OfficeHere", (Office,), {"registry": registry, "loop": loop, "seen": seen})

    run_state_machine_as_test(
        office,
        settings=settings(
            max_examples=examples,
            stateful_step_count=20,
            deadline=None,
            derandomize=examples < 100,  # the few of the quick variant are always the same, and reach all that is asked
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )

    assert set(seen) >= {"read", "closed", "approved", "own-request", "opened"}, seen
