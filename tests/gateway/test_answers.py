"""What comes back: replies, refusals in two languages, batches, and what happens when a service is away."""

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx2
import jsonschema_rs
import pytest

from contracts.activities.v1 import Door, Enrol, GetDoor
from contracts.refusals import Refusal, all_reasons
from contracts.wire import BATCH
from deploy.local.nats import EmbeddedNats
from services.gateway.app import Gateway
from services.gateway.pages import DOCUMENTS
from services.gateway.problems import TITLES, describe, language_of
from services.gateway.settings import GatewaySettings

from .conftest import (
    ENROL_PATH,
    PERSON,
    SESSION,
    StandIn,
    client_of,
    confirmed,
    family,
    running,
    settings_for,
)

Put = Callable[..., Any]
ONE_ITEM = {"id": str(SESSION), "data": family(session_id=str(SESSION))}


@pytest.mark.parametrize(
    ("accepted", "language"),
    [(None, "zh"), ("", "zh"), ("*", "zh"), ("zh-CN,zh;q=0.9,en;q=0.8", "zh"), ("en-GB", "en"), ("fr,en;q=0.3", "en"),
     ("en;q=0.2,zh;q=0.7", "zh"), ("en;q=", "en"), ("en;q=abc", "en")],
)  # fmt: skip
def test_the_language_is_chinese_unless_english_is_preferred(accepted: str | None, language: str) -> None:
    assert language_of(accepted) == language


def test_every_reason_code_has_a_title_and_a_sentence_in_both_languages() -> None:
    for code, reason in all_reasons():
        assert reason.status in TITLES, code
        for language in ("zh", "en"):
            assert describe(Refusal(code), language)["detail"]
        for sentence, stop in ((reason.zh, "。"), (reason.en, ". ")):
            assert stop in sentence[:-1], f"{code} does not say what to do next"


def test_a_sentence_shows_the_code_that_it_speaks_of_and_not_its_own() -> None:
    unknown = describe(Refusal("division-code-unknown", code="350503001001"), "zh")
    newer = describe(Refusal("from-a-newer-service", code="350503001001"), "en")

    assert unknown["detail"].startswith("没有行政区划代码 350503001001。")
    assert "the reason from-a-newer-service." in newer["detail"]


async def test_a_refusal_is_a_problem_document_in_chinese_and_english(staff: httpx2.AsyncClient, stand_in: Put) -> None:
    await stand_in(Enrol, lambda _: Refusal("family-too-large", seats=3, capacity=2))
    chinese = await staff.post(ENROL_PATH, json=family())
    english = await staff.post(ENROL_PATH, json=family(), headers={"accept-language": "en"})

    assert chinese.headers["content-type"] == "application/problem+json"
    assert (chinese.headers["content-language"], english.headers["content-language"]) == ("zh-CN", "en")
    assert chinese.json()["type"] == "urn:linli:problem:family-too-large"
    assert chinese.json()["params"] == {"seats": 3, "capacity": 2}
    assert chinese.json()["status"] == chinese.status_code == english.status_code
    assert chinese.json()["detail"] != english.json()["detail"]
    assert english.json()["detail"].isascii()


async def test_a_reason_code_newer_than_the_gateway_is_still_told(staff: httpx2.AsyncClient, stand_in: Put) -> None:
    await stand_in(Enrol, lambda _: Refusal("moon-too-bright"))
    answer = await staff.post(ENROL_PATH, json=family())

    assert (answer.status_code, answer.json()["code"]) == (422, "moon-too-bright")


async def test_the_idempotency_key_is_the_command_id_and_comes_back(
    staff: httpx2.AsyncClient, enrolling: StandIn
) -> None:
    key = str(uuid4())
    given = await staff.post(ENROL_PATH, json=family(), headers={"idempotency-key": key})
    made = await staff.post(ENROL_PATH, json=family())
    wrong = await staff.post(ENROL_PATH, json=family(), headers={"idempotency-key": "twice"})

    assert given.headers["idempotency-key"] == enrolling.messages[0][0]["Linli-Command-Id"] == key
    assert UUID(made.headers["idempotency-key"]).version == 7
    assert wrong.json()["errors"] == [{"pointer": "#/Idempotency-Key", "code": "uuid-parsing"}]


@pytest.mark.parametrize("authorization", ["Bearer nonsense", "Basic dTpw", "Bearer", ""])
async def test_a_bad_token_is_401(stranger: httpx2.AsyncClient, authorization: str) -> None:
    answer = await stranger.get(f"/v1/sessions/{SESSION}", headers={"authorization": authorization})

    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_an_expired_token_is_401(stranger: httpx2.AsyncClient, token_of: Callable[..., str]) -> None:
    token = token_of("editor", seconds=-1)
    answer = await stranger.get(f"/v1/sessions/{SESSION}", headers={"authorization": f"Bearer {token}"})

    assert answer.status_code == 401


