"""The rule of a series as OpenActive says it (PartialSchedule). No I/O, no clock."""

from datetime import date, datetime
from typing import Any, Final

PERIODS: Final = {"DAILY": "D", "WEEKLY": "W", "MONTHLY": "M"}
DAYS: Final = {
    "MO": "Monday",
    "TU": "Tuesday",
    "WE": "Wednesday",
    "TH": "Thursday",
    "FR": "Friday",
    "SA": "Saturday",
    "SU": "Sunday",
}


def partial(rule: str, starts: datetime, ends: datetime, first: date | None, last: date | None) -> dict[str, Any]:
    """What of a recurrence (RFC 5545, as series keep it) a reader may show; exceptions are told by the sessions."""
    parts = dict(part.split("=", 1) for part in rule.split(";"))
    told: dict[str, Any] = {
        "@type": "PartialSchedule",
        "scheduleTimezone": "Asia/Shanghai",
        "startTime": f"{starts:%H:%M}",
        "endTime": f"{ends:%H:%M}",
        "repeatFrequency": f"P{parts.get('INTERVAL', '1')}{PERIODS[parts['FREQ']]}",
    }
    if "BYDAY" in parts:
        told["byDay"] = [_day(day) for day in parts["BYDAY"].split(",")]
    for name, given in (("byMonthDay", "BYMONTHDAY"), ("byMonth", "BYMONTH")):
        if given in parts:
            told[name] = [int(each) for each in parts[given].split(",")]
    if first is not None and last is not None:
        told |= {"startDate": first.isoformat(), "endDate": last.isoformat()}
    return told


def _day(day: str) -> str:
    """A day of the week by its address; the second Saturday of a month (`2SA`) as the rule has it."""
    return f"https://schema.org/{DAYS[day]}" if day in DAYS else day
