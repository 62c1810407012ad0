"""The live feed: filters, scope, resume without gap or double, and an end in every case."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from nats.aio.client import Client as Nats
from uuid_utils.compat import uuid7

from contracts import envelope
from contracts.client.hearing import RawEvent
from contracts.message import Event
from contracts.notify.v1 import NoticeSent
from contracts.refusals import Refused
from contracts.registry.v1 import SiteClosed
from deploy.local.nats import EmbeddedNats
from services.gateway import streaming
from services.gateway.app import Gateway
from services.gateway.metrics import HELD_BACK
from services.gateway.pages import DOCUMENTS

from .conftest import client_at, client_of, settings_for, visited

FENGZE, HUIAN, FUZHOU = "350503000000", "350521000000", "350100000000"


@pytest.fixture
def say(services: Nats, streams: None) -> Callable[..., Any]:
    """Says a fact as a service's relay does; gives its id."""

    async def publish(region: str = FENGZE, fact: Event | None = None) -> str:
        fact, id = fact or SiteClosed(site_id=uuid4()), uuid7()
        body = envelope.seal(
            fact, id=id, time=datetime.now(UTC), region=region, version=1,
            actor="service:test", correlation=uuid7(), causation=uuid7(),
        )  # fmt: skip
        await services.jetstream().publish(envelope.subject_of(type(fact), region), body.encode())
        return str(id)

    return publish


@pytest.fixture
async def reader(gateway: Gateway, token_of: Callable[..., str]) -> AsyncIterator[httpx2.AsyncClient]:
    """A reader of 泉州."""
    async with client_of(gateway, authorization=f"Bearer {token_of('reader')}") as client:
        yield client


@dataclass
class Feed:
    """The frames of one open stream."""

    lines: Any
    first_position: str = ""

    async def frame(self, seconds: float = 10) -> dict[str, str]:
        """The next frame with data."""
        found: dict[str, str] = {}
        async with asyncio.timeout(seconds):
            async for line in self.lines:
                if line and not line.startswith(":"):
                    name, _, value = line.partition(": ")
                    found[name] = value
                elif "data" in found:
                    return found
                elif "id" in found:
                    self.first_position, found = found["id"], {}
        raise EOFError

    async def beat(self) -> None:
        """Waits for a sign of life; what came before it was no event."""
        async with asyncio.timeout(10):
            async for line in self.lines:
                assert not line.startswith("data")
                if line.startswith("id: "):
                    self.first_position = line[4:]
                if line.startswith(":"):
                    return

    async def heard(self, seconds: float = 10) -> str:
        return str(json.loads((await self.frame(seconds))["data"])["id"])


@asynccontextmanager
async def listening(client: httpx2.AsyncClient, query: str = "", **headers: str) -> AsyncIterator[Feed]:
    async with client.stream("GET", f"/v1/events?{query}", headers=headers) as answer:
        assert answer.status_code == 200, await answer.aread()
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield Feed(answer.aiter_lines())


async def test_a_listener_hears_the_facts_of_the_region_and_nothing_else(
    reader: httpx2.AsyncClient, say: Callable[..., Any]
) -> None:
    async with listening(reader, "region=350503") as feed:
        await say(HUIAN)
        here = await say(FENGZE)
        frame = await feed.frame()

    assert frame["event"] == "linli.registry.site.closed.v1"
    assert json.loads(frame["data"])["id"] == here


@pytest.mark.parametrize("sabotage", ["unfiltered-events", "unfiltered-events,open-wall"])
async def test_an_event_of_elsewhere_is_never_shown_though_the_filter_failed(
    nats_of_gateway: EmbeddedNats, secrets: Path, documents: Path, token_of: Callable[..., str],
    say: Callable[..., Any], sabotage: str,
) -> None:  # fmt: skip
    """The second wall; without it the same failure shows what happens in another city, so this test can fail."""
    seed, before = nats_of_gateway.seed_file("gateway"), held_back()
    settings = settings_for(nats_of_gateway.address, secrets, nats_seed_file=seed, sabotage=sabotage)
    async with visited(settings, documents) as client:
        client.headers["authorization"] = f"Bearer {token_of('reader')}"
        async with listening(client) as feed:
            here = await say(FENGZE)
            assert await feed.heard() == here
            there = await say(FUZHOU)
            if "open-wall" in sabotage:
                assert await feed.heard() == there
            else:
                with pytest.raises(EOFError):
                    await feed.frame()
                assert held_back() == before + 1


def held_back() -> float:
    return next(iter(HELD_BACK.collect())).samples[0].value


