"""Logins and client keys at the door: opaque tokens outside, short ones inside, and no secret for a service."""

import asyncio
import base64
import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from joserfc import jws

from contracts.message import Done
from contracts.refusals import Refusal
from contracts.registry.v1 import (
    ActAt,
    AddClientSecret,
    ClientState,
    ConfirmClient,
    Function,
    LogIn,
    Login,
    LogOut,
    Office,
    ResolveClient,
    ResolveLogin,
    SetRecoveryCodes,
)
from deploy.local.nats import EmbeddedNats
from services.gateway import identity
from services.gateway.app import Gateway
from services.gateway.minting import SESSION, digest
from tests.gateway.conftest import ENROL_PATH, StandIn, client_of, family, running, settings_for, visited

STREET, UNIT, WANG, CLIENT = "350503001000", uuid4(), uuid4(), uuid4()


def login_at(*functions: Function) -> Login:
    office = Office(unit_id=UNIT, region=STREET, functions=functions, acting=False)
    return Login(
        account_id=uuid4(), person_id=WANG, office=office, offices=(office,), expires_at="2026-06-03T12:00:00Z"
    )


def claims_of(headers: dict[str, str]) -> dict[str, Any]:
    """What the token inside says; the services check its signature."""
    token = headers["Authorization"].removeprefix("Bearer ")
    claims: dict[str, Any] = json.loads(jws.extract_compact(token.encode()).payload)
    return claims


@pytest.fixture
async def wang(stand_in: Callable[..., Any]) -> StandIn:
    """Registry knows one token: 王芳, editor of a street."""
    made: StandIn = await stand_in(ResolveLogin, lambda _: login_at(Function.READER, Function.EDITOR))
    return made


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


async def test_a_login_answers_a_token_whose_hash_alone_reaches_registry(
    stranger: httpx2.AsyncClient, stand_in: Callable[..., Any]
) -> None:
    registry = await stand_in(LogIn, lambda _: login_at(Function.READER))

    answer = await stranger.post("/v1/logins", json={"login": "wang.fang", "password": "violet river lantern"})

    token = answer.json()["secret"]
    [(headers, body)] = registry.messages
    assert token.startswith(SESSION)
    assert len(token) > 40
    assert body["token_hash"] == sha256(token.encode()).hexdigest()
    assert token not in json.dumps([headers, body])
    assert answer.json()["person_id"] == str(WANG)


async def test_a_refused_login_answers_no_token(stranger: httpx2.AsyncClient, stand_in: Callable[..., Any]) -> None:
    await stand_in(LogIn, lambda _: Refusal("account-locked", seconds=31))

    answer = await stranger.post("/v1/logins", json={"login": "wang.fang", "password": "x"})

    assert (answer.status_code, answer.headers["retry-after"]) == (429, "31")
    assert "secret" not in answer.text


async def test_whoever_brings_a_hash_of_her_own_is_told_no_secret(
    stranger: httpx2.AsyncClient, stand_in: Callable[..., Any]
) -> None:
    registry = await stand_in(LogIn, lambda _: login_at(Function.READER))
    own = digest("a token of my own")

    answer = await stranger.post("/v1/logins", json={"login": "wang.fang", "password": "x", "token_hash": own})

    assert "secret" not in answer.json()
    assert registry.messages[0][1]["token_hash"] == own


