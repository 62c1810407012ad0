"""Real ids in the hands of somebody with every function, but at another unit: she neither reads nor changes a thing."""

import json
from typing import Any
from uuid import uuid4

import httpx2

from contracts.catalogue import REQUESTS, SERVICES
from contracts.generation.files import HOME
from contracts.message import Request
from services.chassis.tokens import Signer
from tests.chaos.families import COMMUNITY
from tests.system.conftest import House
from tests.under_test import ALL_ROLES

ELSEWHERE = "110101001001"
CLOSED = [kind for kind in REQUESTS if kind.contract.permission not in ("public", "account.own")]
SAME = {"contact_id": "person_id", "given_by": "person_id"}


async def test_staff_of_another_unit_neither_read_nor_change_a_thing(house: House) -> None:
    await house.enrol(await house.register())
    known = await ids_of(house)
    signer = Signer("gateway", house.stack.secrets_dir)
    by = {
        region: {"authorization": f"Bearer {signer.mint(str(uuid4()), ALL_ROLES, region, seconds=600)}"}
        for region in (ELSEWHERE, COMMUNITY)
    }
    refused, read = 0, 0
    for kind in CLOSED:
        body = true_to_life(kind, known)
        nobody = await asked(house, kind, body, {})
        assert nobody.status_code == 401, kind.__name__
        stranger = await asked(house, kind, body, by[ELSEWHERE])
        if kind.contract.kind == "command":
            assert stranger.status_code in (403, 404, 409, 422), f"{kind.__name__}: {stranger.text}"
        else:
            read += (await asked(house, kind, body, by[COMMUNITY])).status_code == 200
            told = [name for name, id in known.items() if stranger.status_code == 200 and id in stranger.text]
            asked_for = [name for name in told if known[name] in json.dumps(body)]
            assert told == asked_for, f"{kind.__name__}: {told}"
        refused += stranger.status_code == 403
    assert (read, refused) > (5, 15), "the ids were not those of real things"


async def ids_of(house: House) -> dict[str, str]:
    """By its field, an id that stands in an event of the community."""
    known: dict[str, str] = {}
    for service in SERVICES:
        for row in await house.fetch(service, "SELECT body FROM outbox ORDER BY id"):
            event = json.loads(row["body"])
            if COMMUNITY in json.dumps(event):
                known |= {name: id for name, id in event["data"].items() if name.endswith("_id") and id}
    return known


def true_to_life(kind: type[Request[Any]], known: dict[str, str]) -> dict[str, Any]:
    """The sample of the contract, with ids and the region of real things."""
    body: dict[str, Any] = json.loads((HOME / "samples" / f"{kind.contract.type}.json").read_text("utf-8"))
    body |= {name: known[SAME.get(name, name)] for name in body if SAME.get(name, name) in known}
    if "people" in body:
        body["people"] = [known["person_id"]]
    return body | {name: COMMUNITY for name in ("region", "within") if name in body}


async def asked(
    house: House, kind: type[Request[Any]], body: dict[str, Any], headers: dict[str, str]
) -> httpx2.Response:
    route = kind.contract.route
    assert route is not None
    url = house.stack.gateway_url + route.path.format(**body)
    async with httpx2.AsyncClient(trust_env=False, verify=False) as http:
        if route.method == "GET":
            query = {name: value for name, value in body.items() if name not in route.parameters and value is not None}
            return await http.get(url, params=query, headers=headers)
        return await http.request(route.method, url, json=body, headers=headers)