async def test_a_listener_whose_office_nobody_can_confirm_is_not_heard_for_ever(monkeypatch: Any) -> None:
    """Registry is away: after half a minute the stream ends, and goes on by position once somebody can tell."""
    monkeypatch.setattr(streaming, "STALE_SECONDS", 0.3)

    async def nobody_knows() -> str:
        raise Refused("unavailable", service="registry")

    async def silence() -> AsyncIterator[RawEvent]:
        await asyncio.sleep(60)
        yield RawEvent("", b"", "", "")

    stream = streaming.EventStream(
        silence(), "registry:1", lambda _: True, nobody_knows, FENGZE, asyncio.Event(), heartbeat=0.1, stall=1  # type: ignore[arg-type]
    )  # fmt: skip
    sent: list[Any] = []

    async def receive() -> Any:
        await asyncio.sleep(60)

    async def send(message: Any) -> None:
        sent.append(message)

    async with asyncio.timeout(5):
        await stream({"method": "GET"}, receive, send)
    assert sent[-1]["more_body"] is False
    assert sum(b"still here" in message.get("body", b"") for message in sent) >= 1


async def test_a_listener_hears_only_the_types_asked_for(reader: httpx2.AsyncClient, say: Callable[..., Any]) -> None:
    sent = NoticeSent(notice_id=uuid4(), channel="inbox", template="x", cause_id=uuid4())
    async with listening(reader, "types=linli.activities.,linli.notify.") as feed:
        await say()
        wanted = await say(fact=sent)
        assert await feed.heard() == wanted


async def test_a_province_is_heard_city_by_city(
    gateway: Gateway, token_of: Callable[..., str], say: Callable[..., Any]
) -> None:
    token = token_of("reader", region="350000000000")
    async with client_of(gateway, authorization=f"Bearer {token}") as reader, listening(reader) as feed:
        await say("440100000000")
        first, second = await say(FUZHOU), await say(HUIAN)
        assert [await feed.heard(), await feed.heard()] == [first, second]


async def test_a_region_outside_ones_own_is_denied(reader: httpx2.AsyncClient, stranger: httpx2.AsyncClient) -> None:
    denied = await reader.get("/v1/events", params={"region": "3501"})
    assert (denied.status_code, denied.json()["params"]["region"]) == (403, FUZHOU)
    assert (await stranger.get("/v1/events")).status_code == 401


@pytest.mark.parametrize(
    ("query", "pointer"),
    [("region=35050", "#/region"), ("region=泉州", "#/region"), ("types=linli.moon.", "#/types"),
     ("since=yesterday", "#/since"), ("since=registry:%D9%A3", "#/since"), ("colour=red", "#/colour")],
)  # fmt: skip
async def test_a_wrong_choice_is_refused(reader: httpx2.AsyncClient, query: str, pointer: str) -> None:
    answer = await reader.get(f"/v1/events?{query}")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_a_listener_goes_on_where_it_stopped_without_gap_or_double(
    reader: httpx2.AsyncClient, say: Callable[..., Any]
) -> None:
    async with listening(reader) as feed:
        said = [await say() for _ in range(3)]
        assert await feed.heard() == said[0]
        last = (await feed.frame())["id"]
    said += [await say(fact=NoticeSent(notice_id=uuid4(), channel="inbox", template="x", cause_id=uuid4()))]

    async with listening(reader, **{"last-event-id": last}) as feed:
        assert {await feed.heard(), await feed.heard()} == set(said[2:])
        later = await say()
        assert await feed.heard() == later
    async with listening(reader, f"since={last}") as feed:
        assert {await feed.heard(), await feed.heard(), await feed.heard()} == {*said[2:], later}


async def test_a_listener_that_heard_nothing_yet_misses_nothing(
    reader: httpx2.AsyncClient, say: Callable[..., Any]
) -> None:
    await say()
    async with listening(reader) as feed:
        await feed.beat()
    missed = await say()

    assert feed.first_position
    async with listening(reader, **{"last-event-id": feed.first_position}) as again:
        assert await again.heard() == missed


async def test_all_that_is_kept_can_be_heard(reader: httpx2.AsyncClient, say: Callable[..., Any]) -> None:
    said = [await say(), await say()]
    async with listening(reader, "since=all") as feed:
        assert [await feed.heard(), await feed.heard()] == said


async def test_a_listener_whose_token_runs_out_is_let_go(
    gateway: Gateway, token_of: Callable[..., str], say: Callable[..., Any]
) -> None:
    token = token_of("reader", seconds=2)
    async with client_of(gateway, authorization=f"Bearer {token}") as reader, listening(reader) as feed:
        heard = await say()
        assert await feed.heard() == heard
        with pytest.raises(EOFError):
            await feed.frame()


async def test_a_position_the_stream_does_not_hold_is_410(reader: httpx2.AsyncClient, say: Callable[..., Any]) -> None:
    await say()
    status = 200
    while status == 200:  # a busy server may find out only after the answer began: it ends, and the reader asks again
        async with reader.stream("GET", "/v1/events", headers={"last-event-id": "registry:99"}) as answer:
            await answer.aread()
            status = answer.status_code

    assert (answer.status_code, answer.json()["code"]) == (410, "position-lost")


