"""Answers that the bus cannot carry."""

from datetime import date, time, timedelta
from uuid import UUID, uuid4

import pytest

from contracts.activities.v1 import ScheduleSeries
from tests.system.conftest import House

DAYS = 200
SERIES = 18
WHERE = "SELECT site_id, room_id, programme_id FROM session WHERE session_id = $1"


@pytest.mark.soak
async def test_an_answer_too_large_for_the_bus_is_refused_and_the_same_commands_are_answered_in_parts(
    house: House,
) -> None:
    """Each worker of the command meets it more than once: one that ended would leave the service deaf."""
    [where] = await house.fetch("activities", WHERE, house.town.cold[0])
    first = house.now.date() + timedelta(days=2)
    commands = [series(*where, first, hour) for hour in range(SERIES)]
    asked = await house.desk.send_all(commands)
    [way] = house.desk.ways

    assert {each.code for each in asked} == {"message-too-large"}
    for _ in range(9):
        assert {outcome["refusal"]["code"] for outcome in await way.carry(asked) if outcome} == {"message-too-large"}
    for each in asked:
        [each.outcome] = await way.carry([each])
        assert each.outcome is not None
        assert len(each.outcome["ok"]["sessions"]) == DAYS


def series(site: UUID, room: UUID, programme: UUID, first: date, hour: int) -> ScheduleSeries:
    return ScheduleSeries(
        series_id=uuid4(), title="天天开放", programme_id=programme, site_id=site, room_id=room, first_day=first,
        last_day=first + timedelta(days=DAYS - 1), weekdays=tuple(range(1, 8)), begins=time(hour, 0),
        ends=time(hour, 30), capacity=20,
    )  # fmt: skip
