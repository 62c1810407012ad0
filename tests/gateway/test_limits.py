"""Who asks too much waits as long as he is told, and nobody else waits with him."""

import asyncio
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nats.aio.client import Client as Nats

from contracts.refusals import Refusal, Refused
from contracts.registry.v1 import ConfirmClient, ResolveLogin
from deploy.local.nats import EmbeddedNats
from deploy.local.ports import free_port
from services.chassis import client_tokens
from services.chassis.access import Actor
from services.chassis.tokens import Signer
from services.gateway.limits import BURST_SECONDS, ROUNDING, Buckets, Limits, network_of
from services.gateway.settings import GatewaySettings
from services.gateway.sharing import SUBJECT

from .conftest import ENROL_PATH, StandIn, client_of, family, running, settings_for, visited


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def wait_of(spend: Callable[[], None]) -> int:
    """The seconds of the refusal; 0 where it was granted."""
    try:
        spend()
    except Refused as refused:
        return int(refused.refusal.params["seconds"])
    return 0


def test_a_bucket_gives_its_burst_at_once_and_then_its_rate() -> None:
    buckets = Buckets(rate=5)
    assert [buckets.take("a", 0.0) for _ in range(5 * BURST_SECONDS)] == [0.0] * 50
    assert buckets.take("a", 0.0) == pytest.approx(0.2)
    assert sum(buckets.take("a", tenth / 10) == 0 for tenth in range(1, 101)) == 50


@given(st.integers(1, 400), st.lists(st.floats(0, 3), max_size=30))
def test_who_waits_as_told_is_granted_and_who_comes_earlier_is_not(rate: int, pauses: list[float]) -> None:
    buckets, now = Buckets(rate), 0.0
    for pause in pauses:
        now += pause
        while not (wait := buckets.take("a", now)):
            pass
        assert wait <= 2 * ROUNDING or buckets.take("a", now + wait / 2) > 0
        now += wait
        assert buckets.take("a", now) == 0


@given(st.lists(st.tuples(st.integers(0, 40), st.floats(0, 2)), max_size=200), st.integers(1, 20))
def test_there_are_never_more_buckets_than_allowed_and_the_one_in_use_stays(
    asked: list[tuple[int, float]], most: int
) -> None:
    buckets, now = Buckets(rate=1, most=most), 0.0
    for key, pause in asked:
        now += pause
        buckets.take(str(key), now)
        assert len(buckets) <= most
        while not buckets.take(str(key), now):
            pass  # what was just used is not forgotten: it can be emptied


def test_forgetting_a_bucket_that_rested_changes_nothing() -> None:
    dice = random.Random(7)
    small, large = Buckets(rate=2, most=30), Buckets(rate=2)
    for step in range(3000):
        now = step * 0.5  # at most 20 keys within BURST_SECONDS
        key = str(dice.randrange(200))
        assert small.take(key, now) == large.take(key, now)


@given(st.lists(st.tuples(st.integers(0, 2), st.booleans()), max_size=300), st.integers(2, 3))
def test_gateways_together_give_the_rate_and_at_once_a_bucket_each_at_most(
    asked: list[tuple[int, bool]], gateways: int
) -> None:
    rate, now = 4, 0.0
    all_of = [Buckets(rate) for _ in range(gateways)]
    given = 0
    for who, pause in asked:
        if pause:
            now += 0.25
            tellings = [buckets.tell() for buckets in all_of]
            for place, telling in enumerate(tellings):
                for other in all_of[:place] + all_of[place + 1 :]:
                    other.hear(telling, now)
        while not all_of[who % gateways].take("a", now):
            given += 1
        assert given <= rate * now + gateways * rate * BURST_SECONDS


def test_what_another_gateway_gave_is_owed_here() -> None:
    here, there = (Buckets(rate=5) for _ in range(2))
    while not there.take("a", 0.0):
        pass
    here.hear(there.tell(), 0.0)
    assert here.take("a", 0.0) == pytest.approx(0.2)
    here.hear({"a": 1_000_000}, 0.0)
    assert here.take("a", 0.0) == pytest.approx(BURST_SECONDS + 0.2)  # and no message locks anybody out for longer


def test_who_asks_little_is_not_talked_about() -> None:
    limits = Limits(GatewaySettings(limit_credential=300, limit_unit=1000), Clock())
    actor = Actor(str(uuid4()), frozenset(), "350503001001")
    for _ in range(59):
        limits.spend(actor, "activities.enrol")
    assert limits.tell() == {}
    limits.spend(actor, "activities.enrol")
    assert limits.tell() == {"credentials": {actor.id: 60}}
    assert limits.tell() == {}


