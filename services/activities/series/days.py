"""From the days of a series to those of a new rule: which session goes where (A2, A3). No I/O, no clock."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from services.activities.sessions.rules import Session

NEAR: Final = timedelta(days=6)
"""A session follows its series to another day of the week, not to another week: families may still come."""
TIMED: Final = frozenset({"starts_at", "ends_at"})


@dataclass(frozen=True, slots=True)
class Laid:
    """What becomes of the sessions in scope, and the days that get a new one.

    `placed` are sessions with the day they stand for now, moved or not; `kept` were changed by hand and stay as they
    are; for `dropped` there is no day.
    """

    placed: list[tuple[Session, date]]
    kept: list[Session]
    dropped: list[Session]
    added: list[date]


def lay(sessions: Sequence[Session], days: Collection[date], taken: Collection[date]) -> Laid:
    """Gives each session the day of its own, or the nearest free one within six days, the nearest pairs first.

    `days` are those of the new rule, `taken` those for which other sessions of the series stand. Whoever's time was
    changed by hand stays; who finds no day is dropped, unless anything of it was changed by hand.
    """
    by_hand = [each for each in sessions if each.amended & TIMED]
    free = set(days) - set(taken) - {each.day_in_series for each in by_hand}
    staying = [each for each in sessions if each not in by_hand and each.day_in_series in free]
    free -= {each.day_in_series for each in staying}
    homeless = [each for each in sessions if each not in by_hand and each not in staying]

    found = _pair(homeless, free)
    left = [each for each in homeless if each.day_in_series not in found]
    placed = [(each, found.get(each.day_in_series, each.day_in_series)) for each in sessions if each in staying]
    placed += [(each, found[each.day_in_series]) for each in homeless if each.day_in_series in found]
    return Laid(
        placed=sorted(placed, key=lambda pair: pair[1]),
        kept=[*by_hand, *(each for each in left if each.amended)],
        dropped=[each for each in left if not each.amended],
        added=sorted(free - set(found.values())),
    )


def _pair(homeless: Sequence[Session], free: Collection[date]) -> dict[date, date]:
    """From an old day to its new one; of two that want the same the nearer gets it, then the earlier."""
    wishes = sorted(
        (abs(new - old), old, new)
        for old in (each.day_in_series for each in homeless)
        for new in free
        if abs(new - old) <= NEAR
    )
    found: dict[date, date] = {}
    for _, old, new in wishes:
        if old not in found and new not in found.values():
            found[old] = new
    return found


def pattern_of(sessions: Sequence[Session]) -> Session:
    """By which new sessions are made: the first of those that were changed by hand in the fewest fields."""
    return min(sessions, key=lambda session: len(session.amended))
