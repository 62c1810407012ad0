"""What activities does when a programme takes children into care, and when a gate is due to be looked at."""

from collections.abc import Sequence

from contracts.activities.v1 import CareSet, CareState, DutyEntry, GateState, GetGate, SetCare
from contracts.refusals import Refusal
from services.activities import activities
from services.activities.gates import rules, store
from services.activities.gates.looking import LOOK, LOOK_AGAIN, MOVED, arm, look
from services.activities.programmes.store import find_programme
from services.activities.sessions.scope import find_permitted
from services.activities.sessions.store import find_planned
from services.chassis import Due, Transaction
from services.chassis.access import decide


@activities.decides(SetCare)
async def set_care(command: SetCare, tx: Transaction) -> CareState | Refusal:
    """Sessions that are planned already are looked at too, from the day before on."""
    programme = await find_programme(tx, command.programme_id)
    if programme is None:
        return Refusal("unknown-programme", programme_id=str(command.programme_id))
    region = programme.created.region
    refusal = decide(tx.actor, command.contract.permission, region)
    if refusal:
        return refusal

    care = await store.set_care(tx, command, region)
    await arm(tx, await store.list_ahead(tx, command.programme_id))
    fact = CareSet(**{name: getattr(care, name) for name in CareSet.model_fields})
    tx.say(fact, region=region, version=care.version)
    return CareState(**{name: getattr(care, name) for name in CareState.model_fields})


@activities.when_due(MOVED)
async def look_at_the_new_times(due: Sequence[Due], tx: Transaction) -> None:
    await arm(tx, list((await find_planned(tx, [each.key for each in due])).values()))


@activities.when_due(LOOK)
async def look_the_day_before(due: Sequence[Due], tx: Transaction) -> None:
    await look(tx, [each.key for each in due])


@activities.when_due(LOOK_AGAIN)
async def look_before_it_opens(due: Sequence[Due], tx: Transaction) -> None:
    """Families may have come or gone since: the ratio is that of the hour before."""
    await look(tx, [each.key for each in due])


@activities.answers(GetGate)
async def get_gate(query: GetGate, tx: Transaction) -> GateState | Refusal:
    session = await find_permitted(tx, query)
    if isinstance(session, Refusal):
        return session
    id = session.session_id
    care = (await store.find_cares(tx, [id])).get(id)
    if care is None:
        return Refusal("not-in-care")
    on_duty = (await store.list_on_duty(tx, [id])).get(id, [])
    found = rules.judge(care, session, (await store.count_children(tx, [id])).get(id, 0), on_duty)
    day = session.day
    return GateState(
        session_id=id,
        reason=found.reason,
        children=found.children,
        adults_needed=found.needed,
        adults_cleared=found.cleared,
        on_duty=tuple(
            DutyEntry(
                person_id=each.person_id,
                volunteer_id=each.volunteer_id,
                cleared=each.cleared_on(day),
                cleared_until=each.cleared_until,
            )
            for each in on_duty
        ),
        substitutes=await store.list_substitutes(tx, session) if found.reason else (),
    )
