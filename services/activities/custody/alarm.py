"""Children who are not fetched: the timer that waits for it, and the alarm (A27)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from contracts.activities.v1 import AttendanceMark, ChildOverdue, SessionStatus
from services.activities import activities
from services.activities.attendance.rules import Attendance, Scan
from services.activities.custody import store
from services.activities.gates.rules import Care
from services.activities.gates.store import find_cares, list_keepers, list_on_duty
from services.activities.sessions.rules import Session
from services.activities.sessions.store import lock_sessions
from services.chassis import Due, Transaction
from services.chassis.transaction import Cause

OVERDUE: Final = "child-overdue"
WORTH_TELLING: Final = timedelta(hours=3)
SOON: Final = timedelta(seconds=30)
"""A timer that is about to fire is not set again: it holds its row and wants the session's lock that we hold."""


async def open_care(tx: Transaction, sessions: Collection[UUID]) -> Mapping[UUID, Care]:
    """What the programmes of these sessions ask; nothing of sessions that take nobody into care."""
    return await find_cares(tx, sessions) if sessions else {}


async def mind(
    tx: Transaction,
    sessions: Mapping[UUID, Session],
    cares: Mapping[UUID, Care],
    kept: Sequence[tuple[Scan, Attendance]],
) -> None:
    """Sets the timer of sessions of care into which somebody came; where its time is over, the alarm is raised now:
    an upload came late, and only the upload can say that the child left."""
    came = {scan.session_id for scan, _ in kept if scan.mark is AttendanceMark.CHECK_IN} & cares.keys()
    for id in sorted(came):
        due_at = cares[id].due_at(sessions[id])
        if due_at > tx.now + SOON:
            tx.set_timer(OVERDUE, id, due_at)
        else:
            await raise_alarm(tx, sessions[id])


@activities.when_due(OVERDUE)
async def tell_of_overdue(due: Sequence[Due], tx: Transaction) -> None:
    sessions = await lock_sessions(tx, [each.key for each in due])
    cares = await find_cares(tx, sessions)
    for id, session in sessions.items():
        if id in cares and cares[id].due_at(session) <= tx.now and session.status is not SessionStatus.CANCELLED:
            await raise_alarm(tx, session, tx.because_of(id))


async def raise_alarm(tx: Transaction, session: Session, cause: Cause | None = None) -> None:
    """Says of every child under 14 that is still inside, once a stay, and whom to tell; the session is locked."""
    overdue = await store.mark_overdue(tx, session.session_id)
    if not overdue:
        return
    versions = await store.next_of_children(tx, overdue)
    on_duty = (await list_on_duty(tx, [session.session_id])).get(session.session_id, [])
    keepers = await list_keepers(tx, session.unit_id, session.day)
    for child_id, guardian_id in overdue.items():
        tell = dict.fromkeys([*([guardian_id] if guardian_id else []), *(each.person_id for each in on_duty), *keepers])
        fact = ChildOverdue(
            child_id=child_id,
            session_id=session.session_id,
            unit_id=session.unit_id,
            site_id=session.site_id,
            ended_at=session.ends_at,
            until=tx.now + WORTH_TELLING,
            tell=tuple(tell),
        )
        tx.say(fact, region=session.region, version=versions[child_id], cause=cause)
