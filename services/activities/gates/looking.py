"""A gate is looked at: what is found shuts or opens the session, and is said when it changed."""

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

from contracts.activities.v1 import SessionBlocked, SessionStatus, SessionUnblocked
from services.activities.gates import rules, store
from services.activities.gates.rules import Judgement
from services.activities.sessions.rules import Session
from services.activities.sessions.store import lock_sessions
from services.chassis import Transaction

LOOK: Final = "care-gate"
LOOK_AGAIN: Final = "care-gate-again"
MOVED: Final = "care-gate-moved"
"""Due at once when a session was moved: whoever moves it holds its lock, and so must not touch the two others."""


async def arm(tx: Transaction, sessions: Sequence[Session]) -> None:
    """Sets the timers of the gates of sessions that take children into care; called where sessions are published.

    The caller holds no lock on a session that existed before: a firing timer holds its own row and wants the session's.
    """
    cares = await store.find_cares(tx, [each.session_id for each in sessions])
    for session in sessions:
        if session.session_id in cares:
            tx.set_timer(LOOK, session.session_id, max(rules.first_look_at(session), tx.now))
            tx.set_timer(LOOK_AGAIN, session.session_id, max(session.starts_at - rules.LOOKED_AT_AGAIN, tx.now))


async def look(tx: Transaction, ids: Collection[UUID]) -> None:
    """Judges the sessions of care among these whose gate is kept now, under their locks."""
    sessions = await lock_sessions(tx, ids)
    cares = await store.find_cares(tx, sessions)
    kept = [each for id, each in sessions.items() if id in cares and _is_kept(each, tx)]
    if not kept:
        return
    wanted = [each.session_id for each in kept]
    on_duty, children = await store.list_on_duty(tx, wanted), await store.count_children(tx, wanted)
    before = await store.find_gates(tx, wanted)
    for session in kept:
        id = session.session_id
        found = rules.judge(cares[id], session, children.get(id, 0), on_duty.get(id, []))
        known = before.get(id)
        same = known is not None and (known["reason"], tuple(known["uncleared"])) == (found.reason, found.uncleared)
        if not same:
            await _note(tx, session, found)


def _is_kept(session: Session, tx: Transaction) -> bool:
    return session.status is SessionStatus.PUBLISHED and rules.is_kept(session, tx.now)


async def _note(tx: Transaction, session: Session, found: Judgement) -> None:
    """Keeps what was found; shuts or opens the session."""
    substitutes = await store.list_substitutes(tx, session) if found.reason else ()
    await store.set_gate(tx, session, found, substitutes)
    if found.reason is None and session.blocked is None:
        return
    version = await store.set_blocked(tx, session.session_id, found.reason.value if found.reason else None)
    fact = await _blocked(tx, session, found, substitutes) if found.reason else _unblocked(session)
    tx.say(fact, region=session.region, version=version)


def _unblocked(session: Session) -> SessionUnblocked:
    return SessionUnblocked(session_id=session.session_id, unit_id=session.unit_id)


async def _blocked(
    tx: Transaction, session: Session, found: Judgement, substitutes: Sequence[UUID]
) -> SessionBlocked | SessionUnblocked:
    if found.reason is None:
        return _unblocked(session)
    return SessionBlocked(
        session_id=session.session_id,
        unit_id=session.unit_id,
        reason=found.reason,
        starts_at=session.starts_at,
        adults_needed=found.needed,
        adults_cleared=found.cleared,
        uncleared=found.uncleared,
        substitutes=tuple(substitutes),
        tell=tuple(await store.list_keepers(tx, session.unit_id, session.day)),
    )
