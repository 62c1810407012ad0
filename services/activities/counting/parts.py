"""A large session is booked in parts: the first with its closing, the others by a timer, each in the time of a handler.

Its closing says the whole number at once. Sums and facts grow together with every part, so that they agree at any
instant; until the last, the session can neither be corrected nor be frozen with its period.
"""

from collections.abc import Sequence
from typing import Final

from uuid_utils.compat import uuid7

from services.activities import activities
from services.activities.counting import ledger, store
from services.activities.counting.ledger import Move
from services.activities.counting.rules import Came, Subject
from services.activities.counting.store import Change, Head
from services.activities.sessions.store import lock_session
from services.chassis import Due, Transaction

PART: Final = 1_000
"""People of one transaction: each is written in some sixteen sums of her (decision 0016)."""
COUNT_ON: Final = "count-on"


async def begin(tx: Transaction, subject: Subject, heads: Sequence[Head], declared: int) -> None:
    """Books the first part of a session that is locked and has just been closed."""
    await store.add_subject(tx, subject, declared, whole=len(heads) <= PART)
    first = heads[:PART]
    change = Change(subject.session_id, "counted", "counted")
    after = Came(store.bands_of(first), declared)
    await ledger.post(tx, subject, change, Move(come=first, gone=(), before=Came({}), after=after))
    if len(heads) > PART:
        tx.set_timer(COUNT_ON, subject.session_id, tx.now)


@activities.when_due(COUNT_ON)
async def count_on(due: Sequence[Due], tx: Transaction) -> None:
    """The next heads of as many sessions as make one part; for what is left the timer is set anew."""
    room = PART
    for each in sorted(due, key=lambda one: one.key):
        done = await _book(tx, each, room) if room else None
        if done is None or done == room:
            tx.set_timer(COUNT_ON, each.key, tx.now, tx.because_of(each.key))
        room -= done or 0


async def _book(tx: Transaction, due: Due, most: int) -> int:
    """How many heads were booked; fewer than `most` when the session is whole now."""
    session = await lock_session(tx, due.key)
    found = await store.find_subject(tx, due.key)
    assert session is not None, "a closed session stays"
    assert found is not None, "its subject came with the closing"
    subject, declared = found
    heads = await store.list_uncounted(tx, subject.session_id, most)
    if heads:
        before = store.bands_of(await store.list_heads(tx, subject.session_id))
        after = {**before, **store.bands_of(heads)}
        move = Move(come=heads, gone=(), before=Came(before, declared), after=Came(after, declared))
        await ledger.post(tx, subject, Change(uuid7(), "counted", "counted"), move)
    if len(heads) < most:
        await store.set_whole(tx, subject.session_id)
    return len(heads)