async def test_a_stranger_is_asked_to_log_in_and_a_reader_is_denied(
    stranger: httpx2.AsyncClient, token_of: Callable[..., str], enrolling: StandIn
) -> None:
    unknown = await stranger.post(ENROL_PATH, json=family())
    reader = {"authorization": f"Bearer {token_of('reader')}"}
    denied = await stranger.post(ENROL_PATH, json=family(), headers=reader)

    assert unknown.status_code == 401
    assert (denied.status_code, denied.json()["params"]["permission"]) == (403, "activities.enrol")
    assert enrolling.messages == []


async def test_a_service_that_is_away_is_503_at_once(staff: httpx2.AsyncClient) -> None:
    started = time.monotonic()
    command = await staff.post(ENROL_PATH, json=family())
    query = await staff.get(f"/v1/sessions/{SESSION}")

    assert time.monotonic() - started < 1.5
    for answer in (command, query):
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert answer.json()["params"]["service"] == "activities"
    assert command.headers["idempotency-key"]


async def test_a_service_that_hangs_is_503_within_two_seconds(staff: httpx2.AsyncClient, enrolling: StandIn) -> None:
    enrolling.held = asyncio.Event()
    started = time.monotonic()
    answers = [asyncio.create_task(staff.post(ENROL_PATH, json=family()))]
    for pause in (0.1, 0.1, 0.2, 0.2):  # the later ones wait behind two batches that are never answered
        await asyncio.sleep(pause)
        answers.append(asyncio.create_task(staff.post(ENROL_PATH, json=family())))
    first = await answers[0]
    assert time.monotonic() - started < 2

    rest = await asyncio.gather(*answers[1:])
    assert time.monotonic() - started < 0.6 + 2
    assert {answer.status_code for answer in (first, *rest)} == {503}
    enrolling.held.set()


def test_with_its_own_settings_a_gateway_gives_up_before_two_seconds() -> None:
    assert GatewaySettings().answer_seconds < 2


async def test_without_nats_everything_is_503_at_once_and_heals_when_it_comes(
    tmp_path: Path, secrets: Path, documents: Path, token_of: Callable[..., str]
) -> None:
    server = EmbeddedNats(tmp_path)
    bearer = f"Bearer {token_of('editor')}"
    settings = settings_for(server.url, secrets)
    async with running(settings, documents) as gateway, client_of(gateway, authorization=bearer) as staff:
        assert (await staff.get("/live")).status_code == 200
        assert (await staff.get("/ready")).json() == {"ready": False, "waits_for": ["nats"]}
        assert (await staff.post(ENROL_PATH, json=family())).status_code == 503
        assert (await staff.get("/v1/events")).status_code == 503
        await asyncio.to_thread(server.start)
        try:
            async with asyncio.timeout(20):
                while (await staff.get("/ready")).status_code != 200:
                    await asyncio.sleep(0.05)
        finally:
            await asyncio.to_thread(server.stop)


async def test_requests_that_arrive_together_are_one_batch_and_each_gets_its_own_answer(
    staff: httpx2.AsyncClient, stand_in: Put, gateway: Gateway, token_of: Callable[..., str]
) -> None:
    def decide(data: dict[str, Any]) -> Any:
        return confirmed() if len(data["people"]) == 1 else Refusal("family-too-large", seats=2, capacity=1)

    activities = await stand_in(Enrol, decide)
    activities.held = asyncio.Event()
    first_two = [asyncio.create_task(staff.post(ENROL_PATH, json=family())) for _ in range(2)]
    while len(activities.messages) < 1:
        await asyncio.sleep(0.01)
    second = asyncio.create_task(staff.post(ENROL_PATH, json=family()))
    await asyncio.sleep(0.1)
    other_token = f"Bearer {token_of('editor')}"
    waiting = [
        asyncio.create_task(staff.post(ENROL_PATH, json=family(people=[str(PERSON)] * (1 + number % 2)),
                                       headers={"authorization": other_token} if number == 0 else {}))
        for number in range(20)
    ]  # fmt: skip
    await asyncio.sleep(0.3)
    in_flight = len(activities.messages)
    activities.held.set()
    answers = await asyncio.gather(*waiting)
    await asyncio.gather(*first_two, second)

    assert in_flight <= 2
    headers, items = next(message for message in activities.messages if len(message[1]) == 20)
    assert headers[BATCH] == "20"
    assert len({item["id"] for item in items}) == 20
    assert {item["token"] for item in items} == {other_token[7:], staff.headers["authorization"][7:]}
    assert all(item["deadline"] for item in items)
    assert [answer.status_code for answer in answers].count(200) == 10
    for number, answer in enumerate(answers):
        assert (answer.status_code == 200) == (number % 2 == 0)


async def test_a_lone_request_goes_out_at_once_and_alone(staff: httpx2.AsyncClient, enrolling: StandIn) -> None:
    started = time.monotonic()
    await staff.post(ENROL_PATH, json=family())

    assert BATCH not in enrolling.messages[0][0]
    assert time.monotonic() - started < 0.5


