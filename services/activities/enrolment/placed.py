"""Writes down who was placed: enrolments, what is left of each session, and of which quotas the seats are."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from contracts.activities.v1 import Enrol
from services.activities.enrolment import store
from services.activities.enrolment.rules import Placing, Seats
from services.chassis import Transaction


async def save_placed(tx: Transaction, placed: Sequence[tuple[Enrol, Placing]], seats: Mapping[UUID, Seats]) -> None:
    """New enrolments in order of arrival; `seats` are those of their sessions, whose rows are locked."""
    await store.add_enrolments(tx, placed, seats)
    shares = [(request.enrolment_id, placing.share) for request, placing in placed if placing.share is not None]
    if shares:
        await store.set_shares(tx, shares)
        await store.set_quotas(tx, [(id, each.quotas) for id, each in seats.items() if each.quotas is not None])