async def test_a_listener_that_leaves_is_forgotten(
    gateway: Gateway, reader: httpx2.AsyncClient, say: Callable[..., Any]
) -> None:
    async with listening(reader):
        assert gateway.feed.open == 1
    async with asyncio.timeout(10):
        while gateway.feed.open:
            await asyncio.sleep(0.02)


async def test_one_caller_cannot_take_the_streams_of_all(
    nats_of_gateway: EmbeddedNats, secrets: Path, documents: Path, streams: None, token_of: Callable[..., str]
) -> None:
    seed = nats_of_gateway.seed_file("gateway")
    narrow = settings_for(nats_of_gateway.address, secrets, nats_seed_file=seed, streams_each=2, heartbeat_seconds=0.2)
    hasty, calm = ({"authorization": f"Bearer {token_of('reader')}"} for _ in range(2))
    async with visited(narrow, documents) as client, listening(client, **hasty):
        async with listening(client, **hasty):
            third = await client.get("/v1/events", headers=hasty)
            assert (third.status_code, third.json()["code"]) == (429, "too-many-requests")
            async with listening(client, **calm):
                pass
        async with asyncio.timeout(5):
            while (await client.head("/v1/events", headers=hasty)).status_code == 429:
                await asyncio.sleep(0.05)


async def test_a_listener_that_takes_nothing_is_dropped(
    gateway: Gateway, token_of: Callable[..., str], say: Callable[..., Any], services: Nats
) -> None:
    fact = SiteClosed(site_id=uuid4())
    body = b'{"padding":"' + b"x" * 60_000 + b'"}'
    with socket.create_connection(("127.0.0.1", gateway.settings.http_port)) as stalled:
        stalled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        request = f"GET /v1/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token_of('reader')}\r\n\r\n"
        stalled.sendall(request.encode())
        async with asyncio.timeout(30):
            while not gateway.feed.open:
                await asyncio.sleep(0.02)
            await asyncio.sleep(0.2)
            for _ in range(200):
                await services.jetstream().publish(envelope.subject_of(type(fact), FENGZE), body)
            while gateway.feed.open:
                await asyncio.sleep(0.05)


async def test_sigterm_ends_open_streams_and_the_process_within_seconds(
    nats_of_gateway: EmbeddedNats, secrets: Path, token_of: Callable[..., str], say: Callable[..., Any], tmp_path: Path
) -> None:
    settings = settings_for(nats_of_gateway.url, secrets)
    environment = os.environ | {
        "LINLI_NATS_URL": settings.nats_url, "LINLI_SECRETS_DIR": str(secrets),
        "LINLI_HTTP_PORT": str(settings.http_port), "LINLI_TRACE_FILE": str(tmp_path / "trace.jsonl"),
        "LINLI_TRACE_SAMPLE": "1",
    }  # fmt: skip
    address = f"http://127.0.0.1:{settings.http_port}"
    headers = {"authorization": f"Bearer {token_of('reader')}"}
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-m", "services.gateway.app"], env=environment, stderr=log)
    try:
        async with client_at(address, **headers) as reader:
            await _ready(reader)
            async with listening(reader, "types=linli.registry.") as feed:
                assert await say() == await feed.heard()
                process.send_signal(signal.SIGTERM)
                stopping = time.monotonic()
                with pytest.raises(EOFError):
                    await feed.frame()
        assert await asyncio.to_thread(process.wait, 20) == 0
        assert time.monotonic() - stopping < 5
    finally:
        process.kill()
        process.wait()
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert {"method": "GET", "route": "/v1/events", "status": 200}.items() <= next(
        line for line in lines if line.get("route") == "/v1/events"
    ).items()
    assert "linli.registry." not in (tmp_path / "log").read_text()
    assert "GET /v1/events" in (tmp_path / "trace.jsonl").read_text()


async def _ready(client: httpx2.AsyncClient) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                if (await client.get("/ready")).status_code == 200:
                    return
            except httpx2.TransportError:
                await asyncio.sleep(0.1)


def test_a_gateway_without_its_documents_says_what_to_do(secrets: Path, tmp_path: Path) -> None:
    from services.gateway.pages import MissingDocument

    with pytest.raises(MissingDocument, match="contracts generate"):
        Gateway(settings_for("nats://127.0.0.1:1", secrets), tmp_path)


def test_a_gateway_without_keys_does_not_start(documents: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Gateway(settings_for("nats://127.0.0.1:1", tmp_path), documents)


def test_the_documents_of_the_contracts_are_there() -> None:
    assert json.loads((DOCUMENTS / "openapi.json").read_text())["openapi"].startswith("3.1")
    assert json.loads((DOCUMENTS / "asyncapi.json").read_text())["asyncapi"].startswith("3.")
