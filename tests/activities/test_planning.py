"""Drafts, changes by hand, moves, rooms shared and prepared, closing days, templates, programmes."""

from datetime import timedelta
from uuid import UUID, uuid4

from contracts.activities.v1 import (
    AmendSession,
    CancelSession,
    ClosingState,
    DraftList,
    GetJoinLink,
    GetSession,
    JoinLink,
    ListCalendar,
    ListDrafts,
    ListProgrammes,
    ListSessions,
    ListTemplates,
    MonthCalendar,
    MoveSession,
    PlanFromTemplate,
    ProgrammeKind,
    ProgrammeList,
    PublishSession,
    SaveTemplate,
    SessionAmended,
    SessionCancelled,
    SessionList,
    SessionMode,
    SessionMoved,
    SessionScheduled,
    SessionState,
    TemplateList,
    TemplateState,
    WithdrawClosing,
)
from contracts.refusals import Refusal
from tests.activities.test_sessions import new_programme
from tests.activities.world import COMMUNITY, Home, at, code, done, enrol
from tests.under_test import ServiceUnderTest

DISTRICT = "350503000000"
DAY = {"region": DISTRICT, "since": at(0), "until": at(23)}


async def test_a_draft_holds_its_room_and_is_nobodys_business(activities: ServiceUnderTest, home: Home) -> None:
    draft = await home.session(draft=True)
    [person] = await home.people(1)

    assert code(await activities.ask(home.plan())) == "room-taken"
    assert code(await activities.query(GetSession(session_id=draft))) == "unknown-session"
    assert code(await activities.ask(enrol(draft, [person]))) == "unknown-session"
    assert done(await activities.query(ListSessions(**DAY)), SessionList).sessions == ()
    assert done(await activities.query(ListCalendar(region=DISTRICT, month="2026-06")), MonthCalendar).entries == ()
    [seen] = done(await activities.query(ListDrafts(**DAY)), DraftList).sessions
    assert (seen.session_id, seen.status.value, seen.version) == (draft, "drafted", 0)
    assert await activities.said(SessionScheduled) == []


async def test_a_published_draft_is_said_once_however_often_it_is_asked(
    activities: ServiceUnderTest, home: Home
) -> None:
    draft = await home.session(draft=True)
    publish = PublishSession(session_id=draft)

    together = await activities.ask_together([publish, publish, PublishSession(session_id=uuid4())])
    again = await activities.ask_at_once([publish] * 3)

    assert [code(each) for each in [*together, *again]] == ["published"] * 2 + ["unknown-session"] + ["published"] * 3
    [fact] = await activities.said(SessionScheduled)
    assert (fact.session_id, fact.place) == (draft, "金山社区儿童之家")


async def test_what_can_no_longer_be_held_is_not_published(activities: ServiceUnderTest, home: Home) -> None:
    closed_day = await home.session(draft=True, starts_at=at(15, day=4), ends_at=at(16, day=4))
    late = await home.session(draft=True)
    await activities.ask(home.closing(4))
    home.move_to(at(15))

    answers = await activities.ask_together([PublishSession(session_id=id) for id in (closed_day, late)])
    elsewhere = await activities.ask(PublishSession(session_id=closed_day), region="350502000000")

    assert [code(each) for each in answers] == ["site-closed-then", "starts-in-past"]
    assert code(elsewhere) == "not-permitted"


async def test_what_was_called_off_is_not_published_again(activities: ServiceUnderTest, home: Home) -> None:
    session = await home.session()
    await activities.ask(CancelSession(session_id=session, reason="台风"))

    assert code(await activities.ask(PublishSession(session_id=session))) == "session-cancelled"


async def test_a_discarded_draft_leaves_nothing(activities: ServiceUnderTest, home: Home) -> None:
    draft = await home.session(draft=True)

    assert code(await activities.ask(CancelSession(session_id=draft, reason="不办了"))) == "cancelled"
    assert code(await activities.ask(home.plan())) == "published"
    assert await activities.said(SessionCancelled) == []
    assert await activities.count("room_use") == 1


async def test_a_moved_session_says_from_where_and_leaves_its_room(activities: ServiceUnderTest, home: Home) -> None:
    session, other = await home.session(), await home.session(starts_at=at(18), ends_at=at(19))
    move = MoveSession(session_id=session, starts_at=at(10, day=4), ends_at=at(12, day=4), reason="借用大教室")

    onto_other = move.model_copy(update={"starts_at": at(18, 30), "ends_at": at(20)})
    assert await activities.ask(onto_other) == Refusal("room-taken", session_id=str(other))
    moved = done(await activities.ask(move), SessionState)

    [fact] = await activities.said(SessionMoved)
    assert (moved.starts_at, moved.version) == (at(10, day=4), 2)
    assert (fact.started_at, fact.starts_at, fact.from_room_id) == (at(15), at(10, day=4), home.room_id)
    assert code(await activities.ask(home.plan())) == "published"
    assert code(await activities.ask(home.plan(starts_at=at(11, day=4), ends_at=at(12, day=4)))) == "room-taken"


