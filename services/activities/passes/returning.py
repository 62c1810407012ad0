"""Visits are given back: a check-in was taken back, or its session was called off (A21, A33)."""

from collections.abc import Collection
from uuid import UUID

from contracts.activities.v1 import PassReturned, PassUsed
from services.activities.passes import rules, store
from services.activities.passes.rules import PassBook, Use
from services.activities.sessions.rules import Session
from services.chassis import Transaction
from services.chassis.transaction import Cause


async def give_back(tx: Transaction, attendances: Collection[UUID]) -> None:
    """Gives back what these check-ins took, if anything; their sessions are locked."""
    uses = await store.find_uses(tx, attendances) if attendances else []
    if not uses:
        return
    passes = await store.lock_passes(tx, {pass_id for _, _, pass_id in uses})
    returned = rules.given_back(passes, uses)
    await store.set_returned(tx, returned)
    for use in returned:
        tx.say(PassReturned(**_facts(use)), region=use.after.region, version=use.after.version)


async def give_back_in(tx: Transaction, session_id: UUID) -> None:
    """Gives back every visit taken in a locked session."""
    await give_back(tx, await store.find_uses_in(tx, session_id))


def say_used(tx: Transaction, use: Use, cause: Cause) -> None:
    tx.say(PassUsed(**_facts(use)), region=use.after.region, version=use.after.version, cause=cause)


async def take_afterwards(tx: Transaction, session: Session, came: Collection[tuple[UUID, UUID]]) -> None:
    """Takes a visit for each (attendance, person) that a correction adds, where there is one: she has been there."""
    needing = await store.find_needing(tx, [session.session_id]) if came else set()
    if not needing:
        return
    book = PassBook(needing, await store.lock_passes_of(tx, {person for _, person in came}, [session.site_id]))
    for attendance_id, person_id in came:
        course_pass = book.may_enter(session, person_id, session.day)
        if isinstance(course_pass, rules.CoursePass):
            book.use(course_pass, session.session_id, attendance_id)
    if book.uses:
        await store.add_uses(tx, book.uses.values())
    for use in book.uses.values():
        say_used(tx, use, tx.cause)


def _facts(use: Use) -> dict[str, UUID | int]:
    return {
        "pass_id": use.after.pass_id,
        "person_id": use.after.person_id,
        "session_id": use.session_id,
        "attendance_id": use.attendance_id,
        "used": use.after.used,
        "visits": use.after.visits,
    }