def test_one_persons_haste_is_hers_alone_until_it_is_her_units() -> None:
    limits = Limits(GatewaySettings(limit_credential=1, limit_unit=2), Clock())
    unit = uuid4()
    hasty, calm, other = (Actor(str(uuid4()), frozenset(), "350503001001", unit) for _ in range(3))
    elsewhere = Actor(str(uuid4()), frozenset(), "110101001001")
    for _ in range(10):
        limits.spend(hasty, "activities.enrol")

    assert wait_of(lambda: limits.spend(hasty, "activities.enrol")) == 1
    for _ in range(10):
        limits.spend(calm, "activities.enrol")
    assert wait_of(lambda: limits.spend(other, "activities.enrol")) == 1
    assert wait_of(lambda: limits.spend(elsewhere, "activities.enrol")) == 0


def test_what_is_dear_and_what_guesses_secrets_has_tighter_limits() -> None:
    limits, actor = Limits(GatewaySettings(), Clock()), Actor("client:7", frozenset(), "350503001001")
    for _ in range(50):
        limits.spend(actor, "activities.counts.read")
        limits.spend_address("198.51.100.7", "/v1/logins")

    assert wait_of(lambda: limits.spend(actor, "activities.counts.read")) == 1
    assert wait_of(lambda: limits.spend_address("198.51.100.7", "/oauth/token")) == 1
    assert wait_of(lambda: limits.spend(actor, "activities.enrol")) == 0
    assert wait_of(lambda: limits.spend_address("198.51.100.7", "/v1/sessions")) == 0
    assert wait_of(lambda: limits.spend_address("198.51.100.8", "/v1/logins")) == 0


def test_no_honest_site_is_ever_held_up() -> None:
    clock = Clock()
    limits = Limits(GatewaySettings(), clock)
    tablet = Actor("client:door", frozenset(), "350503001001")
    for check_in in range(2000):  # within a minute, each on its own, in three rushes
        clock.now += 1 / 3000 if check_in % 700 else 18
        limits.spend(tablet, "activities.attendance")
    families = [Actor(str(uuid4()), frozenset(), f"3505030{number % 900:05}") for number in range(20_000)]
    for number, each in enumerate(families):  # they look, then enrol, within a minute, 50 behind one address
        clock.now += 60 / len(families)
        for _ in range(3):
            limits.spend_address(f"100.64.{number % 400 // 200}.{number % 200}", "/v1/sessions")
        limits.spend(each, "activities.enrol")


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("198.51.100.7", "198.51.100.7"), ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"), ("", ""), (":" * 99, ":" * 45),
        ("::ffff:198.51.100.7", "198.51.100.7"), ("::FFFF:c633:6408", "198.51.100.8"),
    ],
)  # fmt: skip
def test_an_ipv6_caller_is_his_network(address: str, key: str) -> None:
    assert network_of(address) == key


@pytest.fixture
def tight(nats_of_gateway: EmbeddedNats, secrets: Path) -> GatewaySettings:
    return settings_for(
        nats_of_gateway.address,
        secrets,
        nats_seed_file=nats_of_gateway.seed_file("gateway"),
        limit_credential=0.2,
        limit_address=0.2,
        trusted_proxies="127.0.0.0/8",
    )


async def test_too_many_requests_are_refused_with_the_time_to_wait_and_do_not_reach_the_service(
    tight: GatewaySettings, documents: Path, enrolling: StandIn, token_of: Callable[..., str]
) -> None:
    async with visited(tight, documents) as client:
        by = [{"authorization": f"Bearer {token_of('editor')}", "accept-language": "en"} for _ in range(2)]
        answers = [await client.post(ENROL_PATH, json=family(), headers=by[0]) for _ in range(3)]
        neighbour = await client.post(ENROL_PATH, json=family(), headers=by[1])

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    refused = answers[-1].json()
    assert refused["code"] == "too-many-requests"
    assert refused["detail"] == "Too many requests; this one was not done. Try again in 5 s."
    assert answers[-1].headers["retry-after"] == str(refused["params"]["seconds"]) == "5"
    assert neighbour.status_code == 200
    assert len(enrolling.messages) == 3