async def test_a_large_session_is_not_moved_without_a_new_permit(activities: ServiceUnderTest, home: Home) -> None:
    square = {"room_id": home.other_room_id, "expected_heads": 1000}
    assert code(await activities.ask(home.plan(**square))) == "permit-needed"
    session = await home.session(**square, permit_number="QZ-2026-15")
    move = MoveSession(session_id=session, starts_at=at(18), ends_at=at(19))

    assert code(await activities.ask(move)) == "permit-needed"
    assert code(await activities.ask(move.model_copy(update={"permit_number": "QZ-2026-16"}))) == "published"


async def test_a_session_does_not_move_to_another_division_or_once_it_began(
    activities: ServiceUnderTest, home: Home
) -> None:
    session, far = await home.session(), await Home.opened(activities, region="350502001001")
    far_away = MoveSession(
        session_id=session, starts_at=at(18), ends_at=at(19), site_id=far.site_id, room_id=far.room_id
    )
    assert code(await activities.ask(far_away)) == "other-region"
    home.move_to(at(15, 30))
    assert (
        code(await activities.ask(MoveSession(session_id=session, starts_at=at(18), ends_at=at(19)))) == "session-over"
    )


async def test_a_change_by_hand_is_said_with_its_fields_and_keeps_promises(
    activities: ServiceUnderTest, home: Home
) -> None:
    session = await home.session(2)
    await home.enrolled(session, 2, 1)

    async def amended(**changes: object) -> str:
        return code(await activities.ask(AmendSession.model_validate({"session_id": session} | changes)))

    assert await amended(title="第二讲", capacity=3) == "seats-promised"
    assert await amended(capacity=1) == "seats-promised"
    assert await amended(mode="online") == "join-link-needed"
    assert await amended(title="第二讲", queue_open=False) == "published"
    assert await amended(set_up=10) == "published"  # nobody's business: not said
    assert await amended(title="第二讲") == "published"  # nothing changed
    [fact] = await activities.said(SessionAmended)
    assert (fact.title, fact.fields) == ("第二讲", ("title",))
    assert (await home.find(session)).version == 2


async def test_an_online_session_fills_no_room_and_tells_its_link_to_staff_alone(
    activities: ServiceUnderTest, home: Home
) -> None:
    link = "https://live.example.org/blue"
    online = await home.session(500, mode=SessionMode.ONLINE, join_link=link, starts_at=at(21), ends_at=at(22))
    ask = GetJoinLink(session_id=online)

    mixed = home.plan(capacity=500, mode=SessionMode.MIXED, join_link=link)
    assert code(await activities.ask(mixed)) == "room-too-small"
    assert done(await activities.query(ask), JoinLink).join_link == link
    assert code(await activities.query(ask, roles=["anonymous"])) == "not-permitted"
    [fact] = await activities.said(SessionScheduled)
    assert link not in fact.model_dump_json()
    assert link not in (await home.find(online)).model_dump_json()


async def test_set_up_and_clear_up_hold_the_room_too(activities: ServiceUnderTest, home: Home) -> None:
    await home.session(set_up=30, clear_up=15)  # 14:30 to 17:15

    before = await activities.ask(home.plan(starts_at=at(13), ends_at=at(14, 31)))
    after = await activities.ask(home.plan(starts_at=at(17, 30), ends_at=at(18), set_up=16))
    fitting = await activities.ask(home.plan(starts_at=at(17, 30), ends_at=at(18), set_up=15))

    assert [code(each) for each in (before, after, fitting)] == ["room-taken", "room-taken", "published"]


async def test_of_rivals_at_two_sites_that_share_a_room_one_gets_it(activities: ServiceUnderTest, home: Home) -> None:
    twin = await Home.opened(activities, room_id=home.room_id)

    answers = await activities.ask_at_once(each.plan() for each in (home, twin) * 4)

    assert sorted(map(code, answers)) == ["published"] + ["room-taken"] * 7
    assert await activities.count("room_use") == 1


async def test_of_rivals_that_move_into_a_room_one_gets_it(activities: ServiceUnderTest, home: Home) -> None:
    sessions = [await home.session(starts_at=at(9 + n, 30), ends_at=at(10 + n)) for n in range(4)]

    answers = await activities.ask_at_once(
        MoveSession(session_id=id, starts_at=at(10, day=4), ends_at=at(11, day=4)) for id in sessions
    )

    assert sorted(map(code, answers)) == ["published"] + ["room-taken"] * 3
    assert len(await activities.said(SessionMoved)) == 1


