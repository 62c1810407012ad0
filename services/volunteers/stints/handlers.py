"""What volunteers does when a helper comes, goes, or forgets to say that she went."""

from collections.abc import Sequence
from uuid import UUID

from contracts.refusals import Refusal
from contracts.volunteers.v1 import (
    CheckInVolunteer,
    CheckOutVolunteer,
    ListStintsToApprove,
    PendingStints,
    StintClosed,
    StintOpened,
    StintStatus,
)
from services.chassis import Asked, Due, Transaction
from services.chassis.access import decide
from services.chassis.transaction import Cause
from services.volunteers import volunteers
from services.volunteers.roster.store import lock_people_of
from services.volunteers.stints import rules, store
from services.volunteers.stints.arrivals import Arrivals
from services.volunteers.stints.rules import Stint, state_of

FORGOTTEN = "stint-forgotten"
MOST_LISTED = 200


@volunteers.decides_many(CheckInVolunteer)
async def check_in(requests: Sequence[Asked[CheckInVolunteer]], tx: Transaction) -> None:
    commands = [asked.data for asked in requests]
    people = await lock_people_of(tx, {each.volunteer_id for each in commands})
    places = await store.list_places(tx, {(each.shift_id, each.volunteer_id) for each in commands})
    arrivals = Arrivals(
        regions=await store.list_shift_regions(tx, {each.shift_id for each in commands}),
        places=places,
        used=await store.list_used_ids(tx, {each.stint_id for each in commands}),
        stints=await store.list_stints_after(tx, people, min(each.occurred_at for each in commands)),
    )

    opened: list[Stint] = []
    for asked in requests:  # in order of arrival: a second check-in of one person meets the first
        region = arrivals.regions.get(asked.data.shift_id)
        denied = decide(asked.actor, CheckInVolunteer.contract.permission, region) if region else None
        outcome = denied or arrivals.admit(asked.data, asked.actor.id, tx.now)
        if isinstance(outcome, Refusal):
            asked.answer(outcome)
            continue
        opened.append(outcome)
        asked.answer(state_of(outcome))
        tx.set_timer(FORGOTTEN, outcome.stint_id, rules.forgotten_at(outcome, tx.now), asked.cause)
        tx.say(_opened(outcome), region=outcome.region, version=outcome.version, cause=asked.cause)

    await store.add_stints(tx, opened)


@volunteers.decides_many(CheckOutVolunteer)
async def check_out(requests: Sequence[Asked[CheckOutVolunteer]], tx: Transaction) -> None:
    stints = await store.lock_stints(tx, {asked.data.stint_id for asked in requests})

    closed: list[Stint] = []
    for asked in requests:
        stint = stints.get(asked.data.stint_id)
        if stint is None:
            asked.answer(Refusal("unknown-stint", stint_id=str(asked.data.stint_id)))
            continue
        refusal = decide(asked.actor, CheckOutVolunteer.contract.permission, stint.region)
        refusal = refusal or rules.may_close(stint, asked.data.occurred_at, tx.now)
        if refusal:
            asked.answer(refusal)
            continue
        stints[stint.stint_id] = stint = rules.closed(stint, asked.data.occurred_at, asked.actor.id)
        closed.append(stint)
        asked.answer(state_of(stint))
        _say_closed(tx, stint, asked.cause)

    await store.set_closed(tx, closed)


@volunteers.when_due(FORGOTTEN)
async def close_forgotten(due: Sequence[Due], tx: Transaction) -> None:
    """Closes what is still open; a stint that was closed in time is left as it is.

    A check-out does not take the timer back: it would wait for the timer's row while the timer waits for the stint's.
    """
    stints = await store.lock_stints(tx, {each.key for each in due})
    causes: dict[UUID, Cause] = {each.key: each.cause for each in due}
    closed = [
        rules.closed_by_rule(stint, by=tx.actor.id) for stint in stints.values() if stint.status is StintStatus.OPEN
    ]
    await store.set_closed(tx, closed)
    for stint in closed:
        _say_closed(tx, stint, causes[stint.stint_id])


@volunteers.answers(ListStintsToApprove)
async def list_stints_to_approve(query: ListStintsToApprove, tx: Transaction) -> PendingStints:
    stints = await store.list_to_approve(tx, query.region, MOST_LISTED)
    return PendingStints(stints=tuple(state_of(stint) for stint in stints))


def _opened(stint: Stint) -> StintOpened:
    return StintOpened(
        stint_id=stint.stint_id,
        shift_id=stint.shift_id,
        volunteer_id=stint.volunteer_id,
        person_id=stint.person_id,
        occurred_at=stint.checked_in_at,
    )


def _say_closed(tx: Transaction, stint: Stint, cause: Cause) -> None:
    fact = StintClosed(
        stint_id=stint.stint_id,
        shift_id=stint.shift_id,
        volunteer_id=stint.volunteer_id,
        person_id=stint.person_id,
        minutes=stint.minutes or 0,
        grade=stint.grade,
        auto=stint.status is StintStatus.AUTO_CLOSED,
    )
    tx.say(fact, region=stint.region, version=stint.version, cause=cause)
