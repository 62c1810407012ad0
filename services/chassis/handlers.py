"""What a service declares: its handlers, each bound to the messages it decides, answers, hears or waits for."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload
from uuid import UUID

from contracts.envelope import CloudEvent
from contracts.message import Command, Event, Part, Query, Request
from contracts.refusals import Refusal, Refused

from .access import Actor
from .transaction import Cause, Transaction

if TYPE_CHECKING:
    from .running import Running

C = TypeVar("C", bound=Command[Any])
Q = TypeVar("Q", bound=Query[Any])
R = TypeVar("R", bound=Part)
E = TypeVar("E", bound=Event)


@dataclass(slots=True)
class Asked(Generic[C]):
    """One command as it was asked. The handler gives each exactly one answer: its reply, or a refusal."""

    id: UUID
    data: C
    actor: Actor
    cause: Cause
    outcome: Part | Refusal | None = None
    prepared: Any = None
    """What was fetched for it before its transaction began."""

    def answer(self, outcome: Part | Refusal) -> None:
        self.outcome = outcome

    @property
    def accepted(self) -> bool:
        return isinstance(self.outcome, Part)


@dataclass(frozen=True, slots=True)
class Due:
    """A timer that is due: its key, when it was due, and how often it was tried before."""

    key: UUID
    due_at: datetime
    attempts: int
    cause: Cause


Ask = Callable[[Query[Any]], Awaitable[Any]]
"""Asks a query of another service, in this one's name. Raises Refused."""
Decides = Callable[[Sequence[Asked[Any]], Transaction], Awaitable[None]]
Answers = Callable[[Any, Transaction], Awaitable[Part | Refusal]]
Completes = Callable[[Any, Ask], Awaitable[Part]]
Prepares = Callable[[Any, Ask], Awaitable[Any]]
Hears = Callable[[Sequence[CloudEvent[Any]], Transaction], Awaitable[None]]
Fires = Callable[[Sequence[Due], Transaction], Awaitable[None]]
Works = Callable[["Running"], Awaitable[None]]
Looks = Callable[[float], Awaitable[object]]
"""Asks a trifle of a server or file, in so many seconds at most. Raises where it cannot be worked with."""


@dataclass(frozen=True, slots=True)
class Decider:
    """A command and how it is decided; `batch` is the most commands of one transaction."""

    command: type[Command[Any]]
    handle: Decides
    batch: int
    at_once: int
    first: Prepares | None = None


@dataclass(frozen=True, slots=True)
class Hearing:
    """A durable consumer: whose events it hears, what it remembers of them, and how it reacts.

    What `remember` writes are `tables` alone, and follows from the events alone: it may be forgotten and built anew
    (promise 8). What `react` does happens once, in the same transaction.
    """

    durable: str
    events: tuple[type[Event], ...]
    remember: Hears | None
    react: Hears | None
    tables: tuple[str, ...] = ()

    @property
    def in_order(self) -> bool:
        """Whether every step of an aggregate must come in order: what is remembered is that of the last step."""
        return self.remember is not None

    @property
    def owner(self) -> str:
        """The service whose events are heard."""
        return self.events[0].contract.service

    @property
    def stream(self) -> str:
        return self.events[0].contract.stream

    @property
    def filters(self) -> list[str]:
        return sorted(f"{event.contract.subject}.>" for event in self.events)

    async def handle(self, events: Sequence[CloudEvent[Any]], tx: Transaction, *, silent: bool = False) -> None:
        """Remembers events that are new, then reacts to them; `silent` leaves the reaction out."""
        if self.remember is not None:
            with tx.saying_nothing():
                await self.remember(events, tx)
        if self.react is not None and not silent:
            await self.react(events, tx)


