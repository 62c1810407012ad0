"""What activities does when a person is erased, and what it tells of a person for her own copy."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby
from typing import Any, Final
from uuid import UUID

from contracts.activities.v1 import EnrolmentWithdrawn, HeldByActivities
from contracts.envelope import CloudEvent
from contracts.holdings import Holdings
from contracts.registry.v1 import PersonErased
from services.activities import activities
from services.activities.enrolment.rules import Enrolment, StepKind, may_withdraw
from services.activities.enrolment.store import find_enrolments, find_sessions_of
from services.activities.lectures.store import forget_speakers
from services.activities.offers.seats import free_seats
from services.activities.rights import store
from services.activities.sessions.store import lock_sessions
from services.chassis import Due, Transaction
from services.chassis.holdings import MOST_RECORDS, holdings
from services.chassis.transaction import Cause

LET_GO_AGAIN: Final = "let-go-of-erased-again"
SETTLED: Final = timedelta(minutes=2)
"""What was being decided while the fact was on its way has ended by then, and nobody knows the person any more."""


@activities.reacts_to(PersonErased, durable="activities-let-go-of-erased")
async def let_go_of_erased(events: Sequence[CloudEvent[Any]], tx: Transaction) -> None:
    """Gives back what the erased had before them: enrolments that only they are part of, or that they answered for.

    Health notes go, and what was written of their households; lectures name no speaker. What is over stays as it was
    counted, under ids that mean nobody any more.
    """
    await _let_go(tx, [event.data.person_id for event in events], tx.because_of(events[0].id))
    for event in events:
        tx.set_timer(LET_GO_AGAIN, event.data.person_id, tx.now + SETTLED, tx.because_of(event.id))


@activities.when_due(LET_GO_AGAIN)
async def let_go_again(due: Sequence[Due], tx: Transaction) -> None:
    await _let_go(tx, [each.key for each in due], tx.because_of(due[0].key))


async def _let_go(tx: Transaction, people: Sequence[UUID], cause: Cause) -> None:
    await store.forget_health_notes(tx, people)
    await forget_speakers(tx, list(people))
    await store.forget_visit_notes(tx, people)
    ids = await store.list_open_of(tx, people)
    sessions = await lock_sessions(tx, await find_sessions_of(tx, ids))
    open_ones = [
        each for each in await find_enrolments(tx, ids) if may_withdraw(each, sessions[each.session_id], tx.now) is None
    ]
    for session_id, group in groupby(sorted(open_ones, key=_session_id), key=_session_id):
        session, ended = sessions[session_id], list(group)
        for each in ended:
            fact = EnrolmentWithdrawn(
                enrolment_id=each.enrolment_id,
                session_id=each.session_id,
                contact_id=each.contact_id,
                seats=each.seats,
            )
            tx.say(fact, region=session.region, version=each.version + 1, cause=cause)
        await free_seats(tx, session, ended, StepKind.WITHDRAWN, cause)


def _session_id(enrolment: Enrolment) -> UUID:
    return enrolment.session_id


@activities.answers(HeldByActivities)
async def tell_what_is_held(query: HeldByActivities, tx: Transaction) -> Holdings:
    return holdings(activities.name, await store.list_held(tx, query.person_id, MOST_RECORDS + 1))
