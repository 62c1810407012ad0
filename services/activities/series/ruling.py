"""What activities does when a series gets another rule, or is called off (A2, A3, A15)."""

from dataclasses import replace
from datetime import timedelta

from contracts.activities.v1 import (
    AmendScope,
    CancelledSeries,
    CancelSeries,
    ChangeSeriesRule,
    DroppedDay,
    MovedDay,
    PlannedDay,
    PreviewSeriesRule,
    SeriesAmended,
    SeriesCancelled,
    SeriesChange,
)
from contracts.refusals import Refusal
from services.activities import activities
from services.activities.series import store
from services.activities.series.handlers import give_terms_alike
from services.activities.series.recurrence import invalid
from services.activities.series.rule_change import Change, find_change
from services.activities.series.scope import in_scope, lock_permitted_series
from services.activities.series.store import Series
from services.activities.sessions import planning
from services.activities.sessions.changing import say_changed
from services.activities.sessions.handlers import take_out
from services.activities.sessions.rules import Session
from services.activities.sessions.store import change_sessions
from services.chassis import Transaction


@activities.decides(ChangeSeriesRule)
async def change_series_rule(command: ChangeSeriesRule, tx: Transaction) -> SeriesChange | Refusal:
    change = await _find(tx, command, command.contract.permission)
    if isinstance(change, Refusal):
        return change
    if change.problems:
        return next(iter(change.problems.values()))

    for session in change.dropped:  # first: what they leave others may take
        await take_out(tx, session, command.reason)
    await change_sessions(tx, [after for _, after in change.moves])
    for before, after in change.moves:
        await say_changed(tx, before, after, change.sites[after.site_id], command.reason)
    await _add(tx, change)
    return _state(change, await _note(tx, command, change))


async def _add(tx: Transaction, change: Change) -> None:
    site = change.sites[change.pattern.site_id]
    added = await planning.add(tx, [(plan, site) for plan in change.plans]) if change.plans else []
    if change.pattern.terms is not None:
        await give_terms_alike(tx, added, change.pattern.terms, change.pattern.starts_at)


async def _note(tx: Transaction, command: ChangeSeriesRule, change: Change) -> int:
    """Keeps the rule, counts the series on and says what was done, if anything was; the version after that."""
    series, version = change.series, change.series.version + 1
    if not (change.touches or change.anew):
        return series.version
    await store.set_rule(tx, series)
    await store.set_version(tx, series.series_id, version)
    tx.say(
        SeriesAmended(
            series_id=series.series_id,
            scope=command.scope,
            from_day=change.first_day if change.touches else series.last_day,
            fields=("day",) if command.scope is AmendScope.THIS else ("rule",),
            sessions=len(change.moves),
            kept=len(change.kept),
            recurrence=series.recurrence,
            last_day=series.last_day,
            added=len(change.plans),
            cancelled=len(change.dropped),
        ),
        region=series.region,
        version=version,
    )
    return version


@activities.decides(PreviewSeriesRule)
async def preview_series_rule(command: PreviewSeriesRule, tx: Transaction) -> SeriesChange | Refusal:
    change = await _find(tx, command.change, command.contract.permission)
    return change if isinstance(change, Refusal) else _state(change, change.series.version)


async def _find(tx: Transaction, command: ChangeSeriesRule, permission: str) -> Change | Refusal:
    series = await lock_permitted_series(tx, command, permission)
    return series if isinstance(series, Refusal) else await find_change(tx, command, series)


def _state(change: Change, version: int) -> SeriesChange:
    problems = {id: refusal.code for id, refusal in change.problems.items()}
    return SeriesChange(
        series_id=change.series.series_id,
        moved=tuple(
            MovedDay(
                session_id=after.session_id,
                from_day=before.day,
                starts_at=after.starts_at,
                ends_at=after.ends_at,
                problem=problems.get(after.session_id),
            )
            for before, after in change.moves
        ),
        added=tuple(
            PlannedDay(
                session_id=plan.session_id,
                starts_at=plan.starts_at,
                ends_at=plan.ends_at,
                problem=problems.get(plan.session_id),
            )
            for plan in change.plans
        ),
        cancelled=tuple(
            DroppedDay(session_id=each.session_id, day=each.day, seats_taken=each.seats_taken, waiting=each.waiting)
            for each in change.dropped
        ),
        kept=tuple(each.session_id for each in change.kept),
        skipped=change.skipped,
        version=version,
    )


@activities.decides(CancelSeries)
async def cancel_series(command: CancelSeries, tx: Transaction) -> CancelledSeries | Refusal:
    series = await lock_permitted_series(tx, command, command.contract.permission)
    if isinstance(series, Refusal):
        return series
    if command.scope is not AmendScope.ALL and command.session_id is None:
        return invalid("#/session_id", "missing")
    scope = in_scope(await store.lock_ahead(tx, series.series_id, tx.now), command.scope, command.session_id)
    if not scope:
        return Refusal("nothing-to-amend")

    for session in scope:
        await take_out(tx, session, command.reason)
    await _end(tx, command, series, scope)
    fact = SeriesCancelled(
        series_id=series.series_id,
        scope=command.scope,
        from_day=scope[0].day,
        sessions=len(scope),
        reason=command.reason,
    )
    tx.say(fact, region=series.region, version=series.version + 1)
    return CancelledSeries(
        series_id=series.series_id,
        cancelled=tuple(each.session_id for each in scope),
        version=series.version + 1,
    )


async def _end(tx: Transaction, command: CancelSeries, series: Series, scope: list[Session]) -> None:
    """Where the series ends now, so that a later rule does not bring back what was called off."""
    if command.scope is AmendScope.THIS:
        await store.note_called_off(tx, scope[0])
    elif command.scope is AmendScope.FOLLOWING:
        last_day = min(each.day_in_series for each in scope) - timedelta(days=1)
        await store.set_rule(tx, replace(series, last_day=last_day))
    else:
        await store.set_cancelled(tx, series.series_id)
    await store.set_version(tx, series.series_id, series.version + 1)
