"""The keys that sign tokens are changed under load: nobody is refused, nothing is restarted."""

import asyncio
from uuid import uuid4

import pytest
from joserfc import jws

from contracts.registry.v1 import RegisterPerson
from deploy.keys import renew_in
from services.chassis.tokens import RELOAD_SECONDS, Signer
from tests.chaos.families import COMMUNITY
from tests.system.conftest import House, adult

PATH = f"/v1/units?region={COMMUNITY}"


@pytest.mark.soak
async def test_keys_are_renewed_under_load_and_nobody_is_refused(house: House) -> None:
    secrets, gateway = house.stack.secrets_dir, house.stack.gateway_url
    restarts = {name: keeper.restarts for name, keeper in house.stack.processes.items()}
    before = Signer("gateway", secrets).mint("somebody", ["editor"], COMMUNITY, seconds=600)
    statuses: list[int] = []
    renewed = asyncio.Event()

    async def ask() -> None:
        """Old tokens, new ones, and what services ask each other by tokens of their own: who holds what of a person."""
        while not renewed.is_set():
            now = Signer("gateway", secrets).mint(str(uuid4()), ["approver", "editor"], COMMUNITY, seconds=60)
            for token in (before, now):
                answer = await house.http.get(f"{gateway}{PATH}", headers={"authorization": f"Bearer {token}"})
                statuses.append(answer.status_code)
            person: RegisterPerson = adult(uuid4())
            assert (await house.post(person, "/v1/people")).status_code == 200
            copy = await house.http.get(
                f"{gateway}/v1/people/{person.person_id}/copy", headers={"authorization": f"Bearer {now}"}
            )
            statuses.append(copy.status_code)
            assert copy.json()["missing"] == []

    asking = asyncio.create_task(ask())
    await asyncio.to_thread(renew_in, secrets)
    await asyncio.sleep(RELOAD_SECONDS + 1)  # until every process signs by its new key
    renewed.set()
    await asking

    after = Signer("gateway", secrets).mint("somebody", ["editor"], COMMUNITY)
    kids = {jws.extract_compact(token.encode()).headers()["kid"] for token in (before, after)}
    assert len(kids) == 2
    assert set(statuses) == {200}
    assert len(statuses) > 50
    assert {name: keeper.restarts for name, keeper in house.stack.processes.items()} == restarts
