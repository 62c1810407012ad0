"""Neighbourhood-centre systems on the bus: their region's events, live, for as long as their token lasts."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import nats
import pytest
from nats.aio.client import Client as Nats

from contracts.envelope import subject_of
from contracts.region import NOWHERE, covers
from contracts.registry.v1 import SiteClosed
from deploy.local.nats import EmbeddedNats
from services.doorkeeper.admission import claims_of, heard_in
from tests.nats_access.conftest import CITY, Tokens, at_the_door, connect_as, until
from tests.nats_access.websocket import Browser

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