async def test_with_a_session_token_she_acts_as_her_office_lets_her(
    gateway: Gateway, enrolling: StandIn, wang: StandIn
) -> None:
    async with client_of(gateway, **bearer(f"{SESSION}one")) as client:
        answers = [await client.post(ENROL_PATH, json=family()) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert len(wang.messages) == 1, "registry was asked again for an answer that is fresh"
    inside = claims_of(enrolling.messages[0][0])
    assert (inside["sub"], inside["region"], inside["unit"]) == (str(WANG), STREET, str(UNIT))
    assert inside["exp"] - inside["iat"] <= 30
    assert SESSION not in str(enrolling.messages)


async def test_whoever_is_out_of_office_is_out_as_soon_as_registry_is_asked_again(
    gateway: Gateway, enrolling: StandIn, wang: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "RESOLVED_SECONDS", 0.0)
    async with client_of(gateway, **bearer(f"{SESSION}two")) as client:
        assert (await client.post(ENROL_PATH, json=family())).status_code == 200
        wang.answer = lambda _: Refusal("login-ended")
        answer = await client.post(ENROL_PATH, json=family())

    assert (answer.status_code, answer.json()["code"]) == (401, "login-ended")
    assert identity.TOKEN_SECONDS <= 30


async def test_whoever_turns_to_another_office_or_logs_out_does_so_at_once(
    gateway: Gateway, enrolling: StandIn, wang: StandIn, stand_in: Callable[..., Any]
) -> None:
    elsewhere = uuid4()
    office = Office(unit_id=elsewhere, region=STREET, functions=(Function.EDITOR,), acting=False)
    there = login_at(Function.EDITOR).model_copy(update={"office": office})
    await stand_in(ActAt, lambda _: there)
    await stand_in(LogOut, lambda _: Done())
    token = f"{SESSION}turns"
    async with client_of(gateway, **bearer(token)) as client:
        await client.post(ENROL_PATH, json=family())
        wang.answer = lambda _: there
        said = {"token_hash": digest(token), "unit_id": str(elsewhere)}
        assert (await client.post("/v1/logins/act-at", json=said)).status_code == 200
        await client.post(ENROL_PATH, json=family())
        assert [claims_of(headers)["unit"] for headers, _ in enrolling.messages] == [str(UNIT), str(elsewhere)]

        wang.answer = lambda _: Refusal("login-ended")
        assert (await client.post("/v1/logins/end", json={"token_hash": digest(token)})).status_code == 200
        assert (await client.post(ENROL_PATH, json=family())).status_code == 401


async def test_and_at_every_gateway(
    gateway: Gateway, enrolling: StandIn, wang: StandIn, stand_in: Callable[..., Any],
    nats_of_gateway: EmbeddedNats, secrets: Path, documents: Path,
) -> None:  # fmt: skip
    await stand_in(LogOut, lambda _: Done())
    token = f"{SESSION}leaves"
    other = settings_for(nats_of_gateway.address, secrets, nats_seed_file=nats_of_gateway.seed_file("gateway"))
    async with client_of(gateway, **bearer(token)) as here, running(other, documents) as second:
        while not second.bus.ready:
            await asyncio.sleep(0.01)
        await second.sharing.turn()  # listens from now on
        async with client_of(second, **bearer(token)) as there:
            assert (await there.post(ENROL_PATH, json=family())).status_code == 200
            assert (await here.post("/v1/logins/end", json={"token_hash": digest(token)})).status_code == 200
            wang.answer = lambda _: Refusal("login-ended")
            await gateway.sharing.turn()
            async with asyncio.timeout(3):
                while (await there.post(ENROL_PATH, json=family())).status_code != 401:
                    await asyncio.sleep(0.01)


async def test_a_reader_may_not_write(gateway: Gateway, enrolling: StandIn, wang: StandIn) -> None:
    wang.answer = lambda _: login_at(Function.READER)
    async with client_of(gateway, **bearer(f"{SESSION}three")) as client:
        answer = await client.post(ENROL_PATH, json=family())

    assert (answer.status_code, answer.json()["code"]) == (403, "not-permitted")
    assert enrolling.messages == []


async def test_without_registry_a_session_cannot_be_told_and_says_when_to_come_again(gateway: Gateway) -> None:
    async with client_of(gateway, **bearer(f"{SESSION}four")) as client:
        answer = await client.post(ENROL_PATH, json=family())

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")


async def test_recovery_codes_are_told_once_and_only_to_their_owner(
    staff: httpx2.AsyncClient, stand_in: Callable[..., Any]
) -> None:
    registry = await stand_in(SetRecoveryCodes, lambda _: Done())

    codes = (await staff.post("/v1/me/recovery-codes", json={})).json()["secret"]

    assert len(set(codes)) == 8
    assert registry.messages[0][1]["code_hashes"] == [digest(code) for code in codes]


KEY_NAME = digest("s3cret")[:16]


@pytest.fixture
async def platform(stand_in: Callable[..., Any]) -> StandIn:
    """Registry knows one client with the secret `s3cret`, until it answers otherwise."""
    state = ClientState(client_id=CLIENT, unit_id=UNIT, region=STREET, name="平台", secrets=1, revoked=False)

    def answer(asked: dict[str, Any]) -> ClientState | Refusal:
        right = UUID(asked["client_id"]) == CLIENT and asked["secret_hash"] == digest("s3cret")
        return state if right else Refusal("wrong-credentials")

    await stand_in(AddClientSecret, lambda _: state)
    await stand_in(ResolveClient, answer)
    made: StandIn = await stand_in(ConfirmClient, lambda _: state)
    return made


def basic(name: object, secret: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()}


GRANT = {"grant_type": "client_credentials"}


async def test_a_client_turns_its_key_into_a_token_and_uses_it(
    gateway: Gateway, stranger: httpx2.AsyncClient, platform: StandIn, enrolling: StandIn
) -> None:
    granted = [
        await stranger.post("/oauth/token", data=GRANT, headers=basic(CLIENT, "s3cret")),
        await stranger.post("/oauth/token", data={**GRANT, "client_id": str(CLIENT), "client_secret": "s3cret"}),
    ]

    for answer in granted:
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
        assert answer.json()["token_type"] == "Bearer"
        async with client_of(gateway, **bearer(answer.json()["access_token"])) as client:
            assert (await client.post(ENROL_PATH, json=family())).status_code == 200
    inside = claims_of(enrolling.messages[0][0])
    assert (inside["sub"], inside["roles"], inside["region"]) == (f"client:{CLIENT}", ["integrator"], STREET)
    assert inside["exp"] - inside["iat"] <= 30
    assert [body for _, body in platform.messages] == [{"client_id": str(CLIENT), "key_name": KEY_NAME}] * 2
    assert granted[0].json()["access_token"] not in str(enrolling.messages)


async def test_a_client_whose_key_has_ended_is_out_at_every_gateway_and_its_streams_end(
    gateway: Gateway, platform: StandIn, enrolling: StandIn, stranger: httpx2.AsyncClient,
    nats_of_gateway: EmbeddedNats, secrets: Path, documents: Path, streams: None, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(identity, "RESOLVED_SECONDS", 0.1)
    granted = await stranger.post("/oauth/token", data=GRANT, headers=basic(CLIENT, "s3cret"))
    token = bearer(granted.json()["access_token"])
    seed = nats_of_gateway.seed_file("gateway")
    other = settings_for(nats_of_gateway.address, secrets, nats_seed_file=seed, heartbeat_seconds=0.1)
    async with client_of(gateway, **token) as here, visited(other, documents) as there:
        there.headers.update(token)
        for client in (here, there):
            assert (await client.post(ENROL_PATH, json=family())).status_code == 200
        async with here.stream("GET", "/v1/events") as one, there.stream("GET", "/v1/events") as two:
            assert (one.status_code, two.status_code) == (200, 200)

            platform.answer = lambda _: Refusal("client-key-ended")

            async with asyncio.timeout(3):
                for stream in (one, two):
                    async for _ in stream.aiter_lines():
                        pass
        for client in (here, there):
            for answer in (await client.post(ENROL_PATH, json=family()), await client.get("/v1/events")):
                assert (answer.status_code, answer.json()["code"]) == (401, "client-key-ended")
    assert len(enrolling.messages) == 2


@pytest.mark.parametrize("cut", [slice(0, -4), slice(4, None), slice(0, 4)])
async def test_a_token_of_a_system_that_is_none_opens_nothing(
    gateway: Gateway, stranger: httpx2.AsyncClient, platform: StandIn, enrolling: StandIn, cut: slice
) -> None:
    """Cut short, without its beginning (what services take is signed for them), and its beginning alone."""
    granted = await stranger.post("/oauth/token", data=GRANT, headers=basic(CLIENT, "s3cret"))
    async with client_of(gateway, **bearer(granted.json()["access_token"][cut])) as client:
        answer = await client.post(ENROL_PATH, json=family())

    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert (platform.messages, enrolling.messages) == ([], [])


@pytest.mark.parametrize(
    ("form", "headers", "status", "error"),
    [
        (GRANT, basic(CLIENT, "wrong"), 401, "invalid_client"),
        (GRANT, basic(uuid4(), "s3cret"), 401, "invalid_client"),
        (GRANT, basic("nobody", "s3cret"), 401, "invalid_client"),
        (GRANT, {"authorization": "Basic ###"}, 401, "invalid_client"),
        (GRANT, {}, 401, "invalid_client"),
        ({}, basic(CLIENT, "s3cret"), 400, "invalid_request"),
        ({"grant_type": "password"}, basic(CLIENT, "s3cret"), 400, "unsupported_grant_type"),
        ({**GRANT, "client_secret": "s3cret"}, basic(CLIENT, "s3cret"), 400, "invalid_request"),
    ],
)
async def test_wrong_requests_for_a_token_are_told_as_the_standard_says(
    stranger: httpx2.AsyncClient, platform: StandIn, form: Any, headers: Any, status: int, error: str
) -> None:
    answer = await stranger.post("/oauth/token", data=form, headers=headers)

    assert (answer.status_code, answer.json()) == (status, {"error": error})


async def test_a_token_is_asked_for_by_a_form_alone(stranger: httpx2.AsyncClient, platform: StandIn) -> None:
    twice = "grant_type=client_credentials&grant_type=client_credentials"
    form = {"content-type": "application/x-www-form-urlencoded", **basic(CLIENT, "s3cret")}

    for content, headers in ((b"{}", basic(CLIENT, "s3cret")), (twice.encode(), form), (b"\xff", form)):
        answer = await stranger.post("/oauth/token", content=content, headers=headers)
        assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request"})
