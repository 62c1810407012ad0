"""Lets go of records whose time is over, class by class, each by its own durable timer (X17, PIPL 47).

What is a class, and when its time is over, is data: migrations/0007_record_classes.sql. The database deletes; the
service may ask for that, and delete nothing by itself. Proof are a row of the audit log and a fact in the archive.
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Final

from uuid_utils.compat import uuid7

from contracts.audit import AuditAction
from contracts.region import NOWHERE
from contracts.retention import Purged

from .clock import SHANGHAI
from .handlers import Due, Service
from .running import Running
from .scope import EVERYWHERE, transaction
from .transaction import Transaction

PURGE: Final = "purge-records"
FIND_CLASSES: Final = """
SELECT record_class, source, days, timer_id FROM record_class WHERE timer_id = ANY ($1::uuid[]) AND days IS NOT NULL
ORDER BY record_class
"""
# A timer that waits stays as it is; one that has fired and was forgotten is set again.
SET_MISSING: Final = """
INSERT INTO timer (kind, key, due_at) SELECT $1, timer_id, $2 FROM record_class WHERE days IS NOT NULL
ON CONFLICT DO NOTHING
"""
PURGE_RECORDS: Final = "SELECT gone, kept FROM purge_records($1, $2, $3)"
BATCH: Final = 1_000
NIGHT: Final = time(3, 30)


def purge_by_schedule(service: Service, fact: type[Purged]) -> None:
    """Lets a service go through its classes every night, and say by `fact` what it let go of."""

    async def purge(due: Sequence[Due], tx: Transaction) -> None:
        for row in await tx.fetch(FIND_CLASSES, [each.key for each in due]):
            counted = await tx.find(PURGE_RECORDS, row["record_class"], tx.now, BATCH)
            gone, held = (counted["gone"], counted["kept"]) if counted else (0, 0)
            tx.set_timer(PURGE, row["timer_id"], tx.now if gone == BATCH else next_night(tx.now))
            if gone:
                await _say(tx, fact, row["record_class"], row["source"], row["days"], gone, held)

    async def keep_timers(running: Running) -> None:
        async with running.pool.acquire() as connection, transaction(connection, EVERYWHERE):
            await connection.execute(SET_MISSING, PURGE, running.clock.now())
        await running.stopping.wait()

    service.when_due(PURGE)(purge)
    service.works(f"{service.name}-retention-schedule")(keep_timers)


async def _say(
    tx: Transaction, fact: type[Purged], record_class: str, source: str, days: int, gone: int, held: int
) -> None:
    run = uuid7()
    await tx.audit(AuditAction.RECORDS_PURGED, thing=run, reason=record_class)
    told = fact(record_id=run, record_class=record_class, gone=gone, held=held, days=days, source=source)
    tx.say(told, region=NOWHERE, version=1)


def next_night(now: datetime) -> datetime:
    """Half past three in Shanghai, when few work."""
    tonight = datetime.combine(now.astimezone(SHANGHAI).date(), NIGHT, SHANGHAI)
    return tonight if tonight > now else tonight + timedelta(days=1)
