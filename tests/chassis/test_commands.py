"""What a command server makes of good, bad, late, repeated and hostile messages."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from uuid_utils.compat import uuid7

from contracts import wire
from contracts.data import AgeBand
from contracts.message import Part
from contracts.refusals import Refusal
from contracts.registry.v1 import (
    DivisionLevel,
    DivisionRow,
    ImportDivisions,
    RegisterPerson,
    RegisterUnit,
    UnitKind,
    UnitLevel,
    UnitRegistered,
    lines_of,
)
from services.chassis.commands import CommandServer
from tests.under_test import SOMEBODY, ServiceUnderTest

CITY = "350500000000"


def unit(name: str = "泉州市妇女联合会") -> RegisterUnit:
    return RegisterUnit(unit_id=uuid4(), name=name, kind=UnitKind.FEDERATION, level=UnitLevel.CITY, region=CITY)


@pytest.fixture
async def service(registry: ServiceUnderTest) -> ServiceUnderTest:
    rows = (
        DivisionRow("350000000000", "福建省", DivisionLevel.PROVINCE, ""),
        DivisionRow(CITY, "泉州市", DivisionLevel.CITY, "350000000000"),
    )
    await registry.ask(ImportDivisions(source="test", valid_from=date(2023, 6, 30), rows=lines_of(rows)))
    return registry


async def single(service: ServiceUnderTest, body: bytes, **headers: str) -> Any:
    known = {wire.COMMAND_ID: str(uuid7()), wire.AUTHORIZATION: f"Bearer {service.token()}"}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    [outcome] = await service.send_raw(RegisterUnit, body, known | named)
    return outcome


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "invalid-json"),
        (b"{", "invalid-json"),
        (b"\xff\xfe", "invalid-json"),
        (b"[]", "invalid-message"),
        (b"{}", "invalid-message"),
        (b"x" * 1_000_000, "message-too-large"),
    ],
)
async def test_what_cannot_be_read_is_refused(service: ServiceUnderTest, body: bytes, code: str) -> None:
    assert (await single(service, body)).code == code
    assert await service.count("unit") == 0


async def test_an_unknown_field_is_refused_by_its_place_without_its_value(service: ServiceUnderTest) -> None:
    body = unit().model_dump_json()[:-1] + ',"secret":"13800000000"}'

    refusal = await single(service, body.encode())

    assert refusal == Refusal("invalid-message", errors=[{"pointer": "#/secret", "problem": "extra_forbidden"}])


async def test_an_identity_number_is_refused_in_any_text(service: ServiceUnderTest) -> None:
    body = unit().model_dump_json().replace("泉州市妇女联合会", "妇联 11010519491231002X")

    assert await single(service, body.encode()) == Refusal("id-number-not-accepted")


async def test_a_command_without_an_id_is_refused(service: ServiceUnderTest) -> None:
    outcome = await single(service, unit().model_dump_json().encode(), Linli_Command_Id="7")

    assert outcome.code == "invalid-message"


async def test_a_command_without_a_token_is_refused(service: ServiceUnderTest) -> None:
    outcome = await single(service, unit().model_dump_json().encode(), Authorization="")

    assert outcome == Refusal("unauthenticated")


async def test_a_role_without_the_permission_is_refused(service: ServiceUnderTest) -> None:
    outcome = await service.ask(unit(), roles=["reader"])

    assert isinstance(outcome, Refusal)
    assert (outcome.code, outcome.params["permission"]) == ("not-permitted", "registry.units.register")


async def test_a_command_after_its_deadline_is_not_done(service: ServiceUnderTest) -> None:
    late = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()

    assert await single(service, unit().model_dump_json().encode(), Linli_Deadline=late) == Refusal("deadline-expired")
    assert await service.count("unit") == 0


@pytest.mark.parametrize(
    ("deadline", "problem"), [("soon", "datetime_parsing"), ("2099-01-01T00:00:00", "timezone_aware")]
)
async def test_a_deadline_that_is_no_time_is_refused(service: ServiceUnderTest, deadline: str, problem: str) -> None:
    outcome = await single(service, unit().model_dump_json().encode(), Linli_Deadline=deadline)

    assert outcome == Refusal("invalid-message", errors=[{"pointer": "#Linli-Deadline", "problem": problem}])


async def test_a_bad_item_of_a_batch_harms_only_itself(service: ServiceUnderTest) -> None:
    items = [wire.Sending(uuid7(), unit(), service.token()) for _ in range(3)]
    items[1] = wire.Sending(uuid7(), unit(), body=b'{"name": 7}')

    outcomes = await service.send_raw(RegisterUnit, wire.batch_body(items), {wire.BATCH: "3"})

    assert [isinstance(outcome, Part) for outcome in outcomes] == [True, False, True]
    assert await service.count("unit") == 2


async def test_an_item_whose_deadline_names_no_zone_harms_only_itself(service: ServiceUnderTest) -> None:
    deadlines = (None, datetime.fromisoformat("2099-01-01T00:00:00"), None)
    items = [wire.Sending(uuid7(), unit(), service.token(), deadline) for deadline in deadlines]

    outcomes = await service.send_raw(RegisterUnit, wire.batch_body(items), {wire.BATCH: "3"})

    assert [isinstance(outcome, Part) for outcome in outcomes] == [True, False, True]
    assert outcomes[1].params["errors"][0]["problem"] == "timezone_aware"


async def test_what_breaks_the_reading_of_a_command_is_answered_as_an_incident(
    service: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: str | None) -> None:
        raise OSError("张三")

    monkeypatch.setattr(service.running.verifier, "actor", broken)

    outcome = await single(service, unit().model_dump_json().encode())

    assert outcome.code == "internal-error"
    assert "张三" not in str(outcome.params)


async def test_a_batch_of_more_than_500_is_refused_whole(service: ServiceUnderTest) -> None:
    items = [wire.Sending(uuid7(), unit(), service.token()) for _ in range(501)]

    assert await service.send_raw(RegisterUnit, wire.batch_body(items), {wire.BATCH: "501"}) == [
        Refusal("batch-too-large", limit=500)
    ]


async def test_a_repeat_inside_a_batch_gets_the_same_answer(service: ServiceUnderTest) -> None:
    command, id = unit(), uuid7()

    first, second = await service.ask_together([command, command], ids=[id, id])

    assert first == second
    assert await service.count("unit") == 1


async def test_a_refusal_is_repeated_too(service: ServiceUnderTest) -> None:
    command, id = unit(), uuid7()
    await service.ask(command)
    refused = await service.ask(command, id=id)

    assert refused == await service.ask(command, id=id) == Refusal("unit-exists", unit_id=str(command.unit_id))


async def test_another_actor_does_not_get_a_stored_answer(service: ServiceUnderTest) -> None:
    command, id = unit(), uuid7()
    await service.ask(command, id=id, actor=SOMEBODY)

    assert await service.ask(command, id=id, actor="another") == Refusal("command-id-reused")


async def test_a_handler_that_fails_leaves_nothing_and_tells_an_incident(
    service: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise LookupError("张三")

    monkeypatch.setattr("services.registry.units.store.add_unit", broken)
    outcome = await service.ask(unit())

    assert isinstance(outcome, Refusal)
    assert outcome.code == "internal-error"
    assert UUID(outcome.params["incident"])
    assert "张三" not in str(outcome.params)
    assert await service.count("unit") == 0
    assert await service.said(UnitRegistered) == []


async def test_a_row_that_somebody_holds_too_long_means_try_again_and_is_waited_for_once(
    service: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = 0

    async def held(*_: object) -> None:
        nonlocal tries
        tries += 1
        raise asyncpg.LockNotAvailableError

    monkeypatch.setattr("services.registry.units.store.add_unit", held)

    assert await service.ask(unit()) == Refusal("unavailable", service="registry")
    assert tries == 1


async def test_a_database_that_is_away_means_try_again(service: ServiceUnderTest) -> None:
    await service.pool.close()

    outcome = await service.ask(unit())

    assert outcome == Refusal("unavailable", service="registry")
    assert outcome.reason.retryable


async def test_names_of_people_are_not_logged(
    service: ServiceUnderTest, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise ValueError("王小明 in an error message")

    monkeypatch.setattr(CommandServer, "_decide_fresh", broken)
    person = RegisterPerson(person_id=uuid4(), region=CITY, name="王小明", age_band=AgeBand.MIDDLE)
    await service.ask(person)
    await asyncio.sleep(0)

    printed = capsys.readouterr()
    assert "command failed" in printed.out + printed.err
    assert "王小明" not in printed.out + printed.err