@dataclass(slots=True)
class Service:
    """The table of contents of a service. Handlers register themselves here when their modules are imported.

    `asks` are the commands and queries of other services that it sends; the bus refuses it every other.
    """

    name: str
    asks: tuple[type[Request[Any]], ...] = ()
    deciders: list[Decider] = field(default_factory=list)
    answerers: dict[type[Query[Any]], Answers] = field(default_factory=dict)
    audited: set[type[Query[Any]]] = field(default_factory=set)
    completed: dict[type[Query[Any]], Completes] = field(default_factory=dict)
    hearings: list[Hearing] = field(default_factory=list)
    timers: dict[str, Fires] = field(default_factory=dict)
    workers: dict[str, Works] = field(default_factory=dict)
    leans: dict[str, Looks] = field(default_factory=dict)

    def decides(
        self, command: type[Command[R]], *, first: Prepares | None = None
    ) -> Callable[[Callable[..., Awaitable[R | Refusal]]], Any]:
        """One command, one transaction: the handler gets the command and returns the reply or a refusal.

        `first` asks another service for what the decision needs, before the transaction begins; what it returns is
        the handler's third argument. Where that service is away, the command is refused as `unavailable`.
        """

        def register(handler: Callable[..., Awaitable[R | Refusal]]) -> Any:
            async def one(asked: Sequence[Asked[Any]], tx: Transaction) -> None:
                [only] = asked
                outcome = await (handler(only.data, tx, only.prepared) if first else handler(only.data, tx))
                if isinstance(outcome, Refusal):
                    raise Refused(outcome)  # undoes whatever was written before the refusal
                only.answer(outcome)

            self._add_decider(Decider(command, one, batch=1, at_once=4, first=first))
            return handler

        return register

    def decides_many(
        self, command: type[C], batch: int = 500
    ) -> Callable[[Callable[[Sequence[Asked[C]], Transaction], Awaitable[None]]], Any]:
        """A hot command: the handler gets all that wait (at most `batch`, in order of arrival) and answers each."""

        def register(handler: Callable[[Sequence[Asked[C]], Transaction], Awaitable[None]]) -> Any:
            self._add_decider(Decider(command, handler, batch=batch, at_once=2))
            return handler

        return register

    def _add_decider(self, decider: Decider) -> None:
        if any(known.command is decider.command for known in self.deciders):
            raise ValueError(f"{decider.command.__name__} is decided twice")
        self._must_own(decider.command)
        self.deciders.append(decider)

    @overload
    def answers(
        self, query: type[Query[R]], *, audited: bool = False
    ) -> Callable[[Callable[[Any, Transaction], Awaitable[R | Refusal]]], Any]: ...

    @overload
    def answers(
        self, query: type[Query[R]], *, audited: bool = False, then: Callable[[Any, Ask], Awaitable[R]]
    ) -> Callable[[Callable[[Any, Transaction], Awaitable[Part | Refusal]]], Any]: ...

    def answers(
        self, query: type[Query[Any]], *, audited: bool = False, then: Completes | None = None
    ) -> Callable[[Callable[[Any, Transaction], Awaitable[Part | Refusal]]], Any]:
        """A query: the handler reads in a read-only transaction and returns the reply or a refusal.

        `audited` lets it write rows of the audit log with `tx.audit`, and nothing else, which commit before it is
        answered: who reads a minor's record, or is refused it. `then` completes the reply after the transaction, with
        what other services answer.
        """

        def register(handler: Callable[[Any, Transaction], Awaitable[Part | Refusal]]) -> Any:
            self._must_own(query)
            if audited:
                self.audited.add(query)
            if then is not None:
                self.completed[query] = then
            if self.answerers.setdefault(query, handler) is not handler:
                raise ValueError(f"{query.__name__} is answered twice")
            return handler

        return register

    def reacts_to(self, *events: type[Event], durable: str) -> Callable[[Hears], Hears]:
        """Effects: each event once, by the inbox, in any order. All events of one service."""
        self._must_be_new(durable, events)

        def register(handler: Hears) -> Hears:
            self.hearings.append(Hearing(durable, events, remember=None, react=handler))
            return handler

        return register

    def remembers(
        self, *events: type[Event], durable: str, tables: tuple[str, ...], then: Hears | None = None
    ) -> Callable[[Hears], Hears]:
        """A read model of another service's aggregates: every version once and in order, by the gate.

        The handler fills `tables`, which nobody else writes, and does nothing else; what follows from an event is
        done by `then`, in the same transaction. Name every fact of each aggregate that is heard, or the gate waits
        for ever for the one left out.
        """
        self._must_be_new(durable, events)

        def register(handler: Hears) -> Hears:
            self.hearings.append(Hearing(durable, events, remember=handler, react=then, tables=tables))
            return handler

        return register

    def _must_be_new(self, durable: str, events: tuple[type[Event], ...]) -> None:
        if len({event.contract.service for event in events}) != 1:
            raise ValueError(f"{durable} hears more or less than one service")
        if not durable.startswith(f"{self.name}-") or any(known.durable == durable for known in self.hearings):
            raise ValueError(f"{durable}: a durable is named <service>-<what it does>, once")

    def when_due(self, kind: str) -> Callable[[Fires], Fires]:
        """A durable timer set by `tx.set_timer(kind, …)`: fires once in effect, after its due time."""

        def register(handler: Fires) -> Fires:
            if self.timers.setdefault(kind, handler) is not handler:
                raise ValueError(f"the timer {kind} has two handlers")
            return handler

        return register

    def works(self, name: str) -> Callable[[Works], Works]:
        """A loop that runs as long as the service (outside effects); it is restarted when it fails."""

        def register(worker: Works) -> Works:
            if self.workers.setdefault(name, worker) is not worker:
                raise ValueError(f"two workers are named {name}")
            return worker

        return register

    def leans_on(self, name: str, asks: Looks) -> None:
        """What else the service cannot work without, beside its database and the bus: `/ready` waits for it."""
        self.leans[name] = asks

    def _must_own(self, message: type[Command[Any]] | type[Query[Any]]) -> None:
        if message.contract.service != self.name:
            raise ValueError(f"{message.__name__} belongs to {message.contract.service}, not to {self.name}")