async def test_a_sampled_trace_goes_on_behind_the_gateway(staff: httpx2.AsyncClient, enrolling: StandIn) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    for flags in ("01", "00"):
        header = {"traceparent": f"00-{trace}-00f067aa0ba902b7-{flags}"}
        assert (await staff.post(ENROL_PATH, json=family(), headers=header)).status_code == 200

    assert enrolling.messages[0][0]["traceparent"].split("-")[1] == trace
    assert "traceparent" not in enrolling.messages[1][0]


async def test_a_batch_over_http_is_answered_item_by_item(staff: httpx2.AsyncClient, enrolling: StandIn) -> None:
    good = {"id": str(uuid4()), "data": family(session_id=str(SESSION))}
    bad = {"id": str(uuid4()), "data": family(session_id="张秀英")}
    items: list[dict[str, Any]] = [good, bad, {"id": "x"}, good | {"id": str(uuid4())}]
    answer = await staff.post("/v1/batches/activities/enrol", json=items)

    outcomes = answer.json()
    assert answer.status_code == 200
    assert [next(iter(outcome)) for outcome in outcomes] == ["ok", "refusal", "refusal", "ok"]
    assert outcomes[1]["refusal"]["errors"] == [{"pointer": "#/session_id", "code": "uuid-parsing"}]
    assert outcomes[2]["refusal"]["code"] == "invalid-message"
    assert "张秀英" not in answer.text
    [(headers, sent)] = enrolling.messages
    assert [item["id"] for item in sent] == [items[0]["id"], items[3]["id"]]
    assert headers["Authorization"] == staff.headers["authorization"]
    assert "token" not in sent[0]


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("activities/fly", "[]", 404, "unknown-operation"),
        ("activities/enrol", "[]", 413, "batch-too-large"),
        ("activities/enrol", json.dumps([{}] * 501), 413, "batch-too-large"),
        ("activities/enrol", "{}", 422, "invalid-message"),
        ("activities/enrol", "[", 400, "invalid-json"),
        ("notify/register-endpoint", "[{}]", 403, "not-permitted"),
        (
            "activities/enrol",
            json.dumps([{"id": str(SESSION), "data": family(session_id=str(SESSION))}]),
            503,
            "unavailable",
        ),
    ],
)
async def test_a_batch_that_cannot_be_taken_is_refused_as_a_whole(
    staff: httpx2.AsyncClient, path: str, body: str, status: int, code: str
) -> None:
    answer = await staff.post(f"/v1/batches/{path}", content=body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_operators_see_status_and_metrics_by_route_and_never_by_path(
    staff: httpx2.AsyncClient, enrolling: StandIn
) -> None:
    await staff.post(ENROL_PATH, json=family())
    status = (await staff.get("/status")).json()
    metrics = (await staff.get("/metrics")).text

    assert status == {
        "service": "gateway", "instance": "gateway-1", "ready": True, "waits_for": [],
        "consumers": [], "outbox": None, "streams_open": 0,
    }  # fmt: skip
    assert 'route="/v1/sessions/{session_id}/enrolments",status="200"' in metrics
    assert str(SESSION) not in metrics


async def test_a_fault_of_ours_is_a_500_with_an_incident_and_no_more(
    staff: httpx2.AsyncClient, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise ZeroDivisionError("张秀英")

    monkeypatch.setattr("services.gateway.api.open_query", broken)
    answer = await staff.get(f"/v1/sessions/{SESSION}")

    assert (answer.status_code, answer.json()["code"]) == (500, "internal-error")
    assert UUID(answer.json()["params"]["incident"])
    for told in ("ZeroDivisionError", "张秀英", "Traceback"):
        assert told not in answer.text


def test_every_problem_document_keeps_the_published_schema() -> None:
    published = json.loads((DOCUMENTS / "openapi.json").read_text())["components"]["schemas"]["Problem"]
    wrong = Refusal("invalid-message", errors=[{"pointer": "#/people/0", "problem": "uuid_parsing"}])

    for refusal in (wrong, *(Refusal(code) for code, _ in all_reasons())):
        jsonschema_rs.validate(published, describe(refusal, "zh"))


async def test_an_answer_to_a_query_that_is_known_already_is_not_sent_again(
    staff: httpx2.AsyncClient, stand_in: Callable[..., Any]
) -> None:
    shown = [Door(session_id=uuid4(), version="1.a")] * 2 + [Door(session_id=uuid4(), version="1.b")]
    await stand_in(GetDoor, lambda _: shown.pop(0))
    path = f"/v1/sessions/{uuid4()}/door"

    first = await staff.get(path)
    tag = first.headers["etag"]
    known = await staff.get(path, headers={"if-none-match": f'"other", W/{tag}'})
    changed = await staff.get(path, headers={"if-none-match": tag})

    assert (first.status_code, first.json()["version"]) == (200, "1.a")
    assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", tag)
    assert (changed.status_code, changed.json()["version"]) == (200, "1.b")
    assert changed.headers["etag"] != tag
