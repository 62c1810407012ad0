"""Which requests the gateway takes, and what it refuses at the door."""

import gzip
import json
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from contracts.activities.v1 import Enrol, GetSession
from contracts.catalogue import REQUESTS
from contracts.notify.v1 import RemoveEndpoint
from contracts.registry.v1 import Contact, Contacts, GetContacts, ListSites, SiteList
from contracts.wire import MAX_BYTES
from services.gateway.app import Gateway
from services.gateway.routing import NotFound, Route, Routes

from .conftest import ENROL_PATH, PERSON, SESSION, StandIn, confirmed, family

Put = Callable[..., Any]


def test_every_command_and_query_of_the_catalogue_has_its_route(gateway: Gateway) -> None:
    served = {(route.method, route.template) for route in gateway.routes.all}
    declared = {(kind.contract.route.method, kind.contract.route.path) for kind in REQUESTS if kind.contract.route}

    assert declared <= served
    assert len(declared) == len(REQUESTS)


def test_a_fixed_segment_wins_over_a_value(gateway: Gateway) -> None:
    route, values = gateway.routes.find("GET", "/v1/divisions/find")
    assert (route.template, values) == ("/v1/divisions/find", {})

    route, values = gateway.routes.find("GET", "/v1/divisions/350503001001")
    assert (route.template, values) == ("/v1/divisions/{code}", {"code": "350503001001"})


@pytest.mark.parametrize(
    "path", ["/v1", "/v1/", "/v1/sessions/", f"/v1/sessions/{SESSION}/x", "//", "/static/../app.py"]
)
def test_an_unknown_path_has_no_route(gateway: Gateway, path: str) -> None:
    with pytest.raises(NotFound):
        gateway.routes.find("GET", path)


def test_two_handlers_for_one_route_are_a_mistake_of_ours() -> None:
    async def handle(_: Any) -> Any: ...

    with pytest.raises(ValueError, match="two handlers"):
        Routes([Route("GET", "/a/{b}", handle), Route("GET", "/a/{c}", handle)])


async def test_path_and_body_become_one_command(staff: httpx2.AsyncClient, enrolling: StandIn) -> None:
    answer = await staff.post(ENROL_PATH, json=family())

    assert answer.status_code == 200
    assert answer.json() == json.loads(confirmed().model_dump_json())
    [(headers, body)] = enrolling.messages
    assert body == family() | {"session_id": str(SESSION)}
    assert headers["Authorization"] == staff.headers["authorization"]
    assert headers["Linli-Deadline"]


async def test_a_field_in_path_and_body_must_agree(staff: httpx2.AsyncClient, enrolling: StandIn) -> None:
    same = await staff.post(ENROL_PATH, json=family(session_id=str(SESSION).upper()))
    other = await staff.post(ENROL_PATH, json=family(session_id=str(PERSON)))

    assert same.status_code == 200
    assert other.status_code == 422
    assert other.json()["errors"] == [{"pointer": "#/session_id", "code": "differs-from-path"}]


async def test_a_disguised_field_name_cannot_outvote_the_path(staff: httpx2.AsyncClient, enrolling: StandIn) -> None:
    body = json.dumps(family()).removesuffix("}") + f', "session\\u005fid": "{PERSON}"}}'

    assert (await staff.post(ENROL_PATH, content=body)).status_code == 200
    assert enrolling.messages[0][1]["session_id"] == str(SESSION)


async def test_a_command_without_fields_of_its_own_needs_no_body(
    gateway: Gateway, stand_in: Put, token_of: Callable[..., str], stranger: httpx2.AsyncClient
) -> None:
    from contracts.message import Done

    removing = await stand_in(RemoveEndpoint, lambda _: Done())
    token = token_of("operator")
    answer = await stranger.delete(f"/v1/webhook-endpoints/{PERSON}", headers={"authorization": f"Bearer {token}"})

    assert (answer.status_code, answer.json()) == (200, {})
    assert removing.messages[0][1] == {"endpoint_id": str(PERSON)}


async def test_parameters_of_a_query_are_checked_and_typed(stranger: httpx2.AsyncClient, stand_in: Put) -> None:
    listing = await stand_in(ListSites, lambda _: SiteList(sites=()))
    answer = await stranger.get("/v1/sites", params={"region": "350500000000", "limit": "7"})

    assert answer.json() == {"sites": []}
    assert listing.messages[0][1] == {"region": "350500000000", "limit": 7}


async def test_a_repeated_parameter_is_a_list_where_a_list_is_declared(
    stranger: httpx2.AsyncClient, stand_in: Put, token_of: Callable[..., str]
) -> None:
    people = [str(PERSON), str(SESSION)]
    asked = await stand_in(GetContacts, lambda _: Contacts(contacts=()))
    headers = {"authorization": f"Bearer {token_of('reader')}"}
    denied = await stranger.get("/v1/contacts", params={"people": people, "purpose": "x"}, headers=headers)
    assert denied.status_code == 403
    assert asked.messages == []

    repeated = await stranger.get("/v1/sites", params={"region": ["350500000000", "350500000000"]})
    assert repeated.json()["errors"] == [{"pointer": "#/region", "code": "string-type"}]
    assert Contact.__name__ not in repeated.text


