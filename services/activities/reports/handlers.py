"""What activities does when a report of a session is recorded or asked for."""

from contracts.activities.v1 import GetSessionReport, RecordSessionReport, ReportRecorded, SessionReport, SessionStatus
from contracts.message import Done
from contracts.refusals import Refusal
from services.activities import activities
from services.activities.counting import figures
from services.activities.counting.rules import Sums
from services.activities.counting.store import is_whole
from services.activities.counting.suppression import is_small
from services.activities.feedback.store import count_come, list_results
from services.activities.lectures.store import find_lecture
from services.activities.reports import rules, store
from services.activities.sessions.scope import find_permitted, lock_permitted
from services.chassis import Transaction


@activities.decides(RecordSessionReport)
async def record_session_report(command: RecordSessionReport, tx: Transaction) -> Done | Refusal:
    session = await lock_permitted(tx, command)
    if isinstance(session, Refusal):
        return session
    if session.status is not SessionStatus.CLOSED:
        return Refusal("session-not-counted")
    if await store.id_used(tx, command.report_id):
        return Refusal("report-exists", report_id=str(command.report_id))
    await store.set_report(tx, command, session.region)
    recorded = ReportRecorded(
        report_id=command.report_id,
        session_id=command.session_id,
        unit_id=session.unit_id,
        cents=sum(cost.cents for cost in command.costs),
        photos=len(command.photos),
    )
    tx.say(recorded, region=session.region, version=1)
    return Done()


@activities.answers(GetSessionReport)
async def get_session_report(query: GetSessionReport, tx: Transaction) -> SessionReport | Refusal:
    session = await find_permitted(tx, query)
    if isinstance(session, Refusal):
        return session
    if session.status is not SessionStatus.CLOSED or not await is_whole(tx, session.session_id):
        return Refusal("session-not-counted")
    fewest = await figures.smallest(tx)
    times = await count_come(tx, session.session_id)
    declared = await store.count_declared(tx, session.session_id)
    sums = Sums(int(times > 0), times, int(declared > 0 and not times), declared)
    told = figures.told(sums, times, is_small(times, fewest))
    added, place = await store.find_added(tx, session.session_id), await store.find_place(tx, session.site_id)
    lecture, photos = await find_lecture(tx, session.session_id), rules.shown(added.photos)
    return SessionReport(
        session_id=session.session_id,
        title=session.title,
        place=place,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        figures=told,
        costs=added.costs,
        cents=sum(cost.cents for cost in added.costs),
        photos=photos,
        withheld_photos=len(added.photos) - len(photos),
        feedback=await list_results(tx, session.session_id, fewest),
        draft=rules.draft(session, place, lecture.topic if lecture else None, told, added.costs),
    )
