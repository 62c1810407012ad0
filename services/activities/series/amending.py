"""What activities does when this session of a series, the following ones or all are changed together (A2, A3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Any, Final
from uuid import UUID

from contracts.activities.v1 import AmendedSeries, AmendScope, AmendSeries, SeriesAmended
from contracts.refusals import Refusal
from services.activities import activities
from services.activities.enrolment.terms import keeps_its_window
from services.activities.series import store
from services.activities.series.recurrence import invalid
from services.activities.series.scope import in_scope, lock_permitted_series
from services.activities.series.store import Series
from services.activities.sessions import planning, rules
from services.activities.sessions.changing import changed, differing, is_moved, say_changed
from services.activities.sessions.rules import SHANGHAI, Session, Site
from services.activities.sessions.store import change_sessions
from services.chassis import Transaction

NO_FIELDS: Final = {"series_id", "scope", "session_id", "reason"}


@dataclass(frozen=True, slots=True)
class Amendment:
    """What becomes of the sessions in scope: before and after for each that changes, and those left alone."""

    changes: list[tuple[Session, Session]]
    kept: list[Session]

    @property
    def after(self) -> list[Session]:
        return [after for _, after in self.changes]


def amend(sessions: Sequence[Session], fields: Mapping[str, Any], *, by_hand: bool) -> Amendment:
    """Changes every session but those that were changed by hand in one of these fields; `by_hand` changes any (A3)."""
    changes: list[tuple[Session, Session]] = []
    kept: list[Session] = []
    for session in sessions:
        wanted = values_for(session, fields)
        if session.amended & wanted.keys() and not by_hand:
            kept.append(session)
        elif differing(session, wanted):
            changes.append((session, changed(session, wanted, by_hand=by_hand)))
    return Amendment(changes, kept)


def values_for(session: Session, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a session for those of the series: local times become moments of the session's own day."""
    values = {name: value for name, value in fields.items() if name not in ("begins", "ends")}
    for name, moment in (("begins", "starts_at"), ("ends", "ends_at")):
        at: time | None = fields.get(name)
        if at is not None:
            values[moment] = datetime.combine(session.day, at, SHANGHAI)
    return values


@activities.decides(AmendSeries)
async def amend_series(command: AmendSeries, tx: Transaction) -> AmendedSeries | Refusal:
    series = await lock_permitted_series(tx, command, command.contract.permission)
    if isinstance(series, Refusal):
        return series
    fields = {name: value for name, value in command if name not in NO_FIELDS and value is not None}
    refusal = _check(command, fields)
    if refusal:
        return refusal
    scope = in_scope(await store.lock_ahead(tx, series.series_id, tx.now), command.scope, command.session_id)
    if not scope:
        return Refusal("nothing-to-amend")

    amendment = amend(scope, fields, by_hand=command.scope is AmendScope.THIS)
    sites = await planning.lock_sites(tx, {each.site_id for each in scope}, planning.days_of(scope))
    refusal = await _refuse(tx, amendment, sites)
    if refusal:
        return refusal
    await change_sessions(tx, amendment.after)
    for before, after in amendment.changes:
        await say_changed(tx, before, after, sites[after.site_id], command.reason)
    await _keep_times(tx, command, series)
    return await _conclude(tx, command, series, amendment, sorted(fields), scope[0])


async def _keep_times(tx: Transaction, command: AmendSeries, series: Series) -> None:
    """The hours of the rule follow, so that what the series gets later begins with the rest."""
    if command.scope is not AmendScope.THIS and (command.begins or command.ends):
        begins, ends = command.begins or series.begins, command.ends or series.ends
        await store.set_rule(tx, replace(series, begins=begins, ends=ends))


def _check(command: AmendSeries, fields: Mapping[str, Any]) -> Refusal | None:
    zoned = any(fields[name].tzinfo is not None for name in ("begins", "ends") if name in fields)
    problem = (
        ("#/begins", "local_time_takes_no_zone") if zoned
        else ("#/session_id", "missing") if command.scope is not AmendScope.ALL and command.session_id is None
        else ("#", "nothing_to_change") if not fields
        else None
    )  # fmt: skip
    return invalid(*problem) if problem else None


async def _refuse(tx: Transaction, amendment: Amendment, sites: Mapping[UUID, Site]) -> Refusal | None:
    """Why one of the sessions, and so none, can be changed: what is moved must fit as if planned anew."""
    rooms: list[Session] = []
    for before, after in amendment.changes:
        site = sites[after.site_id]
        moved = is_moved(before, after)
        if moved and rules.is_large(after):  # a new permit is for one session: MoveSession takes it
            return Refusal("permit-needed")
        fits = rules.may_hold(after, site, tx.now) if moved else rules.may_fill(after, site)
        refusal = rules.may_seat(before, after) or fits or (keeps_its_window(after) if moved else None)
        if refusal:
            return refusal
        if (before.room_id, before.holds) != (after.room_id, after.holds):
            rooms.append(after)
    return await planning.find_taken(tx, rooms) if rooms else None


async def _conclude(
    tx: Transaction,
    command: AmendSeries,
    series: Series,
    amendment: Amendment,
    fields: Sequence[str],
    first: Session,
) -> AmendedSeries:
    """Counts the series on and says what was done; what changed nothing is not said."""
    version = series.version
    if amendment.changes:
        version += 1
        await store.set_version(tx, series.series_id, version)
        tx.say(
            SeriesAmended(
                series_id=series.series_id,
                scope=command.scope,
                from_day=first.day,
                fields=tuple(fields),
                sessions=len(amendment.changes),
                kept=len(amendment.kept),
            ),
            region=series.region,
            version=version,
        )
    return AmendedSeries(
        series_id=series.series_id,
        fields=tuple(fields),
        amended=tuple(after.session_id for after in amendment.after),
        kept=tuple(each.session_id for each in amendment.kept),
        version=version,
    )
