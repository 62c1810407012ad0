"""From an appointment to a day's work and out again, on real services over HTTP."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import httpx2
import pytest

from contracts.data import AgeBand
from contracts.registry.v1 import (
    Appoint,
    CreateAccount,
    EndAppointment,
    PostKind,
    RegisterClient,
    RegisterPerson,
    RegisterUnit,
    RevokeClient,
    UnitKind,
    UnitLevel,
)
from tests.chaos.families import COMMUNITY
from tests.chaos.families import do as done
from tests.system.conftest import House, until

PASSWORD = "violet river lantern"


@pytest.mark.soak
async def test_office_gives_and_takes_access_within_thirty_seconds(house: House) -> None:
    unit, person, appointment = uuid4(), uuid4(), uuid4()
    today = house.now.date()
    for command in (
        RegisterUnit(
            unit_id=unit, name="社区妇联", kind=UnitKind.FEDERATION, level=UnitLevel.COMMUNITY, region=COMMUNITY
        ),
        RegisterPerson(person_id=person, region=COMMUNITY, name="演示干部", age_band=AgeBand.MIDDLE),
        Appoint(
            appointment_id=appointment, unit_id=unit, person_id=person, post=PostKind.CHAIR,
            since=today - timedelta(days=9),
        ),
        CreateAccount(account_id=uuid4(), person_id=person, login=f"u{person.hex[:12]}", password=PASSWORD),
    ):  # fmt: skip
        await done(house.desk, command)

    async with httpx2.AsyncClient(base_url=house.stack.gateway_url, timeout=10) as client:
        login = await client.post("/v1/logins", json={"login": f"u{person.hex[:12]}", "password": PASSWORD})
        assert login.status_code == 200, login.text
        client.headers["authorization"] = f"Bearer {login.json()['secret']}"
        assert (await client.get("/v1/me")).json()["person_id"] == str(person)
        neighbour = RegisterPerson(person_id=uuid4(), region=COMMUNITY, name="演示居民", age_band=AgeBand.MIDDLE)
        elsewhere = neighbour.model_copy(update={"person_id": uuid4(), "region": "110101001001"})
        assert (await client.post("/v1/people", content=neighbour.model_dump_json())).status_code == 200
        assert (await client.post("/v1/people", content=elsewhere.model_dump_json())).status_code == 403

        listening = asyncio.create_task(hear_to_the_end(client))

        await done(house.desk, EndAppointment(appointment_id=appointment, until=today - timedelta(days=2)))

        async def out() -> bool:
            return (await client.get("/v1/me")).status_code == 401

        async with asyncio.timeout(31):
            await until(out, 30)
            await listening
        assert (await client.get("/v1/events")).status_code == 401


async def hear_to_the_end(client: httpx2.AsyncClient) -> None:
    """Listens to events until the gateway ends the stream."""
    async with client.stream("GET", "/v1/events", timeout=60) as answer:
        assert answer.status_code == 200
        async for _ in answer.aiter_lines():
            pass


async def test_a_client_with_its_key_hears_its_region_and_no_other(house: House) -> None:
    unit, client_id = uuid4(), uuid4()
    await done(
        house.desk,
        RegisterUnit(
            unit_id=unit, name="平台所在单位", kind=UnitKind.FEDERATION, level=UnitLevel.COMMUNITY, region=COMMUNITY
        ),
    )
    await done(house.desk, RegisterClient(client_id=client_id, unit_id=unit, name="邻里中心平台"))
    gateway = house.stack.gateway_url
    added = await house.http.post(f"{gateway}/v1/clients/{client_id}/secrets", json={})
    key = (str(client_id), added.json()["secret"])

    granted = await token_for(gateway, key)
    assert granted.status_code == 200, granted.text
    headers = {"authorization": f"Bearer {granted.json()['access_token']}"}
    async with httpx2.AsyncClient(base_url=gateway, headers=headers, timeout=10) as client:
        assert (await client.get("/v1/units", params={"region": COMMUNITY})).status_code == 200
        assert (await client.get("/v1/units", params={"region": "110101001001"})).status_code == 403

    rotated = await house.http.post(f"{gateway}/v1/clients/{client_id}/secrets", json={"overlap_hours": 0})
    assert rotated.json()["secrets"] == 1
    assert (await token_for(gateway, key)).status_code == 401
    by_new_key = await token_for(gateway, (str(client_id), rotated.json()["secret"]))
    assert by_new_key.status_code == 200


async def token_for(gateway: str, key: tuple[str, str]) -> httpx2.Response:
    async with httpx2.AsyncClient(base_url=gateway, auth=key, timeout=10) as platform:
        return await platform.post("/oauth/token", data={"grant_type": "client_credentials"})


@pytest.mark.soak
@pytest.mark.parametrize("ending", ["revoked", "rotated out"])
async def test_a_client_whose_key_ended_loses_its_token_and_its_streams_within_thirty_seconds(
    house: House, ending: str
) -> None:
    unit, client_id, gateway = uuid4(), uuid4(), house.stack.gateway_url
    registered = RegisterUnit(
        unit_id=unit, name="平台所在单位", kind=UnitKind.FEDERATION, level=UnitLevel.COMMUNITY, region=COMMUNITY
    )
    await done(house.desk, registered)
    await done(house.desk, RegisterClient(client_id=client_id, unit_id=unit, name="邻里中心平台"))
    added = await house.http.post(f"{gateway}/v1/clients/{client_id}/secrets", json={})
    granted = await token_for(gateway, (str(client_id), added.json()["secret"]))
    headers = {"authorization": f"Bearer {granted.json()['access_token']}"}
    async with httpx2.AsyncClient(base_url=gateway, headers=headers, timeout=10) as client:
        assert (await client.get("/v1/units", params={"region": COMMUNITY})).status_code == 200
        listening = asyncio.create_task(hear_to_the_end(client))
        await asyncio.sleep(0.5)

        if ending == "revoked":
            await done(house.desk, RevokeClient(client_id=client_id))
        else:
            await house.http.post(f"{gateway}/v1/clients/{client_id}/secrets", json={"overlap_hours": 0})

        async def out() -> bool:
            return (await client.get("/v1/units", params={"region": COMMUNITY})).status_code == 401

        async with asyncio.timeout(31):
            await until(out, 30)
            await listening
