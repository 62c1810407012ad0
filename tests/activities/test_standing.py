"""No-shows: they lapse, expire, can be appealed against, and never touch hours (A14)."""

import asyncio
from collections import Counter
from typing import Any
from uuid import UUID, uuid4

from contracts.activities.v1 import (
    AppealDecided,
    AppealReason,
    AppealStanding,
    CloseSession,
    DecideAppeal,
    EnrolmentState,
    EnrolmentTerms,
    EnrolmentWithdrawn,
    GetStanding,
    MarkExcused,
    StandingChanged,
    StandingList,
    StandingRule,
    StandingState,
)
from tests.activities.world import Home, at, code, done, enrol
from tests.under_test import ServiceUnderTest

STRICT = EnrolmentTerms(standing=StandingRule(absences=2, within_days=60, suspends_days=30))


async def stay_away(home: Home, *contacts: UUID, day: int, terms: EnrolmentTerms = STRICT) -> None:
    """A held session of that day of June to which none of these contacts came."""
    session = await home.session(starts_at=at(15, day=day), ends_at=at(17, day=day), terms=terms)
    [present] = await home.people(1)
    await home.service.ask_together([enrol(session, [each]) for each in (present, *contacts)])
    home.move_to(at(15, day=day))
    await home.service.ask(home.scan(session, present))
    home.move_to(at(17, day=day))
    await home.service.ask(CloseSession(session_id=session))


async def standing_of(home: Home, person: UUID) -> StandingState:
    found = done(await home.service.query(GetStanding(person_id=person)), StandingList)
    [standing] = found.standings
    return standing


async def enrols(home: Home, person: UUID, day: int, **changes: Any) -> Any:
    session = await home.session(starts_at=at(15, day=day), ends_at=at(17, day=day), **changes)
    return await home.service.ask(enrol(session, [person]))


async def suspended(home: Home) -> tuple[UUID, StandingState]:
    """Somebody who stayed away on the 4th and the 5th, and may not enrol until 5 July."""
    [person] = await home.people(1)
    await stay_away(home, person, day=4)
    await stay_away(home, person, day=5)
    return person, await standing_of(home, person)


async def test_who_stays_away_too_often_is_suspended_and_told_until_when(
    activities: ServiceUnderTest, home: Home
) -> None:
    person, standing = await suspended(home)

    refused = await enrols(home, person, 6, terms=STRICT)
    unasked = await enrols(home, person, 7)

    assert (standing.status, standing.absences) == ("suspended", 0)
    assert (code(refused), refused.params) == ("suspended", {"until": "2026-07-05T17:00:00+08:00"})
    assert code(unasked) == "confirmed"
    [changed] = await activities.said(StandingChanged)
    assert (changed.person_id, changed.unit_id, changed.why) == (person, home.unit_id, "absences")


async def test_a_suspension_ends_by_itself(activities: ServiceUnderTest, home: Home) -> None:
    person, _ = await suspended(home)
    home.move_to(at(17, day=5).replace(month=7))
    await activities.fire_timers()
    await activities.fire_timers()

    assert (await standing_of(home, person)).status == "good"
    assert [(each.status, each.why) for each in await activities.said(StandingChanged)] == [
        ("suspended", "absences"), ("good", "lapsed"),
    ]  # fmt: skip


async def test_absences_lapse_and_a_family_of_which_one_came_was_there(
    activities: ServiceUnderTest, home: Home
) -> None:
    [person, child] = await home.people(2)
    session = await home.session(terms=STRICT)
    await activities.ask(enrol(session, [person, child]))
    home.move_to(at(15))
    await activities.ask(home.scan(session, child))
    home.move_to(at(17))
    await activities.ask(CloseSession(session_id=session))
    assert done(await activities.query(GetStanding(person_id=person)), StandingList).standings == ()

    await stay_away(home, person, day=4)
    assert (await standing_of(home, person)).absences == 1
    home.move(days=61)
    assert (await standing_of(home, person)).absences == 0


async def test_who_was_excused_did_not_stay_away(activities: ServiceUnderTest, home: Home) -> None:
    session = await home.session(terms=STRICT)
    ill, gone, present = await home.people(3)
    await activities.ask_together([enrol(session, [each]) for each in (ill, gone, present)])
    await activities.ask(MarkExcused(session_id=session, person_id=ill, excused=True))
    home.move_to(at(15))
    await activities.ask(home.scan(session, present))
    home.move_to(at(17))
    await activities.ask(CloseSession(session_id=session))

    assert done(await activities.query(GetStanding(person_id=ill)), StandingList).standings == ()
    assert (await standing_of(home, gone)).absences == 1


