"""Appointments: who holds which post on which day."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from contracts.refusals import Refusal
from contracts.registry.v1 import (
    Appoint,
    AppointmentEnded,
    AppointmentState,
    EndAppointment,
    ListOfficers,
    Officers,
    PersonAppointed,
    PostKind,
    RegisterPerson,
    UnitState,
)
from services.chassis.access import functions_with
from tests.registry.conftest import FENGJIE, registered
from tests.under_test import ServiceUnderTest

SPRING, SUMMER, AUTUMN = date(2020, 3, 1), date(2020, 6, 30), date(2020, 9, 1)


@pytest.fixture(scope="module")
def registry(registry_of_module: ServiceUnderTest) -> ServiceUnderTest:
    return registry_of_module


@pytest.fixture
async def wang(registry: ServiceUnderTest) -> RegisterPerson:
    return await registered(registry)


def appoint(unit: UnitState, person: RegisterPerson, **given: object) -> Appoint:
    plain = {
        "appointment_id": uuid4(),
        "unit_id": unit.unit_id,
        "person_id": person.person_id,
        "post": PostKind.CHAIR,
        "since": SPRING,
    }
    return Appoint.model_validate(plain | given)


async def officers(registry: ServiceUnderTest, unit: UnitState, on: date) -> list[UUID]:
    answer = await registry.query(ListOfficers(unit_id=unit.unit_id, on=on))
    assert isinstance(answer, Officers)
    return [each.appointment_id for each in answer.appointments]


async def test_the_list_shows_who_was_in_office_on_a_day(
    registry: ServiceUnderTest, federation: UnitState, wang: RegisterPerson
) -> None:
    first = appoint(federation, wang)
    second = appoint(federation, await registered(registry), since=AUTUMN)
    for command in (first, EndAppointment(appointment_id=first.appointment_id, until=SUMMER), second):
        assert isinstance(await registry.ask(command), AppointmentState)

    days = (date(2020, 2, 29), SPRING, SUMMER, date(2020, 7, 1), AUTUMN, date(2030, 1, 1))
    held = [await officers(registry, federation, day) for day in days]
    one, two = [first.appointment_id], [second.appointment_id]
    assert held == [[], one, one, [], two, two]


async def test_an_appointment_is_said_with_its_begin_and_its_end(
    registry: ServiceUnderTest, federation: UnitState, wang: RegisterPerson
) -> None:
    asked = appoint(federation, wang)

    started = await registry.ask(asked)
    ended = await registry.ask(EndAppointment(appointment_id=asked.appointment_id, until=SUMMER))

    assert started == AppointmentState(**asked.model_dump(), until=None)
    assert ended == AppointmentState(**asked.model_dump(), until=SUMMER)
    said = (await registry.said_envelopes())[-2:]
    assert [each.data for each in said] == [
        PersonAppointed(**asked.model_dump()),
        AppointmentEnded(**asked.model_dump(exclude={"since"}), until=SUMMER),
    ]
    assert [(each.region, each.aggversion) for each in said] == [(FENGJIE, 1), (FENGJIE, 2)]


async def test_a_person_holds_a_post_once_at_a_time(
    registry: ServiceUnderTest, federation: UnitState, wang: RegisterPerson
) -> None:
    first = appoint(federation, wang)
    await registry.ask(first)
    await registry.ask(EndAppointment(appointment_id=first.appointment_id, until=SUMMER))
    overlaps = Refusal("appointment-overlaps")

    assert await registry.ask(appoint(federation, wang, since=SUMMER)) == overlaps
    assert await registry.ask(appoint(federation, wang, since=date(2019, 1, 1))) == overlaps
    assert await registry.ask(first.model_copy(update={"since": AUTUMN})) == overlaps
    assert isinstance(await registry.ask(appoint(federation, wang, post=PostKind.OFFICER)), AppointmentState)
    assert isinstance(await registry.ask(appoint(federation, wang, since=date(2020, 7, 1))), AppointmentState)


async def test_rivals_for_one_post_of_a_person_get_it_once(
    registry: ServiceUnderTest, federation: UnitState, wang: RegisterPerson
) -> None:
    rivals = [appoint(federation, wang, since=date(2020, 1 + number, 1)) for number in range(8)]

    answers = await registry.ask_at_once(rivals)

    assert sum(isinstance(answer, AppointmentState) for answer in answers) == 1
    assert answers.count(Refusal("appointment-overlaps")) == 7
    assert [said.person_id for said in await registry.said(PersonAppointed)].count(wang.person_id) == 1


async def test_an_appointment_ends_once_and_not_before_it_began(
    registry: ServiceUnderTest, federation: UnitState, wang: RegisterPerson
) -> None:
    asked = appoint(federation, wang)
    await registry.ask(asked)
    end = EndAppointment(appointment_id=asked.appointment_id, until=SUMMER)

    assert await registry.ask(end.model_copy(update={"until": date(2020, 2, 29)})) == Refusal("ends-before-start")
    answers = await registry.ask_at_once([end] * 8)
    assert sum(isinstance(answer, AppointmentState) for answer in answers) == 1
    assert answers.count(Refusal("appointment-ended")) == 7
    assert [said.person_id for said in await registry.said(AppointmentEnded)].count(wang.person_id) == 1


async def test_unknown_units_people_and_appointments_are_refused(
    registry: ServiceUnderTest, federation: UnitState, wang: RegisterPerson
) -> None:
    nobody = uuid4()
    no_unit = Refusal("unknown-unit", unit_id=str(nobody))

    assert await registry.ask(appoint(federation, wang, unit_id=nobody)) == no_unit
    assert await registry.ask(appoint(federation, wang, person_id=nobody)) == Refusal(
        "unknown-person", person_id=str(nobody)
    )
    assert await registry.ask(EndAppointment(appointment_id=nobody, until=SUMMER)) == Refusal("unknown-appointment")
    assert await registry.query(ListOfficers(unit_id=nobody, on=SUMMER)) == no_unit


async def test_office_is_nobodys_business_outside_the_subtree(
    registry: ServiceUnderTest, federation: UnitState, wang: RegisterPerson
) -> None:
    asked = appoint(federation, wang)
    await registry.ask(asked)
    end = EndAppointment(appointment_id=asked.appointment_id, until=SUMMER)
    denied = Refusal("not-permitted", permission="registry.appointments.decide", region=FENGJIE, functions="approver")

    assert await registry.ask(appoint(federation, wang, post=PostKind.OFFICER), region="350200000000") == denied
    assert await registry.ask(end, region="350200000000") == Refusal("unknown-appointment")
    assert await registry.query(ListOfficers(unit_id=federation.unit_id, on=SUMMER), region="350200000000") == Refusal(
        "not-permitted", permission="registry.read", region=FENGJIE, functions=functions_with("registry.read")
    )


async def test_whoever_was_to_leave_later_can_be_put_out_earlier(
    registry: ServiceUnderTest, federation: UnitState, wang: RegisterPerson
) -> None:
    """Fault: once an end was told, the end of a term or a slip of the pen, she kept post and powers until that day."""
    asked = appoint(federation, wang)
    await registry.ask(asked)
    today = registry.clock.now().date()

    def end(until: date) -> EndAppointment:
        return EndAppointment(appointment_id=asked.appointment_id, until=until)

    assert isinstance(await registry.ask(end(date(2062, 9, 1))), AppointmentState)
    assert await registry.ask(end(date(2062, 9, 2))) == Refusal("appointment-ended")
    assert await registry.ask(end(today - timedelta(days=1))) == AppointmentState(
        **asked.model_dump(), until=today - timedelta(days=1)
    )
    assert await registry.ask(end(SPRING)) == Refusal("appointment-ended"), "what was is not rewritten"
    said = [each for each in await registry.said_envelopes() if each.aggregate_id == asked.appointment_id]
    assert [each.aggversion for each in said] == [1, 2, 3]
