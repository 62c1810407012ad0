"""Neighbourhood-centre systems on the bus: their region's events, live, for as long as their token lasts."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import nats
import pytest
from nats.aio.client import Client as Nats
from nats.errors import NoRespondersError

from contracts import wire
from contracts.envelope import subject_of
from contracts.refusals import Refusal, Refused
from contracts.region import NOWHERE, covers
from contracts.registry.v1 import ClientState, ConfirmClient, SiteClosed
from deploy.local.nats import EmbeddedNats
from services.chassis import client_tokens
from services.chassis.access import decide
from services.chassis.running import Running
from services.chassis.tokens import Signer, Verifier, bearer
from services.doorkeeper import presence as presence_module
from services.doorkeeper.admission import claims_of, heard_in
from services.doorkeeper.presence import Presence, Present, confirming
from tests.nats_access.conftest import CITY, Tokens, at_the_door, connect_as, until
from tests.nats_access.websocket import Browser

SYSTEM = uuid4()
HERE, ELSEWHERE = "350503001001", "350603001001"


@pytest.fixture
async def registry(server: EmbeddedNats, streams: None) -> AsyncIterator[Nats]:
    connection = await connect_as(server, "registry")
    yield connection
    await connection.close()


async def say(registry: Nats, region: str) -> bytes:
    """Registry says an event of a region, as its relay would; returns the body."""
    body = str(uuid4()).encode()
    await registry.request(subject_of(SiteClosed, region), body, headers={"Nats-Msg-Id": body.decode()})
    return body


async def partner(server: EmbeddedNats, token: str, troubles: list[str] | None = None, **options: Any) -> Nats:
    async def note(trouble: Exception) -> None:
        if troubles is not None:
            troubles.append(str(trouble))

    return await nats.connect(server.address, token=token, allow_reconnect=False, error_cb=note, **options)


async def hear(connection: Nats, *patterns: str) -> list[bytes]:
    """What arrives on the patterns from now on."""
    heard: list[bytes] = []

    async def take(message: Any) -> None:
        heard.append(message.data)

    for pattern in patterns:
        await connection.subscribe(pattern, cb=take)
    await connection.flush()
    return heard


async def test_a_partner_hears_its_region_and_no_other(server: EmbeddedNats, token: Tokens, registry: Nats) -> None:
    centre, whole_country = await partner(server, token()), await partner(server, token(region=NOWHERE))
    heard = await hear(centre, "evt.*.*.*.*.3505.>", "evt.*.*.*.*.3506.>", "evt.>", ">")
    everything = await hear(whole_country, "evt.*.*.*.*.>")

    there, here = await say(registry, ELSEWHERE), await say(registry, HERE)

    await until(lambda: everything == [there, here] and here in heard)
    assert heard == [here]
    await centre.close()
    await whole_country.close()


async def test_a_partner_says_nothing_and_reaches_no_stream_command_or_inbox(
    server: EmbeddedNats, token: Tokens, registry: Nats
) -> None:
    troubles: list[str] = []
    centre = await partner(server, token(), troubles, inbox_prefix="_INBOX_centre")
    heard_by_registry = await hear(registry, "_INBOX_registry.probe")
    forbidden = (
        "evt.registry.site.closed.v1.3505.03.001.001",
        "$JS.API.STREAM.INFO.EVT_REGISTRY",
        "$JS.API.CONSUMER.CREATE.EVT_REGISTRY.mine",
        "cmd.registry.open-site",
        "_INBOX_registry.probe",
    )
    for subject in forbidden:
        await centre.publish(subject, b"{}", reply="_INBOX_centre.answer")
    await hear(centre, "_INBOX_centre.>", "_INBOX_registry.>", "cmd.>", "qry.>", "$JS.>")

    await until(lambda: len(troubles) == len(forbidden) + 5)
    await registry.flush()
    assert heard_by_registry == []
    await centre.close()


async def test_the_connection_ends_with_the_token(server: EmbeddedNats, token: Tokens) -> None:
    centre = await partner(server, token(seconds=2))
    assert centre.is_connected

    await until(lambda: centre.is_closed, seconds=6)


@pytest.mark.parametrize("bad", ["", "junk", "a.b.c", "expired", "anonymous", "foreign"])
async def test_a_token_that_is_none_or_may_not_read_events_stays_outside(
    server: EmbeddedNats, token: Tokens, bad: str
) -> None:
    shown = {
        "expired": token(seconds=-5),
        "anonymous": token("anonymous"),
        "foreign": token()[:-8] + "AAAAAAAA",
    }.get(bad, bad)

    assert "Authorization Violation" in await at_the_door(server, lambda _: {"auth_token": shown})
    assert "PONG" in await at_the_door(server, lambda _: {"auth_token": token()})


async def test_a_partner_cannot_pose_as_a_service(server: EmbeddedNats, token: Tokens) -> None:
    """The account, the inbox and the name are the doorkeeper's to give, whatever the client asks for."""
    troubles: list[str] = []
    centre = await partner(server, token(), troubles, name="registry", user="registry", inbox_prefix="_INBOX_registry")

    await centre.publish("evt.registry.site.closed.v1.3505.03.001.001", b"{}")

    await until(lambda: len(troubles) == 1)
    await centre.close()


