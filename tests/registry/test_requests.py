"""What a person asks about her data is answered within 15 working days, or everybody who must know does."""

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest

from contracts.data import AgeBand
from contracts.refusals import Refusal
from contracts.registry.v1 import (
    AnswerPersonRequest,
    CorrectPerson,
    ErasePerson,
    ErasureGround,
    FilePersonRequest,
    ListPersonRequests,
    PersonRequestAnswered,
    PersonRequestDueSoon,
    PersonRequestFiled,
    PersonRequestKind,
    PersonRequestOverdue,
    PersonRequests,
    PersonRequestState,
    PersonRequestStatus,
    RegisterPerson,
    RestrictionGround,
    RestrictPerson,
)
from services.chassis.calendar import known
from services.registry.requests.rules import due
from tests.registry.conftest import FENGJIE, registered
from tests.under_test import ServiceUnderTest

COPY, ERASURE = PersonRequestKind.COPY, PersonRequestKind.ERASURE


@pytest.mark.parametrize(
    ("received", "remind", "last", "counted"),
    [
        (date(2026, 6, 3), date(2026, 6, 22), date(2026, 6, 25), "working-days"),  # over 端午, off on the 19th
        (
            date(2026, 9, 25),
            date(2026, 10, 19),
            date(2026, 10, 22),
            "working-days",
        ),  # over 国庆, with 10 October worked
        (date(2199, 6, 3), date(2199, 6, 15), date(2199, 6, 18), "calendar-days"),
    ],
)
def test_the_last_day_is_counted_by_the_calendar_and_never_guessed(
    received: date, remind: date, last: date, counted: str
) -> None:
    assert due(received, known()) == (remind, last, counted)


@pytest.fixture(scope="module")
def registry(registry_of_module: ServiceUnderTest) -> ServiceUnderTest:
    return registry_of_module


def filed(someone: RegisterPerson, kind: PersonRequestKind = COPY, **given: object) -> FilePersonRequest:
    plain = {
        "person_request_id": uuid4(), "person_id": someone.person_id, "kind": kind, "asked_by": someone.person_id,
    }  # fmt: skip
    return FilePersonRequest.model_validate(plain | given)


async def state_of(registry: ServiceUnderTest, asked: FilePersonRequest) -> PersonRequestState:
    outcome = await registry.ask(asked)
    assert isinstance(outcome, PersonRequestState), outcome
    return outcome


async def listed(registry: ServiceUnderTest, *, waiting: bool = True) -> dict[UUID, tuple[str, bool]]:
    found = await registry.query(ListPersonRequests(region=FENGJIE, waiting=waiting))
    assert isinstance(found, PersonRequests)
    return {each.person_request_id: (each.status.value, each.overdue) for each in found.requests}


async def facts_of(registry: ServiceUnderTest, id: UUID) -> list[type]:
    said = [each for each in await registry.said_envelopes() if each.aggregate_id == id]
    assert [each.aggversion for each in said] == list(range(1, len(said) + 1))
    return [type(each.data) for each in said]


async def test_who_waits_is_reminded_of_and_then_overdue_and_still_answered(registry: ServiceUnderTest) -> None:
    start = registry.clock.at
    someone = await registered(registry)
    asked, other = filed(someone), filed(someone, PersonRequestKind.ACCESS)
    state = await state_of(registry, asked)
    await state_of(registry, other)
    assert (state.received_on, state.due_on, state.counted) == (date(2026, 6, 3), date(2026, 6, 25), "working-days")
    assert list(await listed(registry)) == sorted([asked.person_request_id, other.person_request_id])
    done = AnswerPersonRequest(person_request_id=other.person_request_id, fulfilled=True)
    assert isinstance(await registry.ask(done), PersonRequestState)

    registry.clock.at = datetime(2026, 6, 22, 1, tzinfo=UTC)  # nine in Shanghai
    await registry.fire_timers()
    assert await facts_of(registry, asked.person_request_id) == [PersonRequestFiled, PersonRequestDueSoon]
    assert await listed(registry) == {asked.person_request_id: ("open", False)}
    registry.clock.at = datetime(2026, 6, 25, 16, tzinfo=UTC)  # the day after begins
    await registry.fire_timers()

    assert await listed(registry) == {asked.person_request_id: ("open", True)}
    assert await registry.ask(AnswerPersonRequest(person_request_id=asked.person_request_id, fulfilled=False)) == (
        Refusal("reason-needed")
    )
    decline = AnswerPersonRequest(person_request_id=asked.person_request_id, fulfilled=False, reason="not-hers")
    own = await registry.ask(decline, actor=str(someone.person_id))
    assert isinstance(own, Refusal)
    assert own.code == "own-request"
    assert isinstance(await registry.ask(decline), PersonRequestState)
    assert await registry.ask(decline) == Refusal("person-request-answered")
    assert await facts_of(registry, asked.person_request_id) == [
        PersonRequestFiled, PersonRequestDueSoon, PersonRequestOverdue, PersonRequestAnswered,
    ]  # fmt: skip
    assert await facts_of(registry, other.person_request_id) == [PersonRequestFiled, PersonRequestAnswered]
    rows = await registry.admin.fetch(
        "SELECT action, reason FROM audit WHERE thing = $1 ORDER BY id", asked.person_request_id
    )
    assert [tuple(row) for row in rows] == [("request-filed", "copy"), ("request-answered", "declined")]
    registry.clock.at = start


