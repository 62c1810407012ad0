"""Offers of freed seats: families accept, decline, withdraw and sleep over them, in every order."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time, timedelta
from uuid import UUID

import pytest

from contracts.activities.v1 import EnrolmentStatus, SessionStatus
from contracts.refusals import Refusal
from services.activities.enrolment.rules import ACTIVE, Enrolment, Seats, StepKind, may_withdraw, seats_of, without
from services.activities.offers import rules
from services.activities.sessions.rules import SHANGHAI, Session
from tests.simulation.processes import RunClock
from tests.simulation.scheduler import Found, World, explore

CAPACITY = 6
FAMILIES = 12
HOUR = 3600.0


class Class:
    """One session and its queue. As in the handlers, whoever changes anything holds the session's lock."""

    def __init__(self, world: World) -> None:
        self.world, self.clock = world, RunClock(world)
        self.starts_at = self.clock.now() + timedelta(days=3, hours=7)
        self.session = Session(
            UUID(int=1), "课堂", UUID(int=2), UUID(int=3), UUID(int=4), "350503001001", self.starts_at,
            self.starts_at + timedelta(hours=2), CAPACITY, frozenset(), True, 0, 0, SessionStatus.PUBLISHED, 1,
        )  # fmt: skip
        self.families: dict[UUID, Enrolment] = {}
        self.reminders: set[asyncio.Task[None]] = set()
        self._lock = asyncio.Lock()

    async def change(self, id: UUID, decide: Callable[[Enrolment], Refusal | None]) -> Refusal | None:
        """One transaction: lock, load, decide, save; then the accounts must be right."""
        await self._travel()
        async with self._lock:
            family = self.families[id]
            await self._travel()
            refusal = decide(family)
            self.check()
        return refusal

    async def _travel(self) -> None:
        await asyncio.sleep(self.world.dice.choice((0, 0.01, 0.2)))

    def enrol(self, id: UUID, seats: int) -> None:
        placing = seats_of(self.session).place(seats)
        assert not isinstance(placing, Refusal)
        self.families[id] = Enrolment(id, UUID(int=1), id, (), seats, placing.status, None, None, 1)
        self._hold(placing.after)
        self.check()

    def accept(self, family: Enrolment) -> Refusal | None:
        refusal = rules.may_accept(family, self.clock.now())
        if refusal is None:
            self._save(family, EnrolmentStatus.CONFIRMED)
        self.world.saw(refusal.code if refusal else "accepted")
        return refusal

    def decline(self, family: Enrolment) -> Refusal | None:
        refusal = rules.may_decline(family)
        if refusal is None:
            self.world.saw("declined")
            self._end(family, StepKind.DECLINED)
        return refusal

    def withdraw(self, family: Enrolment) -> Refusal | None:
        refusal = may_withdraw(family, self.session, self.clock.now())
        if refusal is None:
            self.world.saw(f"withdrawn while {family.status.value}")
            self._end(family, StepKind.WITHDRAWN)
        return refusal

    def lapse(self, family: Enrolment) -> Refusal | None:
        if rules.has_lapsed(family, self.clock.now()):
            self.world.saw("lapsed")
            self._end(family, StepKind.LAPSED)
        return None

    def _end(self, family: Enrolment, how: StepKind) -> None:
        self._hold(without(seats_of(self.session), family))
        self._save(family, EnrolmentStatus.WITHDRAWN, ending=how.value)
        if self.starts_at > self.clock.now():
            self._offer()

    def _offer(self) -> None:
        waiting = [each for each in self.families.values() if each.status is EnrolmentStatus.WAITING]
        offers = self.choose(waiting, seats_of(self.session))
        deadline = rules.answer_by(self.clock.now(), self.starts_at)
        self._check_deadline(deadline)
        for family, _ in offers.offered:
            self._save(family, EnrolmentStatus.OFFERED, answer_by=deadline)
            self.reminders.add(asyncio.create_task(self._remind(family.enrolment_id, deadline)))
        self._hold(replace(offers.left, waiting=self.session.waiting - len(offers.offered)))

    def _hold(self, seats: Seats) -> None:
        self.session = replace(self.session, seats_taken=seats.taken, waiting=seats.waiting)

    choose = staticmethod(rules.go_through)

    def _save(self, family: Enrolment, status: EnrolmentStatus, **changes: object) -> None:
        self.families[family.enrolment_id] = replace(family, status=status, version=family.version + 1, **changes)  # type: ignore[arg-type]

    async def _remind(self, id: UUID, deadline: datetime) -> None:
        """The durable timer: fires after the deadline, late sometimes, twice sometimes."""
        await asyncio.sleep((deadline - self.clock.now()).total_seconds() + self.world.dice.choice((0, 0.5, 60)))
        for _ in range(self.world.dice.choice((1, 2))):
            await self.change(id, self.lapse)

    def _check_deadline(self, deadline: datetime) -> None:
        local, now = deadline.astimezone(SHANGHAI), self.clock.now()
        if deadline == self.starts_at:
            self.world.saw("cut by the start")
            return
        assert time(8) <= local.time() <= time(21), f"at night: {local}"
        assert deadline - now >= rules.TIME_TO_ANSWER, "hurried"
        if deadline - now > rules.TIME_TO_ANSWER:
            self.world.saw("over the night")

    def check(self) -> None:
        held = [each for each in self.families.values() if each.status in ACTIVE]
        waiting = [each for each in held if each.status is EnrolmentStatus.WAITING]
        taken = sum(each.seats for each in held) - sum(each.seats for each in waiting)
        assert taken == self.session.seats_taken <= CAPACITY, f"oversold: {taken} of {CAPACITY}"
        assert self.session.waiting == len(waiting), "queue miscounted"
        if self.starts_at > self.clock.now():
            passed = [each.enrolment_id.int for each in waiting if each.seats <= self.session.free]
            assert passed == [], f"unfair: {passed} would fit"


