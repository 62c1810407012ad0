"""The audit logs of a running house: rows over HTTP, sealed, anchored by each service's own key (promise 14)."""

from uuid import uuid4

from contracts.catalogue import SERVICES
from deploy.audit.cli import verify_all
from deploy.audit.place import Place
from services.chassis.settings import Settings
from services.chassis.tokens import Signer
from tests.system.conftest import House, until


async def test_who_asked_over_http_is_anchored_outside_and_every_log_is_whole(house: House) -> None:
    person = str(uuid4())
    token = Signer("gateway", house.stack.secrets_dir).mint(person, ["reader"], seconds=600)
    for service in SERVICES:
        path = f"{house.stack.gateway_url}/v1/people/{person}/accesses/{service}"
        answer = await house.http.get(path, headers={"Authorization": f"Bearer {token}"})
        assert answer.json() == {"accesses": [], "more": False}

    settings = Settings(nats_url=house.stack.nats_url, secrets_dir=house.stack.secrets_dir)
    place = Place(house.stack.admin_dsn, settings, "_INBOX_operator")

    async def all_anchored() -> bool:
        return all(verdict.anchors and verdict.rows for verdict in await verify_all(place, SERVICES, []))

    await until(all_anchored, 20)
    assert all(verdict.whole for verdict in await verify_all(place, SERVICES, []))