async def test_what_is_done_answers_what_was_asked(registry: ServiceUnderTest) -> None:
    someone = await registered(registry)
    correction = filed(someone, PersonRequestKind.CORRECTION)
    restriction, erasure, copy = filed(someone, PersonRequestKind.RESTRICTION), filed(someone, ERASURE), filed(someone)
    for each in (correction, restriction, erasure, copy):
        await state_of(registry, each)

    await registry.ask(CorrectPerson(person_id=someone.person_id, name="李静"))
    assert correction.person_request_id not in await listed(registry)
    await registry.ask(RestrictPerson(person_id=someone.person_id, ground=RestrictionGround.OBJECTION))
    assert set(await listed(registry)) == {erasure.person_request_id, copy.person_request_id}
    ground = ErasureGround.CONSENT_WITHDRAWN
    await registry.ask(ErasePerson(person_id=someone.person_id, ground=ground, asked_by=someone.person_id))

    assert await listed(registry) == {}
    everything = await listed(registry, waiting=False)
    assert {everything[each.person_request_id] for each in (correction, restriction, erasure, copy)} == {
        (PersonRequestStatus.FULFILLED.value, False)
    }


async def test_who_may_ask_and_when_and_only_once(registry: ServiceUnderTest) -> None:
    mother = await registered(registry)
    child = await registered(registry, age_band=AgeBand.SCHOOL, guardian_id=mother.person_id)

    async def code(asked: FilePersonRequest) -> str:
        outcome = await registry.ask(asked)
        return outcome.code if isinstance(outcome, Refusal) else outcome.counted

    assert await code(filed(child)) == "not-entitled"
    assert await code(filed(child, asked_by=mother.person_id)) == "working-days"
    assert await code(filed(child, asked_by=mother.person_id)) == "person-request-open"
    assert await code(filed(mother, deceased=True)) == "not-entitled"
    relative = filed(mother, ERASURE, asked_by=uuid4(), deceased=True)
    assert await code(relative) == "working-days"
    same = filed(mother, person_request_id=relative.person_request_id)
    assert await code(same) == "person-request-exists"
    for day in (date(2026, 6, 4), date(2026, 5, 3)):
        assert await code(filed(mother, received_on=day)) == "received-wrong"
    state = await state_of(registry, filed(mother, received_on=date(2026, 5, 29)))
    assert state.due_on == date(2026, 6, 22)
    assert await code(filed(mother, person_id=uuid4())) == "unknown-person"
    reader = await registry.ask(filed(child, ERASURE, asked_by=mother.person_id), roles=("reader",))
    assert isinstance(reader, Refusal)
    rivals = [filed(child, ERASURE, asked_by=mother.person_id) for _ in range(6)]
    outcomes = await registry.ask_at_once(rivals)
    assert sum(isinstance(each, PersonRequestState) for each in outcomes) == 1


async def test_a_restriction_that_stands_answers_who_asks_for_it_again(registry: ServiceUnderTest) -> None:
    """Fault: done once more, it changed nothing, and what was asked ran overdue."""
    someone = await registered(registry)
    restrict = RestrictPerson(person_id=someone.person_id, ground=RestrictionGround.OBJECTION)
    await registry.ask(restrict)
    asked = await state_of(registry, filed(someone, PersonRequestKind.RESTRICTION))

    await registry.ask(restrict)

    assert asked.person_request_id not in await listed(registry)


async def test_nobody_is_told_that_a_last_day_is_near_which_is_over(registry: ServiceUnderTest) -> None:
    """Fault: of a letter that lay for weeks both was said at once: that its last day is near, and that it is over."""
    late = filed(await registered(registry), received_on=date(2026, 5, 5))
    assert (await state_of(registry, late)).due_on < date(2026, 6, 3)

    await registry.fire_timers()

    assert await facts_of(registry, late.person_request_id) == [PersonRequestFiled, PersonRequestOverdue]
