"""Seals the notes that an earlier release kept open: once after an upgrade, then there is nothing left to do."""

from typing import Final

from services.activities import activities
from services.activities.health_notes import store
from services.activities.health_notes.sealing import PURPOSE
from services.activities.sealing import fetch_keys, sealed
from services.chassis import Transaction
from services.chassis.running import Running
from services.chassis.scope import EVERYWHERE, transaction

BATCH: Final = 200


@activities.works("activities-seal-earlier-notes")
async def seal_earlier_notes(running: Running) -> None:
    while await seal_batch(running) and not running.stopping.is_set():
        pass
    await running.stopping.wait()


async def seal_batch(running: Running) -> int:
    """At most 200 notes; how many there were. One of a child that registry knows no more is erased."""
    async with running.pool.acquire() as connection, transaction(connection, EVERYWHERE):
        notes = await store.list_open(_tx(connection, running), BATCH)
    keys = await fetch_keys({note["child_id"] for note in notes}, running.ask, PURPOSE)
    known = {note["note_id"]: note for note in notes if note["child_id"] in keys}
    async with running.pool.acquire() as connection, transaction(connection, EVERYWHERE):
        tx = _tx(connection, running)
        await store.set_sealed(tx, {id: sealed(keys[note["child_id"]], id, note["text"]) for id, note in known.items()})
        await store.erase_notes(tx, [note["note_id"] for note in notes if note["note_id"] not in known])
    return len(notes)


def _tx(connection: object, running: Running) -> Transaction:
    return Transaction(connection, running.clock.now(), running.actor, running.own_cause())  # type: ignore[arg-type]