async def test_nothing_is_planned_on_closing_days_until_they_are_withdrawn(
    activities: ServiceUnderTest, home: Home
) -> None:
    planned = await home.session()
    closing = done(await activities.ask(home.closing(3)), ClosingState)

    assert closing.sessions == (planned,)
    assert code(await activities.ask(home.plan(starts_at=at(18), ends_at=at(19)))) == "site-closed-then"
    done(await activities.ask(WithdrawClosing(closing_id=closing.closing_id)), ClosingState)
    assert code(await activities.ask(home.plan(starts_at=at(18), ends_at=at(19)))) == "published"


async def test_a_closing_and_a_plan_of_the_same_day_never_miss_each_other(
    activities: ServiceUnderTest, home: Home
) -> None:
    for day in (10, 11, 12):
        plan = home.plan(starts_at=at(15, day=day), ends_at=at(16, day=day))
        answers = await activities.ask_at_once([home.closing(day), plan])
        closing = next(each for each in answers if isinstance(each, ClosingState))
        planned = any(isinstance(each, SessionState) for each in answers)
        assert planned == (plan.session_id in closing.sessions)


async def test_another_unit_plans_by_a_template(activities: ServiceUnderTest, home: Home) -> None:
    supplier = uuid4()
    session = await home.session(supplier_unit_id=supplier, set_up=20)
    save = SaveTemplate(template_id=uuid4(), name="防溺水讲座", session_id=session)
    saved = done(await activities.ask(save), TemplateState)
    far = await Home.opened(activities, region="350502001001")

    plan = PlanFromTemplate(
        template_id=saved.template_id,
        session_id=uuid4(),
        site_id=far.site_id,
        room_id=far.room_id,
        starts_at=at(9, day=5),
        capacity=12,
    )
    state = done(await activities.ask(plan, region="350502000000"), SessionState)

    assert saved.design.minutes == 120
    assert (state.title, state.capacity, state.supplier_unit_id) == ("蓝色成长课堂第一讲", 12, supplier)
    assert state.ends_at - state.starts_at == timedelta(hours=2)
    assert done(await activities.ask(save), TemplateState) == saved
    assert code(await activities.ask(save.model_copy(update={"name": "别名"}))) == "template-exists"


async def test_a_unit_finds_the_templates_of_its_own_and_of_the_levels_above(
    activities: ServiceUnderTest, home: Home
) -> None:
    street = await Home.opened(activities, region="350503001000")
    own, above = uuid4(), uuid4()
    for host, id in ((home, own), (street, above)):
        save = SaveTemplate(template_id=id, name="防溺水讲座", session_id=await host.session())
        done(await activities.ask(save), TemplateState)

    async def found_in(region: str) -> set[UUID]:
        listed = done(await activities.query(ListTemplates(region=region), region=region), TemplateList)
        return {each.template_id for each in listed.templates}

    assert await found_in(COMMUNITY) == await found_in(DISTRICT) == {own, above}
    assert await found_in("350503001002") == {above}
    assert await found_in("350502001001") == set()


async def test_a_set_may_name_more_members_than_are_listed(activities: ServiceUnderTest, home: Home) -> None:
    frame = new_programme("五彩课堂").model_copy(
        update={"kind": ProgrammeKind.FRAME, "members": 5, "year": 2026, "region": DISTRICT}
    )
    await activities.ask(frame)
    for colour in ("红色", "绿色", "蓝色", "金色"):
        await activities.ask(new_programme(f"{colour}课堂", parent_id=frame.programme_id))

    listed = done(await activities.query(ListProgrammes(region=COMMUNITY, year=2026)), ProgrammeList).programmes
    colours = done(
        await activities.query(ListProgrammes(region=COMMUNITY, parent_id=frame.programme_id)), ProgrammeList
    ).programmes

    [five] = [each for each in listed if each.kind is ProgrammeKind.FRAME]
    assert (five.members, five.listed, len(colours)) == (5, 4, 4)


async def test_the_calendar_of_a_district_shows_its_month_page_by_page(
    activities: ServiceUnderTest, home: Home
) -> None:
    ids = [await home.session(starts_at=at(9, day=day), ends_at=at(10, day=day)) for day in (9, 4, 30)]
    await activities.ask(CancelSession(session_id=ids[0], reason="台风"))
    june = ListCalendar(region=DISTRICT, month="2026-06", limit=2)

    first = done(await activities.query(june), MonthCalendar)
    rest = done(await activities.query(june.model_copy(update={"after": first.entries[-1].session_id})), MonthCalendar)
    city = done(await activities.query(june.model_copy(update={"region": "350500000000", "limit": 9})), MonthCalendar)
    july = done(await activities.query(ListCalendar(region=DISTRICT, month="2026-07")), MonthCalendar)

    assert [(each.session_id, each.status.value) for each in first.entries] == [
        (ids[1], "published"),
        (ids[0], "cancelled"),
    ]
    assert ([each.session_id for each in rest.entries], first.more, rest.more) == ([ids[2]], True, False)
    assert city.entries == first.entries + rest.entries
    assert july.entries == ()
