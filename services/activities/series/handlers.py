"""What activities does when a series is shown before it is planned, when it is planned, and when it is looked at."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from contracts.activities.v1 import (
    EnrolmentTerms,
    GetSeries,
    PlannedDay,
    PreviewSeries,
    ScheduleSeries,
    SeriesPreview,
    SeriesRule,
    SeriesScheduled,
    SeriesState,
    SessionStatus,
)
from contracts.refusals import Refusal
from services.activities import activities
from services.activities import store as replicas
from services.activities.calendar.store import find_closings, list_school_terms, read_calendar
from services.activities.enrolment import terms
from services.activities.enrolment.capacity import give_terms
from services.activities.series import recurrence, store
from services.activities.series.recurrence import Almanac, Schedule
from services.activities.sessions import planning, rules
from services.activities.sessions.rules import Session, Site
from services.activities.sessions.store import find_overlaps, state_of
from services.chassis import Transaction
from services.chassis.access import decide

PLANS: Final = ScheduleSeries.contract.permission


@activities.decides(ScheduleSeries)
async def schedule_series(command: ScheduleSeries, tx: Transaction) -> SeriesState | Refusal:
    found = (await replicas.lock_sites(tx, [command.site_id])).get(command.site_id)
    if found is None:
        return Refusal("unknown-site", site_id=str(command.site_id))
    site, schedule = await _lay_out(tx, command, found)
    if isinstance(schedule, Refusal):
        return schedule
    plans = schedule.plans
    if await store.series_exists(tx, command.series_id, [plan.session_id for plan in plans]):
        return Refusal("series-exists", series_id=str(command.series_id))
    refusal = await planning.refuse(tx, command.contract.permission, site, plans)
    if refusal is None and command.terms is not None:
        refusal = terms.hold_together(command.terms, command.capacity, plans[0].starts_at)
    if refusal:
        return refusal

    await store.add_series(tx, command, site.region)
    tx.say(_scheduled(command, site, len(plans)), region=site.region, version=1)
    sessions = await planning.add(tx, [(plan, site) for plan in plans])
    if command.terms is not None:
        await give_terms_alike(tx, sessions, command.terms, plans[0].starts_at)
    return SeriesState(series_id=command.series_id, sessions=tuple(map(state_of, sessions)), skipped=schedule.skipped)


async def give_terms_alike(
    tx: Transaction, sessions: Sequence[Session], given: EnrolmentTerms, starts_at: datetime
) -> None:
    """The terms of a session that starts then, for each of these: as long before its own start."""
    for session in sessions:
        await give_terms(tx, session, terms.shifted(given, session.starts_at - starts_at))


async def _lay_out(tx: Transaction, series: ScheduleSeries, site: Site) -> tuple[Site, Schedule | Refusal]:
    """The site with its closings, and the days of the series by all that is known of them."""
    days = [series.first_day, series.last_day, *series.also_on]
    closings = (await find_closings(tx, [site.site_id], min(days), max(days))).get(site.site_id, ())
    almanac = Almanac(await read_calendar(tx), await list_school_terms(tx, site.region), closings)
    return replace(site, closings=closings), recurrence.schedule_of(series, almanac)


def _scheduled(series: ScheduleSeries, site: Site, sessions: int) -> SeriesScheduled:
    return SeriesScheduled(
        series_id=series.series_id,
        programme_id=series.programme_id,
        unit_id=site.unit_id,
        site_id=site.site_id,
        title=series.title,
        recurrence=recurrence.rule_of(series),
        first_day=series.first_day,
        last_day=series.last_day,
        begins=series.begins,
        ends=series.ends,
        except_on=tuple(sorted(set(series.except_on))),
        sessions=sessions,
    )


@activities.decides(PreviewSeries)
async def preview_series(command: PreviewSeries, tx: Transaction) -> SeriesPreview | Refusal:
    """Every day with what would refuse it; ScheduleSeries decides anew when it comes."""
    series = command.series
    found = (await replicas.find_sites(tx, [series.site_id])).get(series.site_id)
    if found is None:
        return Refusal("unknown-site", site_id=str(series.site_id))
    denied = decide(tx.actor, command.contract.permission, found.region)
    if denied:
        return denied
    site, schedule = await _lay_out(tx, series, found)
    if isinstance(schedule, Refusal):
        return schedule
    if series.terms is not None:
        refusal = terms.hold_together(series.terms, series.capacity, schedule.plans[0].starts_at)
        if refusal:
            return refusal

    taken = await find_overlaps(tx, schedule.plans)
    days = []
    for plan in schedule.plans:
        refusal = rules.may_hold(plan, site, tx.now)
        problem = refusal.code if refusal else "room-taken" if plan.session_id in taken else None
        days.append(
            PlannedDay(session_id=plan.session_id, starts_at=plan.starts_at, ends_at=plan.ends_at, problem=problem)
        )
    return SeriesPreview(days=tuple(days), skipped=schedule.skipped)


@activities.answers(GetSeries)
async def get_series(query: GetSeries, tx: Transaction) -> SeriesRule | Refusal:
    series = await store.find_series(tx, query.series_id)
    if series is None:
        return Refusal("unknown-series", series_id=str(query.series_id))
    sessions = [
        each for each in await store.list_sessions_of(tx, series.series_id) if each.status is not SessionStatus.DRAFTED
    ]
    if not sessions and decide(tx.actor, PLANS, series.region):  # drafts are the planner's business alone
        return Refusal("unknown-series", series_id=str(query.series_id))
    values = {name: getattr(series, name) for name in SeriesRule.model_fields if name != "sessions"}
    return SeriesRule(**values, sessions=tuple(map(state_of, sessions)))
