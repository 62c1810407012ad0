"""Whom a session answers: requests for sessions that exist, by those who act in their region."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Protocol
from uuid import UUID

from contracts.message import Contract
from contracts.refusals import Refusal
from services.activities.sessions.rules import Session
from services.activities.sessions.store import find_session, lock_session
from services.chassis import Asked, Transaction
from services.chassis.access import Actor, decide


class OfSession(Protocol):
    """A command or query about one session."""

    contract: ClassVar[Contract]

    @property
    def session_id(self) -> UUID: ...


async def find_permitted(tx: Transaction, asked: OfSession) -> Session | Refusal:
    """The public session of a request. Refusals: unknown-session, not-permitted."""
    return _permitted(tx.actor, asked, await find_session(tx, asked.session_id))


async def lock_permitted(tx: Transaction, asked: OfSession) -> Session | Refusal:
    """The same, locked until the end of the transaction."""
    return _permitted(tx.actor, asked, await lock_session(tx, asked.session_id))


def within_scope(asked: Sequence[Asked[Any]], sessions: Mapping[UUID, Session]) -> Iterator[tuple[Asked[Any], Session]]:
    """Each request of a batch with its session; the others are answered: unknown-session, not-permitted."""
    for each in asked:
        session = _permitted(each.actor, each.data, sessions.get(each.data.session_id))
        if isinstance(session, Refusal):
            each.answer(session)
        else:
            yield each, session


def _permitted(actor: Actor, asked: OfSession, session: Session | None) -> Session | Refusal:
    if session is None:
        return Refusal("unknown-session", session_id=str(asked.session_id))
    return decide(actor, asked.contract.permission, session.region) or session
