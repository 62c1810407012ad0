"""What a person may do today: her posts, and those in which she stands in."""

from uuid import UUID

from contracts.registry.v1 import Office
from services.chassis import Transaction
from services.chassis.clock import day_of
from services.registry.appointments import rules, store


async def offices_of(tx: Transaction, person_id: UUID) -> tuple[Office, ...]:
    """Her offices on this day in China, own ones first."""
    today = day_of(tx.now)
    return rules.offices(await store.list_held(tx, person_id, today, today))
