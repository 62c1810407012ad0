"""Where permissions alone are not enough: refusals that come afterwards, and what the server says for somebody."""

import json
from typing import Any

import pytest
from nats.aio.client import Client as Nats
from nats.js.errors import APIError
from prometheus_client import Counter
from pydantic import ValidationError

from contracts.activities.v1 import SessionCancelled
from contracts.envelope import read, subject_of
from contracts.generation.files import SAMPLES
from deploy.local.nats import EmbeddedNats
from deploy.nats.topology import kept
from services.chassis.bus import Trespasses
from services.chassis.health import what_it_waits_for
from services.chassis.telemetry import BUS_REFUSED
from tests.nats_access.conftest import connect_as, until
from tests.under_test import ServiceUnderTest

REGION = "350503001001"
FORGED = subject_of(SessionCancelled, REGION)


def refused(verb: str) -> float:
    counter: Counter = BUS_REFUSED.labels(verb)
    return next(iter(counter.collect())).samples[0].value


async def test_a_refusal_is_counted_and_ends_readiness_until_a_new_connection(
    server: EmbeddedNats, registry: ServiceUnderTest
) -> None:
    running, before = registry.running, refused("publish")
    running.nats = await connect_as(server, "registry", error_cb=running.trespasses.note)
    assert what_it_waits_for(running) == []

    await running.nats.publish(FORGED, b"")
    await until(lambda: running.trespasses.any)

    assert what_it_waits_for(running) == ["nats permissions"]
    assert refused("publish") == before + 1
    await running.trespasses.forget()
    assert what_it_waits_for(running) == []
    await running.nats.close()


async def test_an_answer_that_came_too_late_is_counted_only(server: EmbeddedNats) -> None:
    trespasses, before = Trespasses(), refused("publish")
    connection = await connect_as(server, "registry", error_cb=trespasses.note)

    await connection.publish("_INBOX_gateway.gone", b"")

    await until(lambda: refused("publish") == before + 1)
    assert not trespasses.any
    await connection.close()


async def test_a_service_answers_at_an_inbox_only(server: EmbeddedNats, registry: ServiceUnderTest) -> None:
    running = registry.running
    running.nats = await connect_as(server, "operator")
    heard: list[Any] = []

    async def take(message: Any) -> None:
        heard.append(message.subject)

    await running.nats.subscribe(">", cb=take)
    await running.reply(FORGED, b"{}")
    for place in ("cmd.registry.open-site", "_R_"):
        await running.reply(place, b"{}")
    await running.reply("_R_.of.another-account", b"{}")
    await running.reply("_INBOX_gateway.asked", b"{}")

    await until(lambda: "_INBOX_gateway.asked" in heard)
    assert heard == ["_R_.of.another-account", "_INBOX_gateway.asked"]
    await running.nats.close()


async def test_what_the_server_repeats_for_a_service_never_reads_as_anothers_event(
    server: EmbeddedNats, streams: None
) -> None:
    """Whoever asks JetStream names the inbox of the answer, which may be any subject; the server does not check it."""
    registry, operator = await connect_as(server, "registry"), await connect_as(server, "operator")
    body = (SAMPLES / f"{SessionCancelled.contract.type}.json").read_bytes()
    assert read(SessionCancelled, body)
    own = json.loads((await registry.request("evt.registry.site.closed.v1.3505.03.001.001", body)).data)

    wanted = json.dumps({"seq": own["seq"]}).encode()
    await registry.publish("$JS.API.STREAM.MSG.GET.EVT_REGISTRY", wanted, reply=FORGED)
    jetstream = operator.jetstream()

    async def arrived() -> bool:
        return (await jetstream.stream_info("EVT_ACTIVITIES")).state.messages == 1

    await until(arrived)
    stored = await jetstream.get_last_msg("EVT_ACTIVITIES", FORGED)
    with pytest.raises(ValidationError):
        read(SessionCancelled, stored.data or b"")
    await registry.close()
    await operator.close()


async def test_the_gateway_makes_consumers_of_its_own_and_touches_no_services(
    server: EmbeddedNats, streams: None
) -> None:
    gateway, operator = await connect_as(server, "gateway"), await connect_as(server, "operator")
    durable = next(each["durable"] for each in kept().consumers if each["stream"] == "EVT_REGISTRY")
    before = await consumers(operator)
    config = {"name": durable, "durable_name": durable, "ack_policy": "none", "filter_subject": "evt.registry.none"}

    answer = await gateway.request(
        "$JS.API.CONSUMER.CREATE.EVT_REGISTRY.mine",
        json.dumps({"stream_name": "EVT_REGISTRY", "config": config}).encode(),
    )

    assert "error" in json.loads(answer.data)
    assert await consumers(operator) == before
    await gateway.close()
    await operator.close()


async def consumers(operator: Nats) -> dict[str, Any]:
    """Every consumer of registry's stream with its configuration."""
    try:
        found = await operator.jetstream().consumers_info("EVT_REGISTRY")
    except APIError:
        return {}
    return {each.name: each.config for each in found}
