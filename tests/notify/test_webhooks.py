"""Webhook endpoints: registered once, pushed to signed and in time, left alone when they ask for it."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from datetime import time, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from standardwebhooks import WebhookVerificationError
from uuid_utils.compat import uuid7

from contracts import envelope
from contracts.data import SiteType
from contracts.message import Done
from contracts.notify.v1 import (
    EndpointList,
    EndpointRegistered,
    EndpointRemoved,
    EndpointSecret,
    EndpointSecretRotated,
    EndpointState,
    ListEndpoints,
    NoticeFailed,
    RegisterEndpoint,
    RemoveEndpoint,
    RotateEndpointSecret,
)
from contracts.refusals import Refusal
from contracts.registry.v1 import ClientRevoked, OpeningHours, RoomPlan, SiteClosed, SiteOpened
from services.notify.webhooks.addresses import guard, read_allowed
from services.notify.webhooks.earlier import seal_earlier_secrets
from services.notify.webhooks.push import Pusher
from services.notify.webhooks.rules import body_of
from services.notify.webhooks.worker import drain, keep_pushing, push_all_due
from tests.notify.conftest import counts, hear_together, until_quiet
from tests.notify.receiver import Receiver, receiving
from tests.notify.story import SIX, ClassOf20, Family, hours_credited, shift_opened
from tests.notify.test_addresses import answers
from tests.under_test import ServiceUnderTest

FENGZE = "350503000000"
PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts nobody: these receivers speak plain HTTP, and loading the world's authorities takes its time."""

TRIED = "SELECT reason FROM webhook_delivery WHERE attempts > 0"


@pytest.fixture(autouse=True)
def loopback_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "allowed", read_allowed("127.0.0.0/8:*"))


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as told:
        yield told


def endpoint_at(url: str, region: str = FENGZE, types: tuple[str, ...] = ()) -> RegisterEndpoint:
    return RegisterEndpoint(endpoint_id=uuid4(), name="泉州市东湖邻里中心", url=url, region=region, types=types)


async def registered(notify: ServiceUnderTest, command: RegisterEndpoint) -> EndpointState:
    state = await notify.ask(command)
    assert isinstance(state, EndpointState)
    return state


async def push_all(notify: ServiceUnderTest) -> int:
    async with Pusher(guard, PLAIN, seconds=1) as pusher:
        return await until_quiet(lambda: push_all_due(notify.running, pusher))


async def test_an_endpoint_gets_its_secret_once(notify: ServiceUnderTest, receiver: Receiver) -> None:
    state = await registered(notify, endpoint_at(receiver.url))
    assert state.secret is not None
    assert state.secret.startswith("whsec_")
    assert state.status == "active"

    listed = await notify.query(ListEndpoints(region=FENGZE))
    assert isinstance(listed, EndpointList)
    assert [(each.endpoint_id, each.secret) for each in listed.endpoints] == [(state.endpoint_id, None)]
    assert [event.endpoint_id for event in await notify.said(EndpointRegistered)] == [state.endpoint_id]
    kept = await notify.admin.fetchval("SELECT string_agg(endpoint::text, '') FROM endpoint")
    assert state.secret not in kept
    assert state.secret.encode().hex() not in kept


async def test_a_repeated_registration_is_answered_without_the_secret_and_rivals_get_one(
    notify: ServiceUnderTest, receiver: Receiver
) -> None:
    command, id = endpoint_at(receiver.url), uuid7()
    first, repeat = await notify.ask(command, id=id), await notify.ask(command, id=id)
    assert isinstance(first, EndpointState)
    assert first.secret
    assert repeat == first.model_copy(update={"secret": None})
    assert first.secret.encode() not in await notify.admin.fetchval("SELECT string_agg(outcome, '') FROM command_log")

    rival = endpoint_at(receiver.url)
    answers = await notify.ask_at_once([rival] * 8)
    assert sum(isinstance(answer, EndpointState) for answer in answers) == 1
    assert answers.count(Refusal("endpoint-exists", endpoint_id=str(rival.endpoint_id))) == 7


@pytest.mark.parametrize("url", ["http://169.254.169.254/latest", "http://[::1]:80/", "http://user@127.0.0.1/"])
async def test_a_private_address_is_refused_at_the_door(notify: ServiceUnderTest, url: str) -> None:
    assert await notify.ask(endpoint_at(url)) == Refusal("address-not-allowed")
    assert await notify.count("endpoint") == 0


