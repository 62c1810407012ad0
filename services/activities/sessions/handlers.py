"""What activities does when sessions are planned, published, called off or looked for."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from contracts.activities.v1 import (
    CancelSession,
    DraftList,
    EnrolmentTerms,
    GetJoinLink,
    GetSession,
    JoinLink,
    ListDrafts,
    ListSessions,
    PublishSession,
    ScheduleSession,
    SessionCancelled,
    SessionList,
    SessionState,
    SessionStatus,
)
from contracts.refusals import Refusal
from services.activities import activities
from services.activities.enrolment import store as enrolments
from services.activities.enrolment import terms
from services.activities.enrolment.capacity import give_terms, open_terms
from services.activities.gates import looking as gates
from services.activities.passes.returning import give_back_in
from services.activities.series.store import lock_series_of, note_called_off
from services.activities.sessions import planning, rules, store
from services.activities.sessions.rules import Plan, Session
from services.activities.sessions.scope import find_permitted
from services.chassis import Asked, Transaction
from services.chassis.access import decide


@activities.decides(ScheduleSession)
async def schedule_session(command: ScheduleSession, tx: Transaction) -> SessionState | Refusal:
    plan = Plan(**{name: value for name, value in command if name not in ("site_id", "terms")})
    return await schedule(tx, command.contract.permission, command.site_id, plan, command.terms)


async def schedule(
    tx: Transaction, permission: str, site_id: UUID, plan: Plan, given: EnrolmentTerms | None = None
) -> SessionState | Refusal:
    """Plans one session, however it was thought of."""
    site = await planning.lock_site(tx, site_id, [plan])
    if isinstance(site, Refusal):
        return site
    if await store.find_planned(tx, [plan.session_id]):
        return Refusal("session-exists", session_id=str(plan.session_id))
    refusal = await planning.refuse(tx, permission, site, [plan])
    if refusal is None and given:
        refusal = terms.hold_together(given, plan.capacity, plan.starts_at)
    if refusal:
        return refusal

    [session] = await planning.add(tx, [(plan, site)])
    if given:
        await give_terms(tx, session, given)
    return store.state_of(session)


@activities.decides_many(PublishSession)
async def publish_sessions(asked: Sequence[Asked[PublishSession]], tx: Transaction) -> None:
    """Drafts become public; those that are so already are answered as they are."""
    sessions = await store.lock_planned(tx, {each.data.session_id for each in asked})
    if not sessions:
        _answer(asked, sessions)
        return
    days = planning.days_of(list(sessions.values()))
    sites = await planning.lock_sites(tx, {session.site_id for session in sessions.values()}, days)
    good = []
    for each in asked:
        session = sessions.get(each.data.session_id)
        if session is None:
            continue
        refusal = decide(each.actor, each.data.contract.permission, session.region)
        if refusal is None and session.status in (SessionStatus.DRAFTED, SessionStatus.CANCELLED):
            refusal = rules.may_publish(session, sites[session.site_id], tx.now)
        if refusal:
            each.answer(refusal)
        elif session.status is SessionStatus.DRAFTED:
            good.append(each)

    published = await store.publish_sessions(tx, [each.data.session_id for each in good])
    for each in good:
        session = published.pop(each.data.session_id, None)
        if session is not None:  # asked twice in one batch: said once
            sessions[session.session_id] = session
            fact = planning.scheduled(session, sites[session.site_id])
            tx.say(fact, region=session.region, version=session.version, cause=each.cause)
            await open_terms(tx, session)
    await gates.arm(tx, [sessions[each.data.session_id] for each in good])
    _answer(asked, sessions)


def _answer(asked: Sequence[Asked[PublishSession]], sessions: dict[UUID, Session]) -> None:
    for each in asked:
        if each.outcome is None:
            session = sessions.get(each.data.session_id)
            each.answer(store.state_of(session) if session else _unknown(each.data.session_id))


@activities.decides(CancelSession)
async def cancel_session(command: CancelSession, tx: Transaction) -> SessionState | Refusal:
    """A session of a series leaves its day empty, whatever rule the series gets later (A3)."""
    await lock_series_of(tx, command.session_id)
    session = (await store.lock_planned(tx, [command.session_id])).get(command.session_id)
    if session is None:
        return _unknown(command.session_id)
    refusal = decide(tx.actor, command.contract.permission, session.region)
    if refusal is None and session.status is not SessionStatus.DRAFTED:
        refusal = rules.may_cancel(session, tx.now)
    if refusal:
        return refusal
    await note_called_off(tx, session)
    return store.state_of(await take_out(tx, session, command.reason))


async def take_out(tx: Transaction, session: Session, reason: str) -> Session:
    """Discards a locked draft without a word, or calls a public session off."""
    if session.status is not SessionStatus.DRAFTED:
        return await call_off(tx, session, reason)
    await store.remove_sessions(tx, [session.session_id])
    return replace(session, status=SessionStatus.CANCELLED)


async def call_off(tx: Transaction, session: Session, reason: str) -> Session:
    """Cancels a locked session with its enrolments, gives visits of passes back, and says so."""
    # Timers of open offers stay and find nothing to do: taking them back here could meet a firing one crosswise.
    await enrolments.cancel_enrolments(tx, session.session_id)
    await give_back_in(tx, session.session_id)
    cancelled = await store.cancel_session(tx, session.session_id)
    tx.say(
        SessionCancelled(
            session_id=session.session_id,
            unit_id=session.unit_id,
            title=session.title,
            starts_at=session.starts_at,
            reason=reason,
        ),
        region=session.region,
        version=cancelled.version,
    )
    return cancelled


@activities.answers(GetSession)
async def get_session(query: GetSession, tx: Transaction) -> SessionState | Refusal:
    session = await store.find_session(tx, query.session_id)
    return store.state_of(session) if session else _unknown(query.session_id)


@activities.answers(ListSessions)
async def list_sessions(query: ListSessions, tx: Transaction) -> SessionList:
    return SessionList(sessions=tuple(store.state_of(each) for each in await store.list_sessions(tx, query)))


@activities.answers(ListDrafts)
async def list_drafts(query: ListDrafts, tx: Transaction) -> DraftList:
    return DraftList(sessions=tuple(store.state_of(each) for each in await store.list_drafts(tx, query)))


@activities.answers(GetJoinLink)
async def get_join_link(query: GetJoinLink, tx: Transaction) -> JoinLink | Refusal:
    session = await find_permitted(tx, query)
    if isinstance(session, Refusal):
        return session
    return JoinLink(session_id=session.session_id, join_link=session.join_link)


def _unknown(session_id: UUID) -> Refusal:
    return Refusal("unknown-session", session_id=str(session_id))
