"""What activities does when a period is closed, and what it tells of frozen numbers."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from asyncpg import Record

from contracts.activities.v1 import (
    Adjustment,
    CertifiedCount,
    CertifiedCounts,
    ClosePeriod,
    CountCertified,
    CountHistory,
    CountKind,
    GetCount,
    ListCounts,
    PeriodClosed,
    PeriodState,
)
from contracts.refusals import Refusal
from services.activities import activities
from services.activities.counting import figures, frozen, rules, spans, store
from services.activities.counting.frozen import Number
from services.activities.counting.rules import Sums
from services.activities.counting.suppression import is_small, withheld
from services.chassis import Transaction
from services.chassis.access import decide

MOST_COUNTS: Final = 2_000
MOST_ADJUSTMENTS: Final = 500


@activities.decides(ClosePeriod)
async def close_period(command: ClosePeriod, tx: Transaction) -> PeriodState | Refusal:
    uncounted = await store.count_uncounted(tx, command.region, *spans.bounds_of(command.period))
    refusal = decide(tx.actor, command.contract.permission, command.region) or rules.may_freeze(
        command, uncounted, tx.now
    )
    if refusal:
        return refusal
    await frozen.lock_numbers(tx, command.region, command.period)
    known = await frozen.find_period(tx, command.region, command.period, command.period_id)
    if known == command.period_id:
        return Refusal("period-exists", period_id=str(known))
    if known is not None:
        return Refusal("period-closed", period_id=str(known))

    numbers = await frozen.list_numbers(tx, command.region, command.period)
    hidden = _hidden(numbers, await figures.smallest(tx))
    await frozen.add_period(tx, command, numbers, hidden)
    _say(command, tx, numbers, hidden)
    row = await frozen.find_count(tx, numbers[0].count_id)
    if row is None:
        raise RuntimeError("a period was frozen without its total")
    return PeriodState(
        period_id=command.period_id,
        region=command.region,
        period=command.period,
        rule=rules.RULE,
        closed_at=tx.now,
        total=certified(row),
    )


def _hidden(numbers: Sequence[Number], smallest: int) -> frozenset[tuple[CountKind, UUID]]:
    """The numbers to withhold, each kind as a table of its own beside the total."""
    hidden: set[tuple[CountKind, UUID]] = set()
    for kind in {each.kind for each in numbers}:
        people = {each.topic: each.persons for each in numbers if each.kind is kind}
        alone = {topic for topic, persons in people.items() if is_small(persons, smallest)}
        hidden |= {(kind, topic) for topic in (alone if kind is CountKind.ALL else withheld(people, smallest))}
    return frozenset(hidden)


def _say(
    asked: ClosePeriod, tx: Transaction, numbers: Sequence[Number], hidden: frozenset[tuple[CountKind, UUID]]
) -> None:
    total = numbers[0]
    closed = PeriodClosed(
        period_id=asked.period_id,
        period=asked.period,
        rule=rules.RULE,
        sessions_held=total.sums.held,
        sessions_declared=total.sums.by_declaration,
    )
    tx.say(closed, region=asked.region, version=1)
    for each in numbers:
        if not frozen.is_told(each.kind):
            continue
        shown = (each.kind, each.topic) not in hidden
        certified = CountCertified(
            count_id=each.count_id,
            period_id=asked.period_id,
            period=asked.period,
            kind=each.kind,
            topic=None if each.kind is CountKind.ALL else each.topic,
            rule_version=rules.RULE,
            sessions_held=each.sums.held,
            exact=each.sums.times if shown else None,
            persons=each.persons if shown else None,
            phrase=rules.phrase(each.sums.times) if shown else None,
        )
        tx.say(certified, region=asked.region, version=1)


@activities.answers(GetCount)
async def get_count(query: GetCount, tx: Transaction) -> CountHistory | Refusal:
    row = await frozen.find_count(tx, query.count_id)
    if row is None:
        return Refusal("unknown-count")
    denied = decide(tx.actor, query.contract.permission, row["region"])
    if denied:
        return denied
    rows = [] if row["withheld"] else await frozen.list_adjustments(tx, query.count_id, MOST_ADJUSTMENTS)
    return CountHistory(count=certified(row), adjustments=tuple(map(_adjustment, rows)))


@activities.answers(ListCounts)
async def list_counts(query: ListCounts, tx: Transaction) -> CertifiedCounts | Refusal:
    period_id = await frozen.find_period(tx, query.region, query.period)
    if period_id is None:
        return Refusal("period-open")
    rows = await frozen.list_counts(tx, period_id, query.kind, MOST_COUNTS + 1)
    if len(rows) > MOST_COUNTS:
        return Refusal("too-many-cells", limit=MOST_COUNTS)
    return CertifiedCounts(counts=tuple(map(certified, rows)))


def certified(row: Record) -> CertifiedCount:
    """A frozen number as it was, and as later changes make it."""
    kind = CountKind(row["kind"])
    sums = Sums(row["held"], row["times"], row["by_declaration"], row["declared"])
    later = Sums(row["later_held"], row["later_times"], row["later_by_declaration"], row["later_declared"])
    now = Sums(*(was + more for was, more in zip(sums, later, strict=True)))
    return CertifiedCount(
        count_id=row["count_id"],
        period_id=row["period_id"],
        region=row["region"],
        period=row["period"],
        kind=kind,
        topic=figures.key_text(kind, row["topic"]),
        rule=row["rule"],
        closed_at=row["closed_at"],
        frozen=figures.told(sums, row["persons"], row["withheld"]),
        adjusted=figures.told(now, row["persons"] + row["later_persons"], row["withheld"]),
        adjustments=row["adjustments"],
    )


def _adjustment(row: Record) -> Adjustment:
    return Adjustment(
        change_id=row["change_id"],
        session_id=row["session_id"],
        at=row["at"],
        reason=row["reason"],
        sessions_held=row["held"],
        person_times=row["times"],
        persons=row["persons"],
        sessions_declared=row["by_declaration"],
        declared_heads=row["declared"],
    )