async def test_two_gateways_do_not_give_twice_as_much(
    tight: GatewaySettings, documents: Path, enrolling: StandIn, token_of: Callable[..., str]
) -> None:
    other = tight.model_copy(update={"http_port": free_port(), "instance": "gateway-2"})
    by = {"authorization": f"Bearer {token_of('editor')}"}
    async with running(tight, documents) as first, running(other, documents) as second:
        gateways = (first, second)
        while not all(gateway.bus.ready for gateway in gateways):
            await asyncio.sleep(0.01)
        for gateway in gateways:
            await gateway.sharing.turn()  # listens from now on
        async with client_of(first) as here, client_of(second) as there:
            given = [(await here.post(ENROL_PATH, json=family(), headers=by)).status_code for _ in range(2)]
            await first.sharing.turn()
            while (answer := await there.post(ENROL_PATH, json=family(), headers=by)).status_code == 200:
                given.append(answer.status_code)
                await asyncio.sleep(0.01)

    assert answer.status_code == 429
    assert len(given) <= 3  # one may pass while the word is on its way; alone the second would have given two


async def test_a_word_that_no_gateway_says_changes_nothing(
    tight: GatewaySettings, documents: Path, services: Nats
) -> None:
    async with running(tight, documents) as gateway:
        while not gateway.bus.ready:
            await asyncio.sleep(0.01)
        await gateway.sharing.turn()
        for word in (b"[]", b'{"by": 1}', b'{"by": "x", "given": {"credentials": {"a": -5}}}', b"\xff" * 99):
            await services.publish(SUBJECT, word)
        while not len(gateway.sharing.limits.logins):  # it may not listen yet
            await services.publish(SUBJECT, b'{"by": "x", "given": {"unheard-of": {"a": 5}, "logins": {"a": 5}}}')
            await asyncio.sleep(0.01)
        assert len(gateway.sharing.limits.credentials) == 0


async def test_who_is_not_logged_in_is_known_by_the_address_that_a_trusted_proxy_names(
    tight: GatewaySettings, documents: Path
) -> None:
    async def statuses(client: httpx2.AsyncClient, *forwarded: str) -> list[int]:
        return [
            (await client.get("/live", headers={"x-forwarded-for": each} if each else {})).status_code
            for each in forwarded
        ]

    async with visited(tight, documents) as client:
        assert await statuses(client, *["203.0.113.5"] * 3, "203.0.113.6") == [200, 200, 429, 200]
        # What a caller writes before what the proxy adds makes him nobody else.
        assert await statuses(client, "9.9.9.9, 203.0.113.5", "8.8.8.8, 203.0.113.5") == [429, 429]
    direct = tight.model_copy(update={"trusted_proxies": ""})
    async with visited(direct, documents) as client:
        assert await statuses(client, "203.0.113.5", "203.0.113.6", "203.0.113.7") == [200, 200, 429]


async def test_tokens_that_are_none_are_counted_with_their_address(tight: GatewaySettings, documents: Path) -> None:
    async with visited(tight, documents) as client:
        guesses = [
            await client.get("/v1/me", headers={"authorization": f"Bearer guess{number}"}) for number in range(3)
        ]

    assert [answer.status_code for answer in guesses] == [401, 401, 429]


async def test_where_nobody_is_asked_who_she_is_a_token_of_any_kind_frees_nobody_from_the_limit(
    tight: GatewaySettings, documents: Path
) -> None:
    async with visited(tight, documents) as client:
        by = {"authorization": "Bearer none"}
        answers = [await client.get("/calendars/guess.ics", headers=by) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [503, 503, 429]


@pytest.mark.parametrize("refusal", ["login-ended", "client-key-ended"])
async def test_registry_is_not_asked_without_end_of_tokens_that_it_turned_down(
    tight: GatewaySettings, documents: Path, stand_in: Callable[..., Any], secrets: Path, refusal: str
) -> None:
    is_login = refusal == "login-ended"
    registry = await stand_in(ResolveLogin if is_login else ConfirmClient, lambda _: Refusal(refusal))
    sealed = client_tokens.seal(Signer("gateway", secrets), uuid4(), "0" * 64)
    async with visited(tight, documents) as client:
        answers = [
            await client.get("/v1/me", headers={"authorization": f"Bearer {f'lls_{number}' if is_login else sealed}"})
            for number in range(5)
        ]

    assert [answer.status_code for answer in answers] == [401, 401, 429, 429, 429]
    assert len(registry.messages) == 2


async def test_nobody_logs_in_by_the_batch(staff: httpx2.AsyncClient) -> None:
    answer = await staff.post("/v1/batches/registry/log-in", json=[{"id": str(uuid4()), "data": {}}])

    assert (answer.status_code, answer.json()["code"]) == (404, "unknown-operation")