@pytest.fixture
async def confirmed(server: EmbeddedNats, secrets: Path) -> AsyncIterator[dict[str, Any]]:
    """What registry says of any system: in `answer`; and what it was asked, with whose token, in `asked`."""
    told: dict[str, Any] = {"answer": client_state(), "asked": []}
    connection = await connect_as(server, "registry")
    answering: Any = SimpleNamespace(nats=connection)

    async def answer(message: Any) -> None:
        actor = Verifier(secrets / "token-keys.json").actor(bearer(message.headers["Authorization"]))
        told["asked"].append((actor.id, decide(actor, ConfirmClient.contract.permission), json.loads(message.data)))
        if told["answer"] is not None:
            await Running.reply(answering, message.reply, wire.outcome_to_json(told["answer"]))

    await connection.subscribe(ConfirmClient.contract.subject, queue="registry", cb=answer)
    await connection.flush()
    yield told
    await connection.close()


def client_state(region: str = CITY) -> ClientState:
    return ClientState(client_id=SYSTEM, unit_id=uuid4(), region=region, name="平台", secrets=1, revoked=False)


@pytest.fixture
def system_token(secrets: Path) -> str:
    """As `/oauth/token` gives it to a system."""
    return client_tokens.seal(Signer("gateway", secrets), SYSTEM, "ab" * 32)


async def test_a_system_is_let_in_when_registry_confirms_its_key(
    server: EmbeddedNats, system_token: str, confirmed: dict[str, Any], registry: Nats
) -> None:
    centre = await partner(server, system_token)
    heard = await hear(centre, "evt.*.*.*.*.3505.>")

    here = await say(registry, HERE)

    await until(lambda: heard == [here])
    asked = {"client_id": str(SYSTEM), "key_name": "ab" * 8}
    assert confirmed["asked"][0] == ("service:doorkeeper", None, asked)
    await centre.close()


@pytest.mark.parametrize("answer", [Refusal("client-key-ended"), None, "forged"])
async def test_a_system_that_registry_does_not_confirm_stays_outside(
    server: EmbeddedNats, system_token: str, confirmed: dict[str, Any], answer: Any
) -> None:
    shown = system_token[:-8] + "AAAAAAAA" if answer == "forged" else system_token
    confirmed["answer"] = answer if isinstance(answer, Refusal) else None

    assert "Authorization Violation" in await at_the_door(server, lambda _: {"auth_token": shown})


