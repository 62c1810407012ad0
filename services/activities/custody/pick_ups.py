"""An authorisation to fetch a child ends, and that is said: by its giver, by a new one, with a person who is erased."""

from uuid import UUID

from contracts.activities.v1 import PickUpAuthorised, PickUpEnded
from services.activities.custody import store
from services.activities.custody.rules import PickUp
from services.chassis import Transaction
from services.chassis.transaction import Cause


async def end(tx: Transaction, pick_up_id: UUID, cause: Cause | None = None) -> PickUp:
    """The authorisation as it is now; the child is locked, and nobody ended it before."""
    ended = await store.end_pick_up(tx, pick_up_id)
    say(tx, PickUpEnded, ended, cause)
    return ended


def say(
    tx: Transaction, kind: type[PickUpAuthorised | PickUpEnded], pick_up: PickUp, cause: Cause | None = None
) -> None:
    fact = kind(
        pick_up_id=pick_up.pick_up_id,
        child_id=pick_up.child_id,
        person_id=pick_up.person_id,
        site_id=pick_up.site_id,
    )
    tx.say(fact, region=pick_up.region, version=pick_up.version, cause=cause)
