"""Standing in during leave (X14), and duties that one person must not hold together."""

from collections import Counter
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from contracts.refusals import Refusal
from contracts.registry.v1 import (
    Appoint,
    AppointmentState,
    Delegate,
    DelegationEnded,
    DelegationStarted,
    EndDelegation,
    Function,
    Office,
    PostKind,
    RegisterPerson,
    UnitState,
)
from services.registry.appointments.rules import FUNCTIONS, Held, may_also_hold, offices
from tests.registry.conftest import FENGJIE, registered
from tests.registry.test_accounts import account_of, appointed, code, done, hashed, log_in
from tests.under_test import ServiceUnderTest

TODAY = date(2026, 6, 3)
UNIT = UUID(int=7)


@pytest.fixture
async def chair(registry: ServiceUnderTest, federation: UnitState) -> UUID:
    """An appointment as chair since spring."""
    return await appointed(registry, federation, await registered(registry))


@pytest.fixture
async def deputy(registry: ServiceUnderTest) -> RegisterPerson:
    person = await registered(registry)
    done(await registry.ask(account_of(person)))
    return person


def delegation(appointment: UUID, person: RegisterPerson, days: int = 7, since: date = TODAY) -> Delegate:
    return Delegate(
        delegation_id=uuid4(), appointment_id=appointment, person_id=person.person_id, since=since,
        until=since + timedelta(days=days - 1),
    )  # fmt: skip


async def test_whoever_stands_in_acts_until_the_last_day_and_no_longer(
    registry: ServiceUnderTest, chair: UUID, deputy: RegisterPerson
) -> None:
    assert code(await registry.ask(log_in())) == "no-office"
    done(await registry.ask(delegation(chair, deputy, days=2)))

    login = done(await registry.ask(log_in(token="t")))
    assert login.office.acting
    assert Function.APPROVER in login.office.functions
    registry.clock.move(days=2)
    assert code(await registry.ask(log_in())) == "no-office"


async def test_a_delegation_can_be_ended_at_once_and_twice(
    registry: ServiceUnderTest, chair: UUID, deputy: RegisterPerson
) -> None:
    given = done(await registry.ask(delegation(chair, deputy)))
    end = EndDelegation(delegation_id=given.delegation_id)

    assert code(await registry.ask(end, region="110000000000")) == "unknown-delegation"
    done(await registry.ask(end))
    done(await registry.ask(end))

    assert code(await registry.ask(log_in())) == "no-office"
    assert len(await registry.said(DelegationStarted)) == len(await registry.said(DelegationEnded)) == 1


async def test_rivals_for_one_leave_get_one_delegation(
    registry: ServiceUnderTest, chair: UUID, deputy: RegisterPerson
) -> None:
    others = [await registered(registry) for _ in range(5)]

    answers = await registry.ask_at_once(delegation(chair, person) for person in [deputy, *others])

    assert Counter(map(code, answers)) == {"done": 1, "delegation-exists": 5}


async def test_nobody_stands_in_for_herself_or_for_days_without_office(
    registry: ServiceUnderTest, federation: UnitState, deputy: RegisterPerson
) -> None:
    holder = await registered(registry)
    appointment = await appointed(registry, federation, holder)

    assert code(await registry.ask(delegation(appointment, holder))) == "already-holder"
    past = delegation(appointment, deputy, since=TODAY - timedelta(days=30))
    early = delegation(appointment, deputy, since=date(2020, 1, 1), days=3000)
    backwards = delegation(appointment, deputy, since=TODAY + timedelta(days=30), days=-20)
    assert [code(await registry.ask(each)) for each in (past, early, backwards)] == ["ends-before-start"] * 3
    assert code(await registry.ask(delegation(uuid4(), deputy))) == "unknown-appointment"


