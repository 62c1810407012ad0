"""A service under test, spoken to in its own language: ask, hear, said, count. Real PostgreSQL, no table names."""

import asyncio
import importlib
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
from nats.aio.client import Client as Nats
from nats.aio.msg import Msg
from pydantic_core import from_json
from uuid_utils.compat import uuid7

from contracts import catalogue, envelope, wire
from contracts.envelope import CloudEvent
from contracts.message import Command, Event, Part, Query
from contracts.refusals import Refusal
from contracts.region import NOWHERE
from services.chassis.clock import Clock
from services.chassis.commands import CommandServer
from services.chassis.consumers import Consumer
from services.chassis.database import Pool
from services.chassis.handlers import Service
from services.chassis.queries import QueryServer
from services.chassis.running import Running
from services.chassis.timers import Timers
from services.chassis.tokens import Signer
from tests.lent_databases import Lender

R = TypeVar("R", bound=Part)
E = TypeVar("E", bound=Event)
ALL_ROLES = ("reader", "editor", "approver", "operator")
SOMEBODY = "00000000-0000-7000-8000-0000000000aa"
"""The person who asks in a test that does not care who does."""


@dataclass(frozen=True, slots=True)
class Servers:
    """Where the run's servers are, and who lends databases of the services there."""

    postgres_dsn: str
    nats_url: str
    secrets: Path
    lender: Lender


class ClockUnderTest(Clock):
    """Stands still until it is moved."""

    def __init__(self, at: datetime) -> None:
        super().__init__()
        self.at = at

    def now(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


class ServiceUnderTest:
    """One service on a database of its own; its handlers run exactly as they do behind NATS."""

    def __init__(self, service: Service, running: Running, clock: ClockUnderTest, admin: asyncpg.Connection) -> None:
        self.service = service
        self.running = running
        self.clock = clock
        self.admin = admin
        self._secrets = running.settings.secrets_dir
        self._signer = Signer("gateway", self._secrets)
        self._commands = {each.command: CommandServer(each, running) for each in service.deciders}
        self._queries = {query: QueryServer(query, answers, running) for query, answers in service.answerers.items()}
        self.consumers = [(hearing, Consumer(hearing, running)) for hearing in service.hearings]

    @classmethod
    @asynccontextmanager
    async def started(
        cls, name: str, servers: Servers, at: datetime | None = None
    ) -> AsyncIterator["ServiceUnderTest"]:
        """A fresh database of the service; its clock stands at `at` (2026-06-03 09:00 in Shanghai, a Wednesday)."""
        importlib.import_module(f"services.{name}.app")
        service: Service = getattr(importlib.import_module(f"services.{name}"), name)
        clock = ClockUnderTest(at or datetime(2026, 6, 3, 1, 0, tzinfo=UTC))
        lent = await servers.lender.take(name)
        try:
            yield cls(service, Running(service, lent.settings, lent.pool, Nats(), clock), clock, lent.admin)
        finally:
            await servers.lender.give_back(name, lent)

    @property
    def pool(self) -> Pool:
        return self.running.pool

    def token(self, actor: str = SOMEBODY, roles: Iterable[str] = ALL_ROLES, region: str = NOWHERE) -> str:
        signer = self._signer if "service" not in roles else Signer(actor.removeprefix("service:"), self._secrets)
        return signer.mint(actor, roles, region, seconds=3600)

    async def ask(self, command: Command[R], *, id: UUID | None = None, **actor: Any) -> R | Refusal:
        """Sends one command; `actor=`, `roles=` and `region=` say who asks."""
        [outcome] = await self.ask_together([command], ids=[id or uuid7()], **actor)
        return outcome

    async def ask_together(
        self, commands: Iterable[Command[R]], *, ids: list[UUID] | None = None, **actor: Any
    ) -> list[R | Refusal]:
        """Sends commands of one kind as one batch, decided in one transaction."""
        commands = list(commands)
        token = self.token(**actor)
        sendings = [
            wire.Sending(id, command, token)
            for id, command in zip(ids or [uuid7() for _ in commands], commands, strict=True)
        ]
        return await self.send_raw(type(commands[0]), wire.batch_body(sendings), {wire.BATCH: str(len(sendings))})

    async def send_raw(self, command: type[Command[Any]], body: bytes, headers: dict[str, str]) -> list[Any]:
        """Sends bytes as they come from the wire."""
        server = self._commands[command]
        call = server.intake.open(
            Msg(_client=self.running.nats, subject=command.contract.subject, data=body, headers=headers)
        )
        await server.serve([call])
        assert command.contract.reply is not None
        return list(wire.read_outcomes(command.contract.reply, call.body))

    async def ask_at_once(self, commands: Iterable[Command[R]], **actor: Any) -> list[R | Refusal]:
        """Rivals: each command in a transaction of its own, all at the same time."""
        commands = list(commands)
        await self._open_connections(len(commands))
        return list(await asyncio.gather(*(self.ask(command, **actor) for command in commands)))

    async def _open_connections(self, count: int) -> None:
        """Opens connections beforehand: rivals that first have to log in come one after the other and never meet."""
        wanted = min(count, self.running.settings.pool_size)
        opened = await asyncio.gather(*(self.pool.acquire() for _ in range(wanted)))
        for connection in opened:
            await self.pool.release(connection)

    async def query(self, query: Query[R], **actor: Any) -> R | Refusal:
        headers = {wire.AUTHORIZATION: f"Bearer {self.token(**actor)}"}
        message = Msg(_client=self.running.nats, subject="", data=query.model_dump_json().encode(), headers=headers)
        outcome = await self._queries[type(query)].answer_or_refuse(message)
        assert query.contract.reply is not None
        return wire.read_outcome(query.contract.reply, from_json(wire.outcome_to_json(outcome)))  # type: ignore[return-value]

    async def hear(
        self, event: Event, *, region: str = "350503001001", version: int = 1, id: UUID | None = None
    ) -> None:
        """Delivers an event of another service to every consumer that hears it; the same `id` is a redelivery."""
        body = envelope.seal(
            event, id=id or uuid7(), time=self.clock.now(), region=region, version=version,
            actor="service:test", correlation=uuid7(), causation=uuid7(),
        )  # fmt: skip
        heard = envelope.read(type(event), body)
        for hearing, consumer in self.consumers:
            if type(event) in hearing.events:
                assert not await consumer.apply([heard]), f"{hearing.durable}: version {version} came too early"

    async def fire_timers(self) -> None:
        """Fires every timer that is due at the clock's time."""
        for kind, fires in self.service.timers.items():
            while await Timers(kind, fires, self.running).fire():
                pass

    async def said(self, kind: type[E]) -> list[E]:
        """What the service said of this kind, in order."""
        return [event.data for event in await self.said_envelopes() if isinstance(event.data, kind)]

    async def said_envelopes(self) -> list[CloudEvent[Any]]:
        rows = await self.pool.fetch("SELECT type, body FROM outbox ORDER BY id")
        kinds = [(catalogue.event_by_type(row["type"]), row["body"]) for row in rows]
        return [envelope.read(kind, body) for kind, body in kinds if kind is not None]

    async def count(self, table: str) -> int:
        """Rows of a table; for the few tests that prove that nothing half-done remains."""
        return int(await self.admin.fetchval(f"SELECT count(*) FROM {table}"))
