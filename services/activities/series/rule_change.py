"""What a new rule makes of a series: laid out under the locks of the series, its sessions and their sites (A2, A3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID, uuid5

from contracts.activities.v1 import AmendScope, ChangeSeriesRule, ScheduleSeries, SessionStatus, SkippedDay
from contracts.refusals import Refusal
from services.activities.calendar.store import list_school_terms, read_calendar
from services.activities.enrolment import terms
from services.activities.series import days, recurrence, store
from services.activities.series.days import Laid
from services.activities.series.recurrence import Almanac, Schedule, invalid
from services.activities.series.scope import in_scope
from services.activities.series.store import Series
from services.activities.sessions import planning, rules
from services.activities.sessions.changing import changed, is_moved
from services.activities.sessions.rules import SHANGHAI, Plan, Session, Site
from services.activities.sessions.store import find_overlaps
from services.chassis import Transaction


@dataclass(frozen=True, slots=True)
class Change:
    """The series with its new rule; sessions before and after, those that end, plans of new ones, and what speaks
    against any of them. `pattern` is the session that new ones are made like, `anew` says that the rule is another."""

    series: Series
    pattern: Session
    moves: list[tuple[Session, Session]]
    dropped: list[Session]
    kept: list[Session]
    plans: list[Plan]
    skipped: tuple[SkippedDay, ...] = ()
    sites: Mapping[UUID, Site] = field(default_factory=dict)
    problems: Mapping[UUID, Refusal] = field(default_factory=dict)
    anew: bool = False

    @property
    def touches(self) -> bool:
        return bool(self.moves or self.dropped or self.plans)

    @property
    def first_day(self) -> date:
        """The first day that anything changes on."""
        touched = [each.day for each, _ in self.moves] + [each.day for each in self.dropped]
        return min([*touched, *(plan.starts_at.astimezone(SHANGHAI).date() for plan in self.plans)])


async def find_change(tx: Transaction, command: ChangeSeriesRule, series: Series) -> Change | Refusal:
    """Everything that the command would do now; nothing is written. The row of the series is locked."""
    refusal = _check(command)
    if refusal:
        return refusal
    ahead = await store.lock_ahead(tx, series.series_id, tx.now)
    scope = in_scope(ahead, command.scope, command.session_id)
    everything = await store.list_sessions_of(tx, series.series_id)
    if not scope and (command.scope is not AmendScope.ALL or not everything):
        return Refusal("nothing-to-amend")
    alive = [each for each in everything if each.status is not SessionStatus.CANCELLED]
    pattern = days.pattern_of(scope or (alive or everything)[-1:])
    now = with_rule(series, command)
    sites = await _lock_sites(tx, command, now, [*scope, pattern])
    if pattern.site_id not in sites:
        return Refusal("unknown-site", site_id=str(pattern.site_id))
    skipped: tuple[SkippedDay, ...] = ()
    if command.scope is AmendScope.THIS:
        laid = Laid([(scope[0], command.on or scope[0].day)], [], [], [])
    else:
        first = _first_day(command, now, scope, tx.now)
        schedule = await _days_of(tx, now, pattern, sites[pattern.site_id], first)
        if isinstance(schedule, Refusal):
            return schedule
        wanted = [each for each in schedule.plans if each.starts_at > tx.now and _day(each) >= first]
        meant = {each.session_id for each in scope}
        taken = {each.day_in_series for each in alive if each.session_id not in meant}
        laid = days.lay(scope, {_day(each) for each in wanted}, taken)
        skipped = tuple(each for each in schedule.skipped if each.day >= first)
    change = _change(command, now, pattern, laid, {each.session_id for each in everything})
    change = replace(change, skipped=skipped, sites=sites, anew=now != series)
    return replace(change, problems=await _problems(tx, change))


def _check(command: ChangeSeriesRule) -> Refusal | None:
    zoned = any(each is not None and each.tzinfo is not None for each in (command.begins, command.ends))
    problem = (
        ("#/begins", "local_time_takes_no_zone") if zoned
        else ("#/session_id", "missing") if command.scope is not AmendScope.ALL and command.session_id is None
        else ("#/on", "missing") if (command.scope is AmendScope.THIS) != (command.on is not None)
        else ("#/on", "out_of_range") if command.on is not None and command.on.year not in recurrence.YEARS
        else ("#/recurrence", "one_of_weekdays_and_recurrence") if command.weekdays and command.recurrence
        else None
    )  # fmt: skip
    return invalid(*problem) if problem else None


def _first_day(command: ChangeSeriesRule, series: Series, scope: Sequence[Session], now: datetime) -> date:
    """From which day the rule is counted; one that leaves weeks out keeps in step with the first of the series."""
    if command.scope is AmendScope.FOLLOWING:
        return scope[0].day_in_series
    today = now.astimezone(SHANGHAI).date()
    return series.first_day if "INTERVAL" in series.recurrence else max(series.first_day, today)


def with_rule(series: Series, command: ChangeSeriesRule) -> Series:
    """The series as it is ruled from now on; with `this` the rule stays."""
    if command.scope is AmendScope.THIS:
        return series
    given = {
        name: value
        for name in ("last_day", "begins", "ends", "except_on", "also_on", "skip_holidays", "make_up_days", "term_days")
        if (value := getattr(command, name)) is not None
    }
    rule = command.recurrence or (recurrence.weekly(command.weekdays) if command.weekdays else series.recurrence)
    back = set(command.also_on or ())
    return replace(
        series, **given, recurrence=rule, called_off=tuple(day for day in series.called_off if day not in back)
    )


async def _lock_sites(
    tx: Transaction, command: ChangeSeriesRule, series: Series, sessions: Sequence[Session]
) -> dict[UUID, Site]:
    """The sites of sessions, with their closings on every day that may be meant."""
    days = [series.first_day, series.last_day, *series.also_on, *(each.day for each in sessions)]
    days += [command.on] if command.on else []
    return await planning.lock_sites(tx, {each.site_id for each in sessions}, (min(days), max(days)))


async def _days_of(tx: Transaction, series: Series, pattern: Session, site: Site, first: date) -> Schedule | Refusal:
    """The days of the rule, at the site and with the hours of the pattern."""
    # Known values, not asked anew: what was called off beside its exceptions may be more than a request may name.
    asked = ScheduleSeries.model_construct(
        series_id=series.series_id,
        title=pattern.title,
        programme_id=series.programme_id,
        site_id=pattern.site_id,
        room_id=pattern.room_id,
        first_day=first,
        last_day=series.last_day,
        begins=series.begins,
        ends=series.ends,
        capacity=pattern.capacity,
        recurrence=series.recurrence,
        except_on=(*series.except_on, *series.called_off),
        also_on=series.also_on,
        skip_holidays=series.skip_holidays,
        make_up_days=series.make_up_days,
        term_days=series.term_days,
    )
    almanac = Almanac(await read_calendar(tx), await list_school_terms(tx, site.region), site.closings)
    return recurrence.schedule_of(asked, almanac)


def _change(command: ChangeSeriesRule, series: Series, pattern: Session, laid: Laid, used: set[UUID]) -> Change:
    by_hand = command.scope is AmendScope.THIS
    moves = [(each, _moved(each, day, command, by_hand=by_hand)) for each, day in laid.placed]
    return Change(
        series=series,
        pattern=pattern,
        moves=[(before, after) for before, after in moves if before != after],
        dropped=laid.dropped,
        kept=laid.kept,
        plans=[_plan(series, pattern, day, used) for day in laid.added],
    )


def _moved(session: Session, day: date, command: ChangeSeriesRule, *, by_hand: bool) -> Session:
    """The session on a day, at its own hours or the new ones; what was moved by hand stands for its day as before."""
    local = session.starts_at.astimezone(SHANGHAI), session.ends_at.astimezone(SHANGHAI)
    begins, ends = command.begins or local[0].time(), command.ends or local[1].time()
    times = {
        "starts_at": datetime.combine(day, begins, SHANGHAI),
        "ends_at": datetime.combine(day, ends, SHANGHAI),
    }
    moved = changed(session, times, by_hand=by_hand)
    return moved if by_hand else replace(moved, series_day=day)


def _plan(series: Series, pattern: Session, day: date, used: set[UUID]) -> Plan:
    """A new session of the series; an id that a session of another day has taken with it is not used again."""
    id = recurrence.session_id_of(series.series_id, day)
    if id in used:
        id = uuid5(series.series_id, f"{day.isoformat()}/{series.version + 1}")
    return Plan(
        session_id=id,
        title=pattern.title,
        programme_id=pattern.programme_id or series.programme_id,
        room_id=pattern.room_id,
        starts_at=datetime.combine(day, series.begins, SHANGHAI),
        ends_at=datetime.combine(day, series.ends, SHANGHAI),
        capacity=pattern.capacity,
        audience=tuple(sorted(pattern.audience)),
        queue_open=pattern.queue_open,
        series_id=series.series_id,
        series_day=day,
        supplier_unit_id=pattern.supplier_unit_id,
        mode=pattern.mode,
        join_link=pattern.join_link,
        set_up=pattern.set_up,
        clear_up=pattern.clear_up,
        expected_heads=pattern.expected_heads,
        project_id=pattern.project_id,
        draft=pattern.status is SessionStatus.DRAFTED,
    )


async def _problems(tx: Transaction, change: Change) -> dict[UUID, Refusal]:
    """By session what speaks against its new day: what a plan there would hear, and what was promised."""
    found: dict[UUID, Refusal] = {}
    for before, after in change.moves:
        if is_moved(before, after):
            _note(found, after, _not_there(after, change.sites[after.site_id], tx.now) or terms.keeps_its_window(after))
    for plan in change.plans:
        _note(
            found,
            plan,
            _not_there(plan, change.sites[change.pattern.site_id], tx.now) or _too_late(plan, change, tx.now),
        )
    good: list[Plan | Session] = [each for each in _wanted(change) if each.session_id not in found]
    leaving = [each.session_id for each in change.dropped]
    taken = rules.find_clashes(good) or (await find_overlaps(tx, good, leaving) if good else {})
    return found | {id: Refusal("room-taken", session_id=str(holder)) for id, holder in taken.items()}


def _note(found: dict[UUID, Refusal], plan: Plan | Session, refusal: Refusal | None) -> None:
    if refusal:
        found[plan.session_id] = refusal


def _wanted(change: Change) -> Sequence[Plan | Session]:
    return [*(after for _, after in change.moves), *change.plans]


def _not_there(plan: Plan | Session, site: Site, now: datetime) -> Refusal | None:
    """A site that takes it, and a permit: one is given for a single day, and so is asked for anew (MoveSession)."""
    if site.closed:
        return Refusal("site-closed", site_id=str(site.site_id))
    if rules.is_large(plan):
        return Refusal("permit-needed")
    return rules.may_hold(plan, site, now)


def _too_late(plan: Plan, change: Change, now: datetime) -> Refusal | None:
    """A new session whose window would be over before it is open takes nobody. Refusal: terms-conflict."""
    given = change.pattern.terms
    closes = terms.shifted(given, plan.starts_at - change.pattern.starts_at).closes_at if given else None
    return Refusal("terms-conflict", problem="window-over") if closes and closes <= now else None


def _day(plan: Plan) -> date:
    return plan.starts_at.astimezone(SHANGHAI).date()