async def test_nobody_stayed_away_from_a_session_that_was_not_held(activities: ServiceUnderTest, home: Home) -> None:
    session, [person] = await home.session(terms=STRICT), await home.people(1)
    await activities.ask(enrol(session, [person]))
    home.move_to(at(17))
    await activities.ask(CloseSession(session_id=session))

    assert await activities.count("absence") == 0


async def test_an_appeal_is_decided_by_somebody_else_and_lifts_the_suspension(
    activities: ServiceUnderTest, home: Home
) -> None:
    person, standing = await suspended(home)
    appeal = AppealStanding(standing_id=standing.standing_id, appeal_id=uuid4(), reason=AppealReason.WAS_THERE)
    clerk, officer = str(uuid4()), str(uuid4())

    first = done(await activities.ask(appeal, actor=clerk), StandingState)
    second = await activities.ask(appeal.model_copy(update={"appeal_id": uuid4()}), actor=clerk)
    decide = DecideAppeal(appeal_id=appeal.appeal_id, uphold=True)
    reached = [
        code(await activities.ask(decide, actor=actor, **role))
        for actor, role in ((clerk, {}), (str(person), {}), (officer, {"roles": ("editor",)}), (officer, {}))
    ]
    again = await activities.ask(decide, actor=officer)

    assert (first.appeal, code(second)) == ("open", "appeal-open")
    assert reached == ["own-appeal", "own-appeal", "not-permitted", "good"]
    assert code(again) == "appeal-decided"
    assert [each.why for each in await activities.said(StandingChanged)] == ["absences", "appeal-upheld"]
    assert code(await enrols(home, person, 6, terms=STRICT)) == "confirmed"
    home.move_to(at(18, day=5).replace(month=7))
    await activities.fire_timers()
    assert len(await activities.said(StandingChanged)) == 2


async def test_of_officers_who_decide_at_once_one_decides(activities: ServiceUnderTest, home: Home) -> None:
    _, standing = await suspended(home)
    appeal = AppealStanding(standing_id=standing.standing_id, appeal_id=uuid4(), reason=AppealReason.ILL)
    await activities.ask(appeal, actor=str(uuid4()))

    decisions = [DecideAppeal(appeal_id=appeal.appeal_id, uphold=uphold) for uphold in (True, False) * 4]
    answers = await activities.ask_at_once(decisions)

    reached = Counter(getattr(each, "code", "done") for each in answers)
    assert reached == {"done": 1, "appeal-decided": 7}
    assert len(await activities.said(AppealDecided)) == 1


async def test_a_dismissed_appeal_leaves_the_suspension(activities: ServiceUnderTest, home: Home) -> None:
    person, standing = await suspended(home)
    appeal = AppealStanding(standing_id=standing.standing_id, appeal_id=uuid4(), reason=AppealReason.OTHER)
    await activities.ask(appeal, actor=str(uuid4()))

    stands = done(await activities.ask(DecideAppeal(appeal_id=appeal.appeal_id, uphold=False)), StandingState)

    assert (stands.status, stands.appeal) == ("suspended", "dismissed")
    assert code(await enrols(home, person, 6, terms=STRICT)) == "suspended"


async def test_a_late_withdrawal_counts_only_where_the_rule_says_so(activities: ServiceUnderTest, home: Home) -> None:
    rule = StandingRule(absences=1, late_withdrawal_counts=True)
    strict = EnrolmentTerms(standing=rule, withdraw_before_minutes=120)
    mild = EnrolmentTerms(standing=StandingRule(absences=1), withdraw_before_minutes=120)
    [early, late, spared] = await home.people(3)
    counts, does_not = await home.session(terms=strict), await home.session(terms=mild, room_id=home.other_room_id)
    states = await activities.ask_together([enrol(counts, [early]), enrol(counts, [late]), enrol(does_not, [spared])])
    [in_time, *too_late] = [done(each, EnrolmentState) for each in states]

    home.move_to(at(13))
    await home.withdraw(in_time)
    home.move_to(at(13, 1))
    await asyncio.gather(*map(home.withdraw, too_late))

    assert {each.contact_id: each.late for each in await activities.said(EnrolmentWithdrawn)} == {
        early: False, late: True, spared: True,
    }  # fmt: skip
    assert [each.person_id for each in await activities.said(StandingChanged)] == [late]
