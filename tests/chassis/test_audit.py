"""The audit log: written with what it tells of, sealed into a chain, and no edit of it goes unseen (promise 14)."""

from uuid import uuid4

from contracts.audit import AuditAction
from services.chassis.access import Actor
from services.chassis.scope import transaction
from services.chassis.transaction import Transaction
from tests.under_test import ServiceUnderTest

STREET, COMMUNITY = "350503001000", "350503001001"


async def test_a_row_is_there_with_what_it_tells_of_or_not_at_all(registry: ServiceUnderTest) -> None:
    child = uuid4()
    actor = Actor(str(uuid4()), frozenset({"reader"}), STREET)
    async with registry.pool.acquire() as connection, transaction(connection, STREET[:9]):
        cause = registry.running.own_cause()
        tx = Transaction(connection, registry.clock.now(), actor, cause)
        await tx.audit(AuditAction.RECORD_READ, about=[child, uuid4()], region=COMMUNITY, reason="care.visit")
    assert await registry.count("audit") == 2
    assert await registry.pool.fetchval("SELECT seal_audit(500)") == 2
    assert await registry.pool.fetchval("SELECT seal_audit(500)") == 0
    assert await registry.count("audit WHERE seq IN (1, 2)") == 2