async def test_an_auditor_is_neither_appointed_nor_delegated_to_change_what_she_audits(
    registry: ServiceUnderTest, federation: UnitState, chair: UUID, deputy: RegisterPerson
) -> None:
    await appointed(registry, federation, deputy, PostKind.AUDITOR)
    post = Appoint(
        appointment_id=uuid4(), unit_id=federation.unit_id, person_id=deputy.person_id, post=PostKind.SITE_KEEPER,
        since=TODAY,
    )  # fmt: skip

    assert await registry.ask(post) == Refusal("duties-conflict")
    assert await registry.ask(delegation(chair, deputy)) == Refusal("duties-conflict")
    assert done(await registry.ask(log_in())).office.functions == (Function.AUDITOR,)
    member = post.model_copy(update={"post": PostKind.EXECUTIVE_MEMBER})
    assert isinstance(await registry.ask(member), AppointmentState)


async def test_rivals_never_make_one_person_audit_what_she_changes(
    registry: ServiceUnderTest, federation: UnitState, chair: UUID
) -> None:
    """Fault: given at once by two, posts were not held against each other."""
    for _ in range(4):
        someone = await registered(registry)
        posts = [
            Appoint(
                appointment_id=uuid4(), unit_id=federation.unit_id, person_id=someone.person_id, post=post, since=TODAY
            )
            for post in (PostKind.AUDITOR, PostKind.SITE_KEEPER, PostKind.OFFICER)
        ]

        answers = await registry.ask_at_once(posts)

        assert code(answers[0]) == "duties-conflict" or {code(each) for each in answers[1:]} == {"duties-conflict"}


async def test_a_delegate_who_logs_in_is_out_with_the_delegation(
    registry: ServiceUnderTest, chair: UUID, deputy: RegisterPerson
) -> None:
    given = done(await registry.ask(delegation(chair, deputy)))
    login = log_in(token=hashed("x"))
    done(await registry.ask(login))

    done(await registry.ask(EndDelegation(delegation_id=given.delegation_id)))

    assert code(await registry.ask(log_in(unit_id=uuid4()))) == "no-office"


@pytest.mark.parametrize("post", PostKind)
@pytest.mark.parametrize("other", PostKind)
@pytest.mark.parametrize(("region", "meet"), [(FENGJIE, True), ("500000000000", True), ("110000000000", False)])
def test_every_pair_of_posts_is_allowed_unless_one_audits_what_the_other_changes(
    post: PostKind, other: PostKind, region: str, meet: bool
) -> None:
    changing = {PostKind.CHAIR, PostKind.VICE_CHAIR, PostKind.SITE_KEEPER, PostKind.OFFICER, PostKind.OPERATOR}
    conflict = meet and ({post, other} & changing != set()) and PostKind.AUDITOR in (post, other)

    assert (may_also_hold(post, FENGJIE, [Held(UNIT, region, other, False)]) is not None) == conflict


def test_offices_at_one_unit_are_one_and_the_own_ones_come_first() -> None:
    held = [
        Held(UNIT, FENGJIE, PostKind.CHAIR, acting=True),
        Held(UUID(int=8), FENGJIE, PostKind.SITE_KEEPER, acting=False),
        Held(UNIT, FENGJIE, PostKind.EXECUTIVE_MEMBER, acting=False),
    ]

    found = offices(held)

    assert [(office.unit_id, office.acting) for office in found] == [(UUID(int=8), False), (UNIT, False)]
    assert set(found[1].functions) == FUNCTIONS[PostKind.CHAIR]


def test_an_auditor_never_edits_even_where_posts_meet() -> None:
    held = [Held(UNIT, FENGJIE, PostKind.AUDITOR, False), Held(UNIT, FENGJIE, PostKind.CHAIR, True)]

    [office] = offices(held)

    assert set(office.functions) == {Function.AUDITOR, Function.READER}


def test_a_post_of_a_later_release_gives_nothing() -> None:
    assert offices([Held(UNIT, FENGJIE, PostKind.UNKNOWN, False)]) == ()
    assert all(isinstance(office, Office) for office in offices([Held(UNIT, FENGJIE, PostKind.OFFICER, False)]))
