"""What activities does when a guardian names who fetches a child, and when a child is handed over (A27)."""

from contracts.activities.v1 import (
    AttendanceMark,
    AttendanceMethod,
    AuthorisePickUp,
    ChildHandedOver,
    EndPickUp,
    HandOver,
    HandOverState,
    ListPickUps,
    PickUpAuthorised,
    PickUps,
    PickUpState,
)
from contracts.refusals import Refusal
from services.activities import activities
from services.activities.attendance import facts
from services.activities.attendance import rules as attendances
from services.activities.attendance.rules import Attendance, Scan
from services.activities.attendance.store import add_scans, find_expected, find_present, set_attendances
from services.activities.custody import pick_ups, rules, store
from services.activities.custody.rules import Receiver
from services.activities.gates.store import find_cares
from services.activities.sessions.rules import Session
from services.activities.sessions.scope import find_permitted, lock_permitted
from services.chassis import Transaction
from services.chassis.access import decide
from services.chassis.clock import day_of


@activities.decides(AuthorisePickUp)
async def authorise_pick_up(command: AuthorisePickUp, tx: Transaction) -> PickUpState | Refusal:
    region = await store.find_site_region(tx, command.site_id)
    refusal = decide(tx.actor, command.contract.permission, region) if region else None
    if refusal:
        return refusal
    await store.lock_child(tx, command.child_id)
    kin = await store.find_kin(tx, [command.child_id, command.person_id])
    refusal = rules.may_authorise(command, kin.get(command.child_id), kin.get(command.person_id), region is not None)
    if refusal or region is None:
        return refusal or Refusal("unknown-site", site_id=str(command.site_id))
    known = await store.find_pick_up(tx, command.pick_up_id)
    same = await store.find_same(tx, command.child_id, command.person_id, command.site_id)
    refusal = rules.is_given_already(known, same, day_of(tx.now))
    if refusal:
        return refusal

    if same is not None:  # its last day is over
        await pick_ups.end(tx, same.pick_up_id)
    pick_up = await store.add_pick_up(tx, command, region)
    pick_ups.say(tx, PickUpAuthorised, pick_up)
    return rules.state_of(pick_up)


@activities.decides(EndPickUp)
async def end_pick_up(command: EndPickUp, tx: Transaction) -> PickUpState | Refusal:
    found = await store.find_pick_up(tx, command.pick_up_id)
    if found is None:
        return Refusal("unknown-pick-up")
    await store.lock_child(tx, found.child_id)
    pick_up = await store.find_pick_up(tx, command.pick_up_id) or found
    child = (await store.find_kin(tx, [pick_up.child_id])).get(pick_up.child_id)
    refusal = decide(tx.actor, command.contract.permission, pick_up.region)
    if refusal is None and command.given_by not in (pick_up.given_by, child.guardian_id if child else None):
        refusal = Refusal("not-the-guardian")
    if refusal is None and pick_up.ended_at is not None:
        refusal = Refusal("pick-up-ended")
    if refusal:
        return refusal

    return rules.state_of(await pick_ups.end(tx, pick_up.pick_up_id))


@activities.answers(ListPickUps)
async def list_pick_ups(query: ListPickUps, tx: Transaction) -> PickUps | Refusal:
    session = await find_permitted(tx, query)
    if isinstance(session, Refusal):
        return session
    place = query.session_id, query.child_id
    is_here = await find_expected(tx, [place]) or await find_present(tx, [place])
    child = (await store.find_kin(tx, [query.child_id])).get(query.child_id) if is_here else None
    if child is None:
        return Refusal("unknown-person", person_id=str(query.child_id))
    found = await store.list_pick_ups(tx, query.child_id, session.site_id, session.day)
    return PickUps(
        child_id=query.child_id,
        guardian_id=child.guardian_id,
        pick_ups=tuple(rules.state_of(each) for each in found),
    )


@activities.decides(HandOver)
async def hand_over(command: HandOver, tx: Transaction) -> HandOverState | Refusal:
    session = await lock_permitted(tx, command)
    if isinstance(session, Refusal):
        return session
    if await store.is_hand_over(tx, command.hand_over_id):
        return Refusal("hand-over-exists", hand_over_id=str(command.hand_over_id))
    place = command.session_id, command.child_id
    child = (await store.find_kin(tx, [command.child_id])).get(command.child_id)
    stay = (await find_present(tx, [place])).get(place)
    receiver = await _receiver(tx, command, session)
    refusal = rules.may_hand_over(command, session, child, stay, receiver, tx.now)
    if refusal or stay is None:
        return refusal or Refusal("not-inside")
    return await _hand_over(tx, command, session, attendances.left(stay, command.occurred_at))


async def _receiver(tx: Transaction, command: HandOver, session: Session) -> Receiver:
    checker, themselves = command.checked_by, (tx.actor.id, str(command.received_by))
    second = checker is not None and str(checker) not in themselves
    return Receiver(
        pick_up=await store.find_same(tx, command.child_id, command.received_by, session.site_id),
        fetched_before=await store.has_fetched(tx, command.child_id, command.received_by),
        checker_on_duty=bool(second and checker and await store.is_on_duty(tx, session, checker, session.day)),
    )


async def _hand_over(tx: Transaction, command: HandOver, session: Session, gone: Attendance) -> HandOverState:
    """Ends the stay, keeps the signed record, and says both."""
    cares = await find_cares(tx, [session.session_id])
    due_at = cares[session.session_id].due_at(session) if session.session_id in cares else session.ends_at
    scan = Scan(
        gone.session_id,
        gone.person_id,
        AttendanceMark.CHECK_OUT,
        AttendanceMethod.ASSISTED,
        command.hand_over_id,
        command.occurred_at,
    )
    await set_attendances(tx, [gone])
    await add_scans(tx, [(scan, gone)])
    await store.add_hand_over(tx, command, gone, session.region)
    version = (await store.next_of_children(tx, [command.child_id]))[command.child_id]
    left = facts.recorded(gone, scan.mark, scan.method, command.occurred_at)
    fact = ChildHandedOver(
        child_id=command.child_id,
        session_id=session.session_id,
        attendance_id=gone.attendance_id,
        hand_over_id=command.hand_over_id,
        received_by=command.received_by,
        occurred_at=command.occurred_at,
        late=command.occurred_at > due_at,
    )
    tx.say(left, region=session.region, version=gone.version)
    tx.say(fact, region=session.region, version=version)
    return HandOverState(**command.model_dump(exclude={"signature"}), version=version)
