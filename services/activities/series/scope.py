"""Which series a request may change, and which of its sessions are meant (A3)."""

from collections.abc import Sequence
from uuid import UUID

from contracts.activities.v1 import AmendScope, AmendSeries, CancelSeries, ChangeSeriesRule
from contracts.refusals import Refusal
from services.activities.series import store
from services.activities.series.store import Series
from services.activities.sessions.rules import Session
from services.chassis import Transaction
from services.chassis.access import decide


async def lock_permitted_series(
    tx: Transaction, asked: AmendSeries | ChangeSeriesRule | CancelSeries, permission: str
) -> Series | Refusal:
    """The series of a request, locked. Refusals: unknown-series, not-permitted, series-cancelled."""
    series = await store.lock_series(tx, asked.series_id)
    if series is None:
        return Refusal("unknown-series", series_id=str(asked.series_id))
    denied = decide(tx.actor, permission, series.region)
    if denied is None and series.cancelled:
        return Refusal("series-cancelled", series_id=str(asked.series_id))
    return denied or series


def in_scope(ahead: Sequence[Session], scope: AmendScope, session_id: UUID | None) -> list[Session]:
    """The sessions that are meant, of those that lie ahead by start. None where `session_id` is not among them."""
    if scope is AmendScope.ALL:
        return list(ahead)
    place = next((number for number, each in enumerate(ahead) if each.session_id == session_id), len(ahead))
    return list(ahead[place : place + 1] if scope is AmendScope.THIS else ahead[place:])
