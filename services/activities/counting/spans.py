"""Reporting periods: months, quarters, halves and years by the calendar of China. No I/O, no clock."""

from datetime import date, datetime
from typing import Final

from services.activities.sessions.rules import SHANGHAI

SLOTS: Final = 19
"""Places of one year's periods in an array, from 1: twelve months, four quarters, two halves, the year."""


def periods_of(day: date) -> tuple[str, str, str, str]:
    """The month, quarter, half and year that a day belongs to: `2026-05`, `2026Q2`, `2026H1`, `2026`."""
    year, month = day.year, day.month
    return f"{year}-{month:02}", f"{year}Q{(month + 2) // 3}", f"{year}H{(month + 5) // 6}", f"{year}"


def slots_of(day: date) -> tuple[int, int, int, int]:
    """The places of those periods in the year's array."""
    return day.month, 12 + (day.month + 2) // 3, 16 + (day.month + 5) // 6, SLOTS


def months_of(period: str) -> tuple[str, ...]:
    """The months of a period as periods of their own."""
    first, count = _months(period)
    return tuple(f"{period[:4]}-{month:02}" for month in range(first, first + count))


def bounds_of(period: str) -> tuple[datetime, datetime]:
    """The first moment of a period, and the first after it."""
    year = int(period[:4])
    first, count = _months(period)
    after = first + count
    return _start(year, first), _start(year + (after > 12), (after - 1) % 12 + 1)


def days_of(period: str) -> tuple[date, date]:
    """The first day of a period, and the first after it."""
    since, until = bounds_of(period)
    return since.date(), until.date()


def _months(period: str) -> tuple[int, int]:
    """The number of the first month, and how many there are."""
    kind, number = period[4:5], period[5:]
    if kind == "-":
        return int(number), 1
    if kind == "Q":
        return int(number) * 3 - 2, 3
    return (int(number) * 6 - 5, 6) if kind == "H" else (1, 12)


def _start(year: int, month: int) -> datetime:
    return datetime(year, month, 1, tzinfo=SHANGHAI)
