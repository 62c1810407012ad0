"""What activities does when a session is counted, or counts are asked for."""

from contracts.activities.v1 import CloseSession, CountActivities, Counts, SessionClosed, SessionState, SessionStatus
from contracts.refusals import Refusal
from services.activities import activities
from services.activities.counting import rules, store
from services.activities.sessions.store import lock_session, state_of
from services.activities.standing.absences import note_absent
from services.chassis import Transaction
from services.chassis.access import decide


@activities.decides(CloseSession)
async def close_session(command: CloseSession, tx: Transaction) -> SessionState | Refusal:
    session = await lock_session(tx, command.session_id)
    if session is None:
        return Refusal("unknown-session", session_id=str(command.session_id))
    refusal = decide(tx.actor, command.contract.permission, session.region) or rules.may_close(session, tx.now)
    if refusal:
        return refusal
    if session.status is SessionStatus.CLOSED:
        return state_of(session)

    person_times, persons = await store.count_session(tx, session.session_id)
    closed = await store.close_session(tx, session.session_id, person_times, persons)
    if person_times:
        await note_absent(tx, session)
    tx.say(
        SessionClosed(
            session_id=session.session_id,
            unit_id=session.unit_id,
            person_times=person_times,
            persons=persons,
            held=person_times > 0,
            rule=rules.RULE,
        ),
        region=session.region,
        version=closed.version,
    )
    return state_of(closed)


@activities.answers(CountActivities)
async def count_activities(query: CountActivities, tx: Transaction) -> Counts:
    closed = await store.count_closed(tx, query.region, query.since, query.until)
    persons = await store.count_persons(tx, query.region, query.since, query.until)
    return Counts(
        sessions_held=closed["sessions_held"],
        person_times=closed["person_times"],
        persons=persons,
        rule=rules.RULE,
        phrase=rules.phrase(closed["person_times"]),
    )
