"""What activities does when sessions are planned, called off or looked for."""

from collections.abc import Sequence
from uuid import UUID

from contracts.activities.v1 import (
    CancelSession,
    GetSession,
    ListSessions,
    ScheduleSeries,
    ScheduleSession,
    SeriesState,
    SessionCancelled,
    SessionList,
    SessionScheduled,
    SessionState,
)
from contracts.refusals import Refusal
from services.activities import activities
from services.activities import store as replicas
from services.activities.enrolment import store as enrolments
from services.activities.gates import looking as gates
from services.activities.programmes.store import find_programme
from services.activities.sessions import recurrence, rules, store
from services.activities.sessions.rules import Plan, Session, Site
from services.chassis import Transaction
from services.chassis.access import decide


@activities.decides(ScheduleSession)
async def schedule_session(command: ScheduleSession, tx: Transaction) -> SessionState | Refusal:
    plan = Plan(**{name: value for name, value in command if name != "site_id"})
    site = await replicas.lock_site(tx, command.site_id)
    if site is None:
        return Refusal("unknown-site", site_id=str(command.site_id))
    if await store.find_session(tx, command.session_id):
        return Refusal("session-exists", session_id=str(command.session_id))
    refusal = await _refuse(tx, command, site, [plan])
    if refusal:
        return refusal

    [session] = await _publish(tx, site, [plan])
    return store.state_of(session)


@activities.decides(ScheduleSeries)
async def schedule_series(command: ScheduleSeries, tx: Transaction) -> SeriesState | Refusal:
    plans = recurrence.plans_of(command)
    if isinstance(plans, Refusal):
        return plans
    site = await replicas.lock_site(tx, command.site_id)
    if site is None:
        return Refusal("unknown-site", site_id=str(command.site_id))
    if await store.series_exists(tx, command.series_id, [plan.session_id for plan in plans]):
        return Refusal("series-exists", series_id=str(command.series_id))
    refusal = await _refuse(tx, command, site, plans)
    if refusal:
        return refusal

    await store.add_series(tx, command, site.region)
    sessions = await _publish(tx, site, plans)
    return SeriesState(series_id=command.series_id, sessions=tuple(store.state_of(session) for session in sessions))


async def _refuse(
    tx: Transaction, command: ScheduleSession | ScheduleSeries, site: Site, plans: Sequence[Plan]
) -> Refusal | None:
    """Why the plans cannot all be held at the site, whose row is locked."""
    denied = decide(tx.actor, command.contract.permission, site.region)
    if denied:
        return denied
    if site.closed:
        return Refusal("site-closed", site_id=str(command.site_id))
    if await find_programme(tx, command.programme_id) is None:
        return Refusal("unknown-programme", programme_id=str(command.programme_id))
    refusals = (rules.may_hold(plan, site, tx.now) for plan in plans)
    refusal = next((each for each in refusals if each), None)
    if refusal:
        return refusal
    taken_by = await store.find_overlap(tx, plans)
    return Refusal("room-taken", session_id=str(taken_by)) if taken_by else None


async def _publish(tx: Transaction, site: Site, plans: Sequence[Plan]) -> list[Session]:
    sessions = await store.add_sessions(tx, plans, site)
    for session in sessions:
        tx.say(_scheduled(session, site, plans[0]), region=session.region, version=session.version)
    await gates.arm(tx, sessions)
    return sessions


def _scheduled(session: Session, site: Site, plan: Plan) -> SessionScheduled:
    return SessionScheduled(
        session_id=session.session_id,
        series_id=plan.series_id,
        programme_id=plan.programme_id,
        unit_id=session.unit_id,
        site_id=session.site_id,
        room_id=session.room_id,
        title=session.title,
        place=site.name,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        capacity=session.capacity,
        audience=plan.audience,
    )


@activities.decides(CancelSession)
async def cancel_session(command: CancelSession, tx: Transaction) -> SessionState | Refusal:
    session = await store.lock_session(tx, command.session_id)
    if session is None:
        return _unknown(command.session_id)
    refusal = decide(tx.actor, command.contract.permission, session.region) or rules.may_cancel(session, tx.now)
    if refusal:
        return refusal

    # Timers of open offers stay and find nothing to do: taking them back here could meet a firing one crosswise.
    await enrolments.cancel_enrolments(tx, session.session_id)
    cancelled = await store.cancel_session(tx, session.session_id)
    tx.say(
        SessionCancelled(
            session_id=session.session_id,
            unit_id=session.unit_id,
            title=session.title,
            starts_at=session.starts_at,
            reason=command.reason,
        ),
        region=session.region,
        version=cancelled.version,
    )
    return store.state_of(cancelled)


@activities.answers(GetSession)
async def get_session(query: GetSession, tx: Transaction) -> SessionState | Refusal:
    session = await store.find_session(tx, query.session_id)
    return store.state_of(session) if session else _unknown(query.session_id)


@activities.answers(ListSessions)
async def list_sessions(query: ListSessions, tx: Transaction) -> SessionList:
    return SessionList(sessions=tuple(store.state_of(each) for each in await store.list_sessions(tx, query)))


def _unknown(session_id: UUID) -> Refusal:
    return Refusal("unknown-session", session_id=str(session_id))