async def live(hall: Class, number: int) -> None:
    """One family: comes, and does on offers what families do."""
    dice, id = hall.world.dice, UUID(int=number)
    await asyncio.sleep(dice.uniform(0, 40 * HOUR))
    hall.enrol(id, dice.randint(1, 3))
    said_yes = False
    for _ in range(30):
        await asyncio.sleep(dice.choice((0.01, HOUR, 3 * HOUR, 7 * HOUR)))
        act = dice.choice((hall.accept, hall.accept, hall.decline, hall.lapse, hall.withdraw))
        if act == hall.withdraw and dice.random() < 0.7:
            continue
        refusals = await asyncio.gather(*(hall.change(id, act) for _ in range(dice.choice((1, 1, 2)))))
        if act == hall.accept:
            won = refusals.count(None)
            assert won <= 1, "accepted twice"
            said_yes = said_yes or won == 1
        kept = hall.families[id].status is EnrolmentStatus.CONFIRMED
        assert kept or not said_yes or hall.families[id].ending == StepKind.WITHDRAWN, "thrown out"


async def scenario_with(world: World, kind: type[Class]) -> None:
    hall = kind(world)
    await asyncio.gather(*(live(hall, number) for number in range(10, 10 + FAMILIES)))
    await asyncio.gather(*hall.reminders)


class ReadsBeforeItLocks(Class):
    """Decides by what it saw before it had the lock."""

    async def change(self, id: UUID, decide: Callable[[Enrolment], Refusal | None]) -> Refusal | None:
        family = self.families[id]
        await self._travel()
        async with self._lock:
            refusal = decide(family)
            self.check()
        return refusal


class StopsAtTheFirst(Class):
    """Lets a large family block the smaller ones behind it."""

    @staticmethod
    def choose(waiting: list[Enrolment], seats: Seats) -> rules.Offers:  # type: ignore[override]
        return rules.go_through(waiting[:1], seats)


class ForgetsTheAnswer(Class):
    """The timer ends whatever it finds."""

    def lapse(self, family: Enrolment) -> Refusal | None:
        if family.answer_by and family.answer_by <= self.clock.now() and family.status in ACTIVE:
            self._end(family, StepKind.LAPSED)
        return None


def test_freed_seats_are_offered_fairly_and_never_twice() -> None:
    async def scenario(world: World) -> None:
        await scenario_with(world, Class)

    explore(
        scenario,
        sometimes=["accepted", "declined", "lapsed", "withdrawn while offered", "withdrawn while confirmed",
                   "offer-lapsed", "no-offer", "over the night", "cut by the start"],
        seeds=60,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        (ReadsBeforeItLocks, "oversold|accepted twice|queue miscounted|unfair"),
        (StopsAtTheFirst, "unfair"),
        (ForgetsTheAnswer, "thrown out|unfair|oversold"),
    ],
)
def test_broken_offers_are_found_out(kind: type[Class], found: str) -> None:
    async def scenario(world: World) -> None:
        await scenario_with(world, kind)

    with pytest.raises(Found, match=f"AssertionError: ({found})") as caught:
        explore(scenario)
    print(f"{kind.__name__}: seed {caught.value.seed}")
