"""A fair of thousands is closed, moved, drawn and told of like a small session: no step takes a statement a person.

The service gives a handler ten seconds (services/chassis/limits.py) and takes back what takes longer, for ever.
"""

from collections import Counter
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.activities.v1 import (
    ChildOverdue,
    CloseSession,
    CorrectAttendance,
    CorrectionState,
    EnrolmentTerms,
    SessionState,
    SessionStatus,
    StandingChanged,
    StandingRule,
)
from services.activities.counting import parts, store
from services.activities.custody.alarm import OVERDUE
from services.chassis.timers import Timers
from services.chassis.transaction import Transaction
from tests.activities.duty import take_into_care
from tests.activities.large import come, seat
from tests.activities.world import COMMUNITY, Home, at, code, done
from tests.under_test import ServiceUnderTest

STRICT = EnrolmentTerms(standing=StandingRule(absences=1, within_days=60, suspends_days=30))
SET_TIMER = "INSERT INTO timer (kind, key, due_at) VALUES ($1, $2, $3)"


async def fair(home: Home, capacity: int, hour: int = 15) -> UUID:
    """A session on the square, with a rule on who stays away."""
    return await home.session(
        capacity, room_id=home.other_room_id, starts_at=at(hour), ends_at=at(hour + 1), permit_number="p-1",
        terms=STRICT,
    )  # fmt: skip


async def held(home: Home, hour: int, absent: int) -> UUID:
    session = await fair(home, absent + 2, hour)
    people = await seat(home.service.admin, session, absent + 2)
    await come(home.service.admin, session, people[:2])
    return session


async def test_closing_takes_as_many_statements_for_hundreds_as_for_a_few(
    whole_day: ServiceUnderTest, door: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    few, many = await held(door, 10, absent=3), await held(door, 12, absent=300)
    door.move_to(at(13))
    sent: list[str] = []
    for name in ("fetch", "execute", "value", "find"):
        monkeypatch.setattr(Transaction, name, _counted(getattr(Transaction, name), sent))

    numbers = []
    for session in (few, many):
        sent.clear()
        done(await whole_day.ask(CloseSession(session_id=session)), SessionState)
        numbers.append(Counter(sent))

    assert numbers[0] == numbers[1]
    door.move(days=31)
    sent.clear()
    await whole_day.fire_timers()
    assert len(sent) < 40
    ends = [fact.why for fact in await whole_day.said(StandingChanged)]
    assert Counter(ends) == {"absences": 303, "lapsed": 303}


def _counted(call: Any, sent: list[str]) -> Any:
    async def counted(tx: Transaction, sql: str, *values: Any) -> Any:
        sent.append(sql)
        return await call(tx, sql, *values)

    return counted


async def test_a_large_session_is_booked_in_parts_that_add_up(
    whole_day: ServiceUnderTest, door: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At every instant sums and facts agree; what needs all of it waits for the last part; a timer that fires again
    finds nothing to book."""
    monkeypatch.setattr(parts, "PART", 4)
    session = await fair(door, 10, 10)
    await come(whole_day.admin, session, await seat(whole_day.admin, session, 10))
    door.move_to(at(18))

    closed = done(await whole_day.ask(CloseSession(session_id=session)), SessionState)

    mend = CorrectAttendance(
        correction_id=uuid4(), session_id=session, reason="漏记", evidence="paper-1", came=(await door.person(),)
    )
    assert code(await whole_day.ask(mend)) == "session-not-counted"
    assert await whole_day.admin.fetchval(store.COUNT_UNCOUNTED, COMMUNITY, f"{COMMUNITY}~", at(9), at(11)) == 1
    booked = []
    timers = Timers(parts.COUNT_ON, whole_day.service.timers[parts.COUNT_ON], whole_day.running)
    while await timers.fire():
        booked.append(await heads_and_sum(whole_day, session, door.site_id))
    await whole_day.admin.execute("UPDATE timer SET fired_at = NULL WHERE kind = $1", parts.COUNT_ON)
    await timers.fire()

    assert closed.status is SessionStatus.CLOSED
    assert booked == [(8, 8), (10, 10)]
    assert await heads_and_sum(whole_day, session, door.site_id) == (10, 10)
    assert done(await whole_day.ask(mend), CorrectionState).person_times == 11


async def heads_and_sum(service: ServiceUnderTest, session: UUID, site: UUID) -> tuple[int, int]:
    heads = "SELECT count(*) FROM counted_head WHERE session_id = $1 AND uncounted_by IS NULL"
    total = "SELECT times FROM tally WHERE kind = 'site' AND topic = $1 AND period = '2026'"
    return await service.admin.fetchval(heads, session), await service.admin.fetchval(total, site)


@pytest.mark.soak
@pytest.mark.parametrize("came", [5000, 1])
async def test_a_fair_of_five_thousand_is_closed_in_the_time_a_handler_has(
    activities: ServiceUnderTest, home: Home, came: int
) -> None:
    """Whether all of them came or all but one stayed away: what takes too long is a refusal here."""
    session = await fair(home, 5000)
    people = await seat(activities.admin, session, 5000)
    await come(activities.admin, session, people[:came])
    home.move_to(at(17))

    closed = done(await activities.ask(CloseSession(session_id=session)), SessionState)

    assert (closed.status, closed.seats_taken) == (SessionStatus.CLOSED, 5000)
    assert len(await activities.said(StandingChanged)) == 5000 - came
    await activities.fire_timers()
    assert await heads_and_sum(activities, session, home.site_id) == (came, came)


@pytest.mark.soak
async def test_of_five_thousand_children_whom_nobody_fetched_each_is_told_of_once(
    activities: ServiceUnderTest, home: Home
) -> None:
    await take_into_care(home)
    session = await fair(home, 5000)
    children = await seat(activities.admin, session, 5000, "6-13")
    await come(activities.admin, session, children)
    await activities.admin.execute(SET_TIMER, OVERDUE, session, at(16, 15))
    home.move_to(at(17))

    for _ in range(2):
        await activities.fire_timers()

    told = [fact.child_id for fact in await activities.said(ChildOverdue)]
    assert (len(told), set(told)) == (5000, set(children))