async def test_a_new_secret_signs_beside_the_former_for_a_day_and_then_alone(
    notify: ServiceUnderTest, receiver: Receiver
) -> None:
    command, id = endpoint_at(receiver.url, types=("linli.registry.site.",)), uuid7()
    state = await registered(notify, command)
    rotate = RotateEndpointSecret(endpoint_id=command.endpoint_id)
    new, repeat = await notify.ask(rotate, id=id), await notify.ask(rotate, id=id)
    assert isinstance(new, EndpointSecret)
    assert new.former_until == notify.clock.now() + timedelta(days=1)
    assert repeat == new.model_copy(update={"secret": None})
    assert state.secret
    assert new.secret
    assert new.secret.encode() not in await notify.admin.fetchval("SELECT string_agg(outcome, '') FROM command_log")

    await notify.hear(SiteClosed(site_id=uuid4()))
    await push_all(notify)
    [both] = receiver.taken
    assert both.verified(state.secret) == both.verified(new.secret)

    notify.clock.move(days=1, seconds=1)
    await notify.fire_timers()
    await notify.hear(SiteClosed(site_id=uuid4()))
    await push_all(notify)
    alone = receiver.taken[-1]
    alone.verified(new.secret)
    with pytest.raises(WebhookVerificationError):
        alone.verified(state.secret)
    assert await notify.count("endpoint WHERE former_sealed IS NOT NULL") == 0
    assert [event.endpoint_id for event in await notify.said(EndpointSecretRotated)] == [command.endpoint_id]


async def test_a_secret_that_somebody_knows_is_dropped_by_rotating_twice(
    notify: ServiceUnderTest, receiver: Receiver
) -> None:
    command = endpoint_at(receiver.url, types=("linli.registry.site.",))
    known = (await registered(notify, command)).secret
    rotate = RotateEndpointSecret(endpoint_id=command.endpoint_id)
    await notify.ask(rotate)
    notify.clock.move(hours=23)
    last = await notify.ask(rotate)
    assert isinstance(last, EndpointSecret)
    notify.clock.move(hours=2)
    await notify.fire_timers()  # that of the first rotation was moved on: the former secret still signs

    await notify.hear(SiteClosed(site_id=uuid4()))
    await push_all(notify)
    [taken] = receiver.taken
    assert len(taken.headers["webhook-signature"].split(" ")) == 2
    with pytest.raises(WebhookVerificationError):
        taken.verified(known or "")


async def test_only_an_active_endpoint_of_ones_own_region_gets_a_new_secret(
    notify: ServiceUnderTest, receiver: Receiver
) -> None:
    command = endpoint_at(receiver.url)
    state = await registered(notify, command)
    rotate = RotateEndpointSecret(endpoint_id=command.endpoint_id)
    unknown = Refusal("unknown-endpoint", endpoint_id=str(command.endpoint_id))
    elsewhere: dict[str, Any] = {"actor": "client:other", "roles": ("integrator",), "region": "350504000000"}

    assert await notify.ask(rotate, **elsewhere) == unknown
    answers = await notify.ask_at_once([rotate] * 4)
    assert len({answer.secret for answer in answers if isinstance(answer, EndpointSecret)} - {state.secret}) == 4
    await notify.ask(RemoveEndpoint(endpoint_id=command.endpoint_id))
    assert await notify.ask(rotate) == unknown
    assert await notify.count("endpoint WHERE sealed IS NOT NULL OR former_sealed IS NOT NULL") == 0


