"""What activities does at the end of every week and month: it judges what each site has held (A35)."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import UUID, uuid5

from contracts.activities.v1 import CadenceBroken, CadenceList, ListCadence
from services.activities import activities
from services.activities import store as replicas
from services.activities.cadence import rules, store
from services.activities.cadence.rules import MONTHLY, WEEKLY, Period
from services.activities.calendar.rules import midnight, over_at
from services.activities.calendar.store import find_closings, read_calendar
from services.activities.sessions.rules import Site
from services.chassis import Due, Transaction
from services.chassis.calendar import Calendar
from services.chassis.clock import day_of

TIMERS: Final = {WEEKLY: "cadence-week", MONTHLY: "cadence-month"}
"""One timer a site and rule, which sets itself anew; a site's first one is set when it opens."""
AGAIN: Final = "cadence-again"
"""The timer of a year whose notice of holidays was announced late; its key is the year's id."""
BATCH: Final = 500
LATER: Final = timedelta(minutes=10)
"""When a site is looked for again that is missing: sites are being read anew from registry's facts."""


def watch(tx: Transaction, sites: Iterable[UUID]) -> None:
    """From now on a site owes its cadence: first judged is its first whole week and month."""
    for site_id in sites:
        for rule, kind in TIMERS.items():
            tx.set_timer(kind, site_id, midnight(rules.first_judgement(rule, day_of(tx.now))))


@activities.when_due(TIMERS[WEEKLY])
async def judge_weeks(due: Sequence[Due], tx: Transaction) -> None:
    await _judge_due(tx, WEEKLY, due)


@activities.when_due(TIMERS[MONTHLY])
async def judge_months(due: Sequence[Due], tx: Transaction) -> None:
    await _judge_due(tx, MONTHLY, due)


async def _judge_due(tx: Transaction, rule: str, due: Sequence[Due]) -> None:
    """Judges the period that ended when each timer was due; after an outage, one period after the other."""
    periods: dict[Period, list[UUID]] = {}
    for each in due:
        periods.setdefault(rules.period_before(rule, day_of(each.due_at)), []).append(each.key)
    calendar = await read_calendar(tx)
    for period, keys in sorted(periods.items(), key=lambda item: item[0].first_day):
        known = await replicas.find_sites(tx, keys)
        for missing in keys if len(known) < len(keys) else ():
            if missing not in known:
                tx.set_timer(TIMERS[rule], missing, tx.now + LATER)
        sites = [site for site in known.values() if not site.closed]
        await _judge(tx, rule, period, sites, calendar)
        ended = period.last_day + timedelta(days=1)
        for site in sites:
            tx.set_timer(TIMERS[rule], site.site_id, midnight(rules.next_judgement(rule, ended)))


@activities.when_due(AGAIN)
async def judge_again(due: Sequence[Due], tx: Transaction) -> None:
    """A year's notice was announced: what waited for it is judged, a batch at a time."""
    years = [each.key for each in due]
    calendar = await read_calendar(tx)
    waiting = await store.list_unjudged(tx, years, BATCH)
    before = sum(map(len, waiting.values()))
    for (rule, period), keys in waiting.items():
        sites = list((await replicas.find_sites(tx, keys)).values())
        await _judge(tx, rule, period, sites, calendar)
    left = sum(map(len, (await store.list_unjudged(tx, years, BATCH)).values()))
    if before == BATCH and left:
        for year in years:
            tx.set_timer(AGAIN, year, tx.now)


async def _judge(tx: Transaction, rule: str, period: Period, sites: Sequence[Site], calendar: Calendar) -> None:
    """Keeps the outcome of each site and says what is broken, once."""
    ids = [site.site_id for site in sites]
    since, until = midnight(period.first_day), over_at(period.last_day)
    held = await store.count_held(tx, ids, since, until)
    closings = await find_closings(tx, ids, period.first_day, period.last_day)
    judged: list[tuple[Site, str]] = []
    for site in sites:
        known = replace(site, closings=closings.get(site.site_id, ()))
        judged.append((site, rules.judge(rule, *held.get(site.site_id, (0, 0)), known, period, calendar)))
    new = await store.add_outcomes(tx, rule, period, judged)
    for site, outcome in judged:
        if outcome == "broken" and site.site_id in new:
            _say_broken(tx, rule, period, site)


def _say_broken(tx: Transaction, rule: str, period: Period, site: Site) -> None:
    tx.say(
        CadenceBroken(
            cadence_id=uuid5(site.site_id, f"{rule} {period.first_day}"),
            site_id=site.site_id,
            unit_id=site.unit_id,
            rule=rule,
            first_day=period.first_day,
            last_day=period.last_day,
        ),
        region=site.region,
        version=1,
        cause=tx.because_of(site.site_id),
    )


@activities.answers(ListCadence)
async def list_cadence(query: ListCadence, tx: Transaction) -> CadenceList:
    return CadenceList(outcomes=tuple(await store.list_outcomes(tx, query)))