@pytest.mark.parametrize("now", [Refusal("client-key-ended"), client_state("350600000000"), None])
async def test_a_system_whose_key_has_ended_is_sent_away_and_nobody_else(
    server: EmbeddedNats, token: Tokens, system_token: str, confirmed: dict[str, Any], doorkeeper: Nats, secrets: Path,
    now: Any, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Its access or key has ended, its unit lies elsewhere by now, or nobody can tell for half a minute."""
    monkeypatch.setattr(presence_module, "ANSWER_SECONDS", 0.2)
    confirm = confirming(doorkeeper, Signer("doorkeeper", secrets))
    presence = Presence(doorkeeper, confirm)
    system, neighbour = await partner(server, system_token), await partner(server, token())
    browser = await Browser.connected(server.websocket_url, system_token)
    await until(lambda: "PONG" in browser.said or browser.say("PING\r\n"))
    assert await presence.look() == 0

    confirmed["answer"] = now
    if now is None:
        assert await presence.look() == 0, "away for a moment"
        monkeypatch.setattr(presence_module, "STALE_SECONDS", 0.0)
    assert await presence.look() == 2

    await until(lambda: system.is_closed and browser.closed)
    assert neighbour.is_connected
    assert "Authorization Violation" in await at_the_door(server, lambda _: {"auth_token": system_token}) or now
    await neighbour.close()
    await browser.leave()


async def test_a_browser_hears_the_same_over_websocket(server: EmbeddedNats, token: Tokens, registry: Nats) -> None:
    browser = await Browser.connected(server.websocket_url, token())
    browser.say(
        "SUB evt.*.*.*.*.3505.03.> 1\r\nSUB evt.*.*.*.*.3506.> 2\r\nPUB cmd.registry.open-site 0\r\n\r\nPING\r\n"
    )
    await until(lambda: browser.said.count("PONG") == 2)

    there, here = await say(registry, ELSEWHERE), await say(registry, HERE)

    await until(lambda: here.decode() in browser.said)
    assert there.decode() not in browser.said
    assert browser.said.count("Permissions Violation") == 2
    await browser.leave()


async def test_a_browser_without_a_token_is_sent_away(server: EmbeddedNats) -> None:
    browser = await Browser.connected(server.websocket_url, "junk")

    await until(lambda: browser.closed)
    assert "Authorization Violation" in browser.said
    await browser.leave()


def test_a_province_is_heard_city_by_city_and_hears_no_other() -> None:
    subjects = heard_in("350000000000")

    assert len(subjects) == 100
    assert {subject for subject in subjects if not covers("350000000000", subject.split(".")[5] + "00000000")} == set()


@pytest.mark.parametrize(
    ("region", "tokens"),
    [(CITY, "3505.>"), ("350503000000", "3505.03.>"), ("350503001000", "3505.03.001.*"), (NOWHERE, ">")],
)
def test_a_partner_may_hear_its_own_subtree(region: str, tokens: str) -> None:
    assert heard_in(region) == [f"evt.*.*.*.*.{tokens}"]


def test_claims_are_read_whatever_the_padding() -> None:
    assert claims_of("e30.eyJhIjoxfQ.x") == {"a": 1}


class Bus:
    """Servers that send away whom they are told to, but for the one that has just gone."""

    def __init__(self) -> None:
        self.sent_away: list[int] = []

    async def request(self, place: str, body: bytes, **_: Any) -> None:
        if "gone" in place:
            raise NoRespondersError
        self.sent_away.append(json.loads(body)["cid"])


async def test_all_systems_are_asked_about_at_once_and_a_server_that_is_gone_keeps_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Asked one after the other, fifty systems would stay for fifty seconds longer than they may."""
    present = [Present(server, number, uuid4(), "ab" * 8, CITY) for number, server in enumerate(["gone", *["one"] * 9])]
    waiting: list[asyncio.Future[ClientState]] = []

    async def confirm(*_: Any) -> ClientState:
        waiting.append(asyncio.get_running_loop().create_future())
        return await waiting[-1]

    async def listed(_: Presence) -> list[Present]:
        return present

    monkeypatch.setattr(Presence, "_present", listed)
    bus: Any = Bus()
    looking = asyncio.create_task(Presence(bus, confirm).look())
    for _ in range(20):
        await asyncio.sleep(0)
    assert len(waiting) == len(present)
    for each in waiting:
        each.set_exception(Refused("client-key-ended"))

    assert await looking == 9
    assert bus.sent_away == list(range(1, 10))