async def test_no_transaction_waits_for_a_name_server_and_a_repeat_is_answered_alike(
    notify: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    command, id = endpoint_at("http://slow.example/"), uuid7()
    lent: list[int] = []

    async def slow(host: str, port: int) -> list[str]:
        await asyncio.sleep(0.01)
        lent.append(notify.pool.get_size() - notify.pool.get_idle_size())
        return ["10.0.0.1" if len(lent) > 1 else "93.184.216.34"]

    monkeypatch.setattr(guard, "resolve", slow)
    first, repeat = await notify.ask(command, id=id), await notify.ask(command, id=id)

    assert isinstance(first, EndpointState)
    assert repeat == first.model_copy(update={"secret": None})
    assert lent == [0, 0]


@pytest.mark.parametrize("turned", ["127.0.0.1", "::ffff:127.0.0.1"])
async def test_a_name_that_turned_to_a_private_address_since_it_was_registered_gets_nothing(
    notify: ServiceUnderTest, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, turned: str
) -> None:
    monkeypatch.setattr(guard, "allowed", ())
    monkeypatch.setattr(guard, "resolve", answers("93.184.216.34", turned))
    await registered(notify, endpoint_at(f"http://rebinding.example:{receiver.port}/"))
    await notify.hear(SiteClosed(site_id=uuid4()))

    worker = asyncio.create_task(keep_pushing(notify.running))
    try:
        async with asyncio.timeout(10):
            while (tried := await notify.admin.fetchrow(TRIED)) is None:
                await asyncio.sleep(0.02)
    finally:
        notify.running.stopping.set()
        await worker

    assert receiver.taken == []
    assert tried["reason"] == "address-not-allowed"


async def test_the_endpoints_of_a_system_end_with_its_access_and_one_that_slips_through_a_minute_later(
    notify: ServiceUnderTest, receiver: Receiver
) -> None:
    client, unit = uuid4(), uuid4()
    by: dict[str, Any] = {"actor": f"client:{client}", "roles": ("integrator",), "region": FENGZE}
    own, other = endpoint_at(receiver.url), endpoint_at(receiver.url, types=("linli.registry.site.",))
    assert isinstance(await notify.ask(own, **by), EndpointState)
    await registered(notify, other)
    await notify.hear(SiteClosed(site_id=uuid4()))

    await notify.hear(ClientRevoked(client_id=client, unit_id=unit), version=2)
    late = endpoint_at(receiver.url)
    assert isinstance(await notify.ask(late, **by), EndpointState)
    notify.clock.move(seconds=61)
    await notify.fire_timers()

    ended = await notify.said(EndpointRemoved)
    assert [(each.endpoint_id, each.reason) for each in ended] == [
        (own.endpoint_id, "client-revoked"), (late.endpoint_id, "client-revoked"),
    ]  # fmt: skip
    await push_all(notify)
    assert len(receiver.taken) == 1, "the other one's alone"
    sealed = await notify.admin.fetch("SELECT endpoint_id FROM endpoint WHERE sealed IS NOT NULL")
    assert [row["endpoint_id"] for row in sealed] == [other.endpoint_id]


async def test_nobody_registers_or_removes_or_sees_outside_the_own_subtree(
    notify: ServiceUnderTest, receiver: Receiver
) -> None:
    elsewhere = "350502000000"
    refusal = await notify.ask(endpoint_at(receiver.url), region=elsewhere)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "not-permitted"

    state = await registered(notify, endpoint_at(receiver.url))
    refusal = await notify.ask(RemoveEndpoint(endpoint_id=state.endpoint_id), region=elsewhere)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "unknown-endpoint"
    listed = await notify.query(ListEndpoints(region=FENGZE), region=elsewhere)
    assert isinstance(listed, Refusal)


async def test_a_secret_of_an_earlier_release_is_sealed_and_signs_as_before(
    notify: ServiceUnderTest, receiver: Receiver
) -> None:
    state = await registered(notify, endpoint_at(receiver.url))
    open_secret = "UPDATE endpoint SET sealed = NULL, secret = $2 WHERE endpoint_id = $1"
    await notify.admin.execute(open_secret, state.endpoint_id, state.secret)
    family = Family(await ClassOf20(notify).scheduled())
    await family.confirmed(uuid7())
    await push_all(notify)

    sealing = asyncio.create_task(seal_earlier_secrets(notify.running))
    kept = "SELECT secret, sealed FROM endpoint WHERE endpoint_id = $1"
    while not (row := await notify.admin.fetchrow(kept, state.endpoint_id))["sealed"]:
        await asyncio.sleep(0.01)
    sealing.cancel()
    await family.confirmed(uuid7())
    await push_all(notify)

    assert row["secret"] == ""
    assert (state.secret or "").encode() not in row["sealed"]
    assert len([each.verified(state.secret or "") for each in receiver.taken]) >= 2


async def test_an_event_is_pushed_signed_and_whole(notify: ServiceUnderTest, receiver: Receiver) -> None:
    state = await registered(notify, endpoint_at(receiver.url))
    family, id = Family(await ClassOf20(notify).scheduled()), uuid7()
    await family.confirmed(id)
    await push_all(notify)

    taken = {each.headers["webhook-id"]: each for each in receiver.taken}[str(id)]
    payload = taken.verified(state.secret or "")
    assert payload["type"] == payload["data"]["type"] == "linli.activities.enrolment.confirmed.v1"
    assert payload["timestamp"] == payload["data"]["time"].replace("Z", "+00:00")
    assert payload["data"]["id"] == str(id)
    assert payload["data"]["region"] == "350503001001"
    assert payload["data"]["data"]["contact_id"] == str(family.contact)
    assert taken.path == "/hooks?centre=7"
    with pytest.raises(WebhookVerificationError):
        taken.verified("whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3")


async def test_an_endpoint_gets_what_it_asked_for_of_every_service_and_nothing_else(
    notify: ServiceUnderTest, receiver: Receiver
) -> None:
    types = ("linli.registry.", "linli.volunteers.shift.")
    await registered(notify, endpoint_at(receiver.url, types=types))
    wanted = {uuid7() for _ in range(2)}
    first, second = wanted
    await notify.hear(SiteClosed(site_id=uuid4()), id=first)
    await notify.hear(shift_opened(uuid4()), id=second)
    await notify.hear(hours_credited(uuid4()))
    await notify.hear(SiteClosed(site_id=uuid4()), region="350502001001")
    await push_all(notify)

    assert set(map(UUID, receiver.events())) == wanted
    assert (await counts(notify, "350000000000"))["webhook", "sent"] == 2


async def test_an_event_heard_twice_is_pushed_once(notify: ServiceUnderTest, receiver: Receiver) -> None:
    await registered(notify, endpoint_at(receiver.url))
    event, id = SiteClosed(site_id=uuid4()), uuid7()
    for _ in range(3):
        await notify.hear(event, id=id)
    await push_all(notify)
    assert len(receiver.taken) == 1


async def test_a_failed_push_comes_again_later_under_the_same_id(notify: ServiceUnderTest, receiver: Receiver) -> None:
    await registered(notify, endpoint_at(receiver.url))
    receiver.answers = ["500 Oh", "404 Not Found"]
    await notify.hear(SiteClosed(site_id=uuid4()))
    assert await push_all(notify) == 1
    assert await push_all(notify) == 0
    notify.clock.move(seconds=6)
    assert await push_all(notify) == 1
    notify.clock.move(seconds=299)
    assert await push_all(notify) == 0
    notify.clock.move(seconds=40)
    assert await push_all(notify) == 1

    assert len(set(receiver.events())) == 1
    assert (await counts(notify))["webhook", "sent"] == 1


async def test_a_busy_receiver_is_left_alone_as_long_as_it_asks(notify: ServiceUnderTest, receiver: Receiver) -> None:
    await registered(notify, endpoint_at(receiver.url))
    receiver.answers = ["429 Slow down\r\nretry-after: 600"]
    await notify.hear(SiteClosed(site_id=uuid4()))
    assert await push_all(notify) == 1
    await notify.hear(SiteClosed(site_id=uuid4()))
    notify.clock.move(seconds=590)
    assert await push_all(notify) == 0, "what came later waits as well"
    notify.clock.move(seconds=11)
    assert await push_all(notify) == 2


async def test_after_the_last_try_a_push_has_failed(notify: ServiceUnderTest) -> None:
    await registered(notify, endpoint_at("http://127.0.0.1:9/"))
    await notify.hear(SiteClosed(site_id=uuid4()))
    tries = 0
    for _ in range(12):
        tries += await push_all(notify)
        notify.clock.move(days=2)

    assert tries == 10
    assert [(event.channel.value, event.reason) for event in await notify.said(NoticeFailed)] == [
        ("webhook", "no-answer")
    ]
    assert (await counts(notify))["webhook", "failed"] == 1


async def test_gone_ends_the_endpoint_and_what_was_pending(notify: ServiceUnderTest, receiver: Receiver) -> None:
    state = await registered(notify, endpoint_at(receiver.url))
    receiver.answers = ["410 Gone"] * 4
    await hear_together(notify, [SiteClosed(site_id=uuid4()) for _ in range(30)])
    await push_all(notify)
    await notify.hear(SiteClosed(site_id=uuid4()))
    assert await push_all(notify) == 0

    assert (await counts(notify)) == {("webhook", "cancelled"): 30}
    assert [event.reason for event in await notify.said(EndpointRemoved)] == ["gone"]
    listed = await notify.query(ListEndpoints(region=FENGZE))
    assert isinstance(listed, EndpointList)
    assert [each.status for each in listed.endpoints] == ["gone"]
    assert isinstance(await notify.ask(RemoveEndpoint(endpoint_id=state.endpoint_id)), Done)
    versions = [event.aggversion for event in await notify.said_envelopes()]
    assert versions == [1, 2, 3]


async def test_a_removed_endpoint_gets_nothing_more(notify: ServiceUnderTest, receiver: Receiver) -> None:
    state = await registered(notify, endpoint_at(receiver.url))
    await notify.hear(SiteClosed(site_id=uuid4()))
    assert await notify.ask(RemoveEndpoint(endpoint_id=state.endpoint_id)) == Done()
    await notify.hear(SiteClosed(site_id=uuid4()))

    assert await push_all(notify) == 0
    assert receiver.taken == []
    assert await counts(notify) == {("webhook", "cancelled"): 1}
    again = await notify.ask(RemoveEndpoint(endpoint_id=state.endpoint_id))
    assert again == Refusal("unknown-endpoint", endpoint_id=str(state.endpoint_id))


async def test_removed_while_a_push_is_on_its_way_nothing_stays_pending(
    notify: ServiceUnderTest, receiver: Receiver
) -> None:
    state = await registered(notify, endpoint_at(receiver.url))
    await hear_together(notify, [SiteClosed(site_id=uuid4()) for _ in range(8)])
    receiver.delay, receiver.answers = 0.2, ["500 Oh"] * 4
    pushing = asyncio.create_task(push_all(notify))
    while len(receiver.taken) < 4:
        await asyncio.sleep(0.01)
    await notify.ask(RemoveEndpoint(endpoint_id=state.endpoint_id))
    await pushing

    assert await counts(notify) == {("webhook", "cancelled"): 8}


async def test_a_push_that_died_half_way_comes_again_under_the_same_id(
    notify: ServiceUnderTest, receiver: Receiver
) -> None:
    await registered(notify, endpoint_at(receiver.url))
    await notify.hear(SiteClosed(site_id=uuid4()))
    receiver.delay = 0.5
    dying = asyncio.create_task(push_all(notify))
    while not receiver.taken:
        await asyncio.sleep(0.01)
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)

    receiver.delay = 0.0
    assert await push_all(notify) == 0, "the lease holds"
    notify.clock.move(seconds=61)
    assert await push_all(notify) == 1
    assert len(receiver.taken) == 2
    assert len(set(receiver.events())) == 1