async def test_a_public_question_needs_no_token(stranger: httpx2.AsyncClient, stand_in: Put) -> None:
    from contracts.refusals import Refusal

    asked = await stand_in(GetSession, lambda _: Refusal("unknown-session"))
    answer = await stranger.get(f"/v1/sessions/{SESSION}")

    assert answer.status_code == 404
    assert asked.messages[0][0]["Authorization"].startswith("Bearer ")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"\xff\xfe{}", 400, "invalid-json"),
        (b'{"people": "\xc3("}', 400, "invalid-json"),
        (b'{"people": [', 400, "invalid-json"),
        (b'{"a":1}}', 400, "invalid-json"),
        (b"[]", 422, "invalid-message"),
        (b"[" * 300 + b"]" * 300, 422, "invalid-message"),
        (b'{"people": ' + b'{"a":' * 70 + b"1" + b"}" * 71, 422, "invalid-message"),
        (b'{"people": "' + b'\\"[' * 200_000, 400, "invalid-json"),
        (b'{"people": "' + b"x" * MAX_BYTES + b'"}', 413, "message-too-large"),
    ],
    ids=["bom-of-utf16", "broken-utf8", "cut-off", "one-brace-more", "a-list", "deep-list", "deep", "endless", "1MB"],
)
async def test_an_unreadable_body_is_refused_by_name(
    staff: httpx2.AsyncClient, enrolling: StandIn, body: bytes, status: int, code: str
) -> None:
    answer = await staff.post(ENROL_PATH, content=body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert enrolling.messages == []


async def test_a_body_without_declared_length_is_cut_off_at_the_limit(staff: httpx2.AsyncClient) -> None:
    async def endless() -> Any:
        for _ in range(20):
            yield b"x" * 100_000

    answer = await staff.post(ENROL_PATH, content=endless())
    assert answer.json()["params"] == {"limit": MAX_BYTES}


async def test_brackets_inside_text_are_not_depth(staff: httpx2.AsyncClient, enrolling: StandIn) -> None:
    answer = await staff.post(ENROL_PATH, json=family(contact_id="[{" * 200))

    assert answer.json()["errors"] == [{"pointer": "#/contact_id", "code": "uuid-parsing"}]


async def test_wrong_fields_are_told_by_place_and_never_by_value(staff: httpx2.AsyncClient, enrolling: StandIn) -> None:
    answer = await staff.post(
        ENROL_PATH, json=family(people=["张秀英", str(PERSON)], nickname="秀英", **{"13500001111": 1})
    )

    assert answer.status_code == 422
    problem = answer.json()
    assert problem["errors"] == [
        {"pointer": "#/people/0", "code": "uuid-parsing"},
        {"pointer": "#/nickname", "code": "extra-forbidden"},
        {"pointer": "#/?", "code": "extra-forbidden"},
    ]
    assert "秀英" not in answer.text
    assert "13500001111" not in answer.text
    assert "#/people/0" in problem["detail"]


async def test_an_id_number_is_refused_in_any_text_field_and_not_repeated(
    stranger: httpx2.AsyncClient, token_of: Callable[..., str]
) -> None:
    number = "11010519491231002X"
    answer = await stranger.post(
        f"/v1/sessions/{SESSION}/cancel",
        json={"reason": f"联系人证件 {number}"},
        headers={"authorization": f"Bearer {token_of('editor')}"},
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "id-number-not-accepted")
    assert number not in answer.text


@pytest.mark.parametrize("query", ["region=%ff", "region=350500000000&colour=red", "region=3505", "x=1&" * 400])
async def test_wrong_parameters_are_refused(stranger: httpx2.AsyncClient, query: str) -> None:
    answer = await stranger.get(f"/v1/sites?{query}")

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-message")
    assert answer.json()["errors"]


async def test_an_unknown_path_and_a_wrong_method_are_problems_too(stranger: httpx2.AsyncClient) -> None:
    nowhere, wrong_method = await stranger.get("/v1/nothing"), await stranger.put("/v1/sites")

    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "unknown-operation")
    assert (wrong_method.status_code, wrong_method.json()["status"]) == (405, 405)
    assert wrong_method.headers["allow"] == "GET, POST"
    assert "access-control-allow-origin" not in wrong_method.headers


async def test_pages_are_complete_and_load_nothing_from_outside(gateway: Gateway, stranger: httpx2.AsyncClient) -> None:
    for page in ("/", "/docs", "/asyncapi", "/events"):
        answer = await stranger.get(page)
        assert answer.status_code == 200
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        for attribute in ('src="', 'href="'):
            for used in answer.text.split(attribute)[1:]:
                address = used.partition('"')[0]
                assert address.startswith("/")
                assert (await stranger.get(address)).status_code == 200


async def test_a_page_is_sent_packed_once_and_then_not_again(stranger: httpx2.AsyncClient) -> None:
    async with stranger.stream("GET", "/docs", headers={"accept-encoding": "gzip"}) as answer:
        packed = b"".join([part async for part in answer.aiter_raw()])
    again = await stranger.get("/docs", headers={"if-none-match": answer.headers["etag"]})

    assert b"swagger-ui" in gzip.decompress(packed)
    assert (again.status_code, again.content) == (304, b"")


def test_enrol_is_the_command_these_tests_speak_of() -> None:
    assert Enrol.contract.route is not None
    assert Enrol.contract.route.path == "/v1/sessions/{session_id}/enrolments"
