"""Which endpoint wants which event, what is pushed, and what an answer means. No I/O, no clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import Any, Final
from uuid import UUID

from contracts.envelope import CloudEvent
from contracts.region import covers

DELAYS: Final = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Seconds between the tries of a delivery (Standard Webhooks); after the last one it has failed."""
FORMER_SIGNS: Final = timedelta(days=1)
"""How long a former secret signs beside the new one: time to bring the new one to the receiver."""
LONGEST_REST: Final = timedelta(days=1)
TROUBLED_REST: Final = timedelta(seconds=30)
"""How long an endpoint that does not answer at all is left alone."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """What an endpoint asked for: events of a region's subtree whose type begins with one of `types`, or all."""

    endpoint_id: UUID
    region: str
    types: Sequence[str]


def wants(endpoint: Subscription, type_name: str, region: str) -> bool:
    """True when an event of this type and region goes to the endpoint."""
    of_type = not endpoint.types or type_name.startswith(tuple(endpoint.types))
    return of_type and covers(endpoint.region, region)


def body_of(event: CloudEvent[Any]) -> str:
    """`{"type", "timestamp", "data": the event's CloudEvent}`: thin, below 20 kB by the contracts' limits."""
    whole = event.model_dump_json(exclude_none=True)
    return f'{{"type":"{event.type}","timestamp":"{event.time.isoformat()}","data":{whole}}}'


class Outcome(Enum):
    """How a push ended."""

    TAKEN = "taken"
    REFUSED = "refused"
    GONE = "gone"
    BUSY = "busy"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver answered: an outcome, a reason code, and how long it asks to be left alone."""

    outcome: Outcome
    reason: str
    rest: timedelta | None = None


def read_answer(status: int, retry_after: str | None, now: datetime) -> Answer:
    """2xx is taken, 410 ends the endpoint, 429 and 503 ask for a rest; all else, redirects too, is refused."""
    reason = f"http-{status}"
    if 200 <= status < 300:
        return Answer(Outcome.TAKEN, reason)
    if status == 410:
        return Answer(Outcome.GONE, reason)
    if status in (429, 503):
        return Answer(Outcome.BUSY, reason, read_rest(retry_after, now))
    return Answer(Outcome.REFUSED, reason)


def read_rest(retry_after: str | None, now: datetime) -> timedelta | None:
    """The rest that a Retry-After header asks for, in seconds or as a date, at most a day; None when it says none."""
    if not retry_after:
        return None
    try:
        rest = (
            timedelta(seconds=int(retry_after)) if retry_after.isdecimal() else parsedate_to_datetime(retry_after) - now
        )
    except (ValueError, TypeError, OverflowError):
        return None
    return max(timedelta(0), min(rest, LONGEST_REST))