async def test_at_most_four_pushes_at_once_go_to_one_endpoint_oldest_first(
    notify: ServiceUnderTest, receiver: Receiver
) -> None:
    state = await registered(notify, endpoint_at(receiver.url))
    receiver.delay = 0.01
    events = [SiteClosed(site_id=uuid4()) for _ in range(40)]
    await hear_together(notify, events)
    async with Pusher(guard) as pusher:
        await drain(notify.running, pusher, state.endpoint_id)

    assert receiver.most_at_once == 4
    order = [
        payload["data"]["data"]["site_id"] for payload in (each.verified(state.secret or "") for each in receiver.taken)
    ]
    places = [[str(event.site_id) for event in events].index(id) for id in order]
    assert all(abs(place - turn) < 4 for turn, place in enumerate(places))


async def test_the_largest_event_fits_in_a_webhook() -> None:
    site = SiteOpened(
        site_id=uuid4(),
        name="阵" * 80,
        site_type=SiteType.CHILDRENS_HOME,
        unit_id=uuid4(),
        centre_id=uuid4(),
        rooms=tuple(RoomPlan(room_id=uuid4(), name="室" * 80, capacity=100_000) for _ in range(40)),
        hours=tuple(OpeningHours(weekday=1, opens=time(8), closes=time(20)) for _ in range(28)),
    )
    body = envelope.seal(
        site, id=uuid7(), time=SIX, region=FENGZE, version=1,
        actor="service:registry", correlation=uuid7(), causation=uuid7(), traceparent="0" * 55,
    )  # fmt: skip
    assert len(body_of(envelope.read(SiteOpened, body)).encode()) < 20_000
