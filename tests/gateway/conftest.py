"""A real gateway on a real nats-server; behind it a service that speaks the wire format and answers as it is told."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx2
import nats
import pytest
from nats.aio.client import Client as Nats
from nats.aio.msg import Msg

from contracts import wire
from contracts.activities.v1 import Enrol, EnrolmentState, EnrolmentStatus
from contracts.message import Part, Request
from contracts.refusals import Refusal
from deploy.local.nats import EmbeddedNats
from deploy.local.ports import free_port
from services.chassis.tokens import Signer
from services.gateway.app import Gateway, server_of
from services.gateway.settings import GatewaySettings

SESSION = UUID("01980000-0000-7000-8000-000000000001")
PERSON = UUID("01980000-0000-7000-8000-000000000002")
ENROLMENT = UUID("01980000-0000-7000-8000-000000000003")
ENROL_PATH = f"/v1/sessions/{SESSION}/enrolments"


def family(**changed: Any) -> dict[str, Any]:
    """The body of a sign-up; the session is in the path."""
    return {"enrolment_id": str(ENROLMENT), "contact_id": str(PERSON), "people": [str(PERSON)]} | changed


def confirmed() -> EnrolmentState:
    return EnrolmentState(
        enrolment_id=ENROLMENT, session_id=SESSION, status=EnrolmentStatus.CONFIRMED, seats=1, version=1
    )


@dataclass
class StandIn:
    """A service's side of one subject. `messages` are what came: headers and parsed body."""

    answer: Callable[[dict[str, Any]], Part | Refusal]
    messages: list[tuple[dict[str, str], Any]] = field(default_factory=list)
    held: asyncio.Event | None = None

    async def hear(self, message: Msg) -> None:
        headers = dict(message.headers or {})
        body = json.loads(message.data)
        self.messages.append((headers, body))
        if self.held is not None:
            await self.held.wait()
        if wire.BATCH in headers:
            await message.respond(b"[" + b",".join(self._outcome(item["data"]) for item in body) + b"]")
        else:
            await message.respond(self._outcome(body))

    def _outcome(self, data: dict[str, Any]) -> bytes:
        return wire.outcome_to_json(self.answer(data))


@pytest.fixture(scope="session")
def nats_of_gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedNats]:
    with EmbeddedNats(tmp_path_factory.mktemp("gateway-nats")) as server:
        yield server


@pytest.fixture(scope="session")
async def services(nats_of_gateway: EmbeddedNats) -> AsyncIterator[Nats]:
    """The connection of the services behind the gateway."""
    connection = await nats.connect(nats_of_gateway.url, max_reconnect_attempts=-1, reconnect_time_wait=1)
    yield connection
    await connection.close()


@pytest.fixture
async def stand_in(services: Nats) -> AsyncIterator[Callable[..., Any]]:
    """Puts a stand-in behind a command or query for one test."""
    subscriptions = []

    async def put(kind: type[Request[Any]], answer: Callable[[dict[str, Any]], Part | Refusal]) -> StandIn:
        made = StandIn(answer)

        async def hear(message: Msg) -> None:
            tasks.add(asyncio.create_task(made.hear(message)))

        subscriptions.append(await services.subscribe(kind.contract.subject, cb=hear))
        for _ in range(2):  # one flush of nats-py may return before a buffered SUB is sent
            await services.flush()
        return made

    tasks: set[asyncio.Task[None]] = set()
    yield put
    for subscription in subscriptions:
        await subscription.unsubscribe()
    await services.flush()


@pytest.fixture
async def enrolling(stand_in: Callable[..., Any]) -> StandIn:
    """Activities confirms every sign-up."""
    made: StandIn = await stand_in(Enrol, lambda _: confirmed())
    return made


def settings_for(nats_url: str, secrets: Path, **more: Any) -> GatewaySettings:
    return GatewaySettings(nats_url=nats_url, secrets_dir=secrets, http_port=free_port(), instance="gateway-1", **more)


@asynccontextmanager
async def running(settings: GatewaySettings, documents: Path) -> AsyncIterator[Gateway]:
    """A gateway that serves on a port of its own."""
    gateway = Gateway(settings, documents)
    server = server_of(gateway)
    gateway.bus.start()
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield gateway
    finally:
        gateway.stop()
        server.should_exit = True
        await serving
        await gateway.bus.stop()


@asynccontextmanager
async def visited(settings: GatewaySettings, documents: Path) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of a gateway with settings of its own, once it is ready."""
    async with running(settings, documents) as gateway, client_of(gateway) as client:
        while not gateway.bus.ready:
            await asyncio.sleep(0.01)
        yield client


@pytest.fixture(scope="session")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("documents")
    for name in ("openapi.json", "asyncapi.json"):
        (folder / name).write_text("{}")
    return folder


@pytest.fixture(scope="session")
async def gateway(nats_of_gateway: EmbeddedNats, secrets: Path, documents: Path) -> AsyncIterator[Gateway]:
    settings = settings_for(
        nats_of_gateway.address,
        secrets,
        nats_seed_file=nats_of_gateway.seed_file("gateway"),
        answer_seconds=1.0,
        heartbeat_seconds=0.2,
        stall_seconds=0.5,
    )
    async with running(settings, documents) as gateway:
        while not gateway.bus.ready:
            await asyncio.sleep(0.01)
        yield gateway


def client_of(gateway: Gateway, **headers: str) -> httpx2.AsyncClient:
    address = f"http://127.0.0.1:{gateway.settings.http_port}"
    return client_at(address, **headers)


def client_at(address: str, **headers: str) -> httpx2.AsyncClient:
    # Without certificates to load a client is made in no time.
    return httpx2.AsyncClient(base_url=address, headers=headers, timeout=30, trust_env=False, verify=False)


@pytest.fixture
async def stranger(gateway: Gateway) -> AsyncIterator[httpx2.AsyncClient]:
    """Somebody without a token."""
    async with client_of(gateway) as client:
        yield client


@pytest.fixture
def token_of(secrets: Path) -> Callable[..., str]:
    signer = Signer("gateway", secrets)

    def mint(*roles: str, region: str = "350500000000", **more: Any) -> str:
        return signer.mint(str(uuid4()), roles, region, **more)

    return mint


@pytest.fixture
async def staff(gateway: Gateway, token_of: Callable[..., str]) -> AsyncIterator[httpx2.AsyncClient]:
    """An editor of 泉州."""
    async with client_of(gateway, authorization=f"Bearer {token_of('editor')}") as client:
        yield client
