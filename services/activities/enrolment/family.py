"""What activities does when other people come than were named (A9)."""

from dataclasses import replace

from contracts.activities.v1 import ChangeFamily, EnrolmentState, EnrolmentStatus, FamilyChanged
from contracts.refusals import Refusal
from services.activities import activities
from services.activities import store as replicas
from services.activities.enrolment import eligibility, facts, rules, store, terms
from services.activities.enrolment.desk import PLAIN
from services.activities.enrolment.quotas import Party
from services.activities.enrolment.rules import Enrolment, Step, StepKind
from services.activities.offers.seats import lock_permitted_enrolment, offer_to_next, read_seats, save_seats
from services.activities.sessions.rules import Session
from services.chassis import Transaction


@activities.decides(ChangeFamily)
async def change_family(command: ChangeFamily, tx: Transaction) -> EnrolmentState | Refusal:
    found = await lock_permitted_enrolment(tx, command)
    if isinstance(found, Refusal):
        return found
    session, before = found
    party = await _may_come(command, session, before, tx)
    if isinstance(party, Refusal):
        return party
    seats = await read_seats(tx, session)
    moved = rules.exchange(seats, before, party)
    if isinstance(moved, Refusal):
        return moved
    share, after = moved

    again = terms.needs_approval(session.terms) and not set(command.people) <= set(before.people)
    now = rules.changed(before, command.people, share, again)
    if before.status is EnrolmentStatus.WAITING and now.status is not before.status:
        after = replace(after, waiting=after.waiting - 1)
    await store.set_people(tx, now, before.people, session.region)
    await store.set_shares(tx, [(now.enrolment_id, share)])
    await store.set_status(tx, now)
    await store.add_steps(tx, [Step(now.enrolment_id, now.session_id, StepKind.CHANGED, now.seats, seats.free)])
    tx.say(facts.requested_again(now) if again else changed(now), region=session.region, version=now.version)
    await save_seats(tx, session, await offer_to_next(tx, session, after))
    [stands] = await store.find_enrolments(tx, [now.enrolment_id])
    return rules.state_of(stands, await store.find_position(tx, stands))


async def _may_come(command: ChangeFamily, session: Session, enrolment: Enrolment, tx: Transaction) -> Party | Refusal:
    """The new party, or why it may not come."""
    refusal = rules.may_change(enrolment, session, tx.now)
    if refusal:
        return refusal
    if len(set(command.people)) < len(command.people):
        return Refusal("already-enrolled", enrolment_id=str(enrolment.enrolment_id))
    for holder in await store.find_holders(tx, session.session_id, command.people):
        if holder != enrolment.enrolment_id:
            return Refusal("already-enrolled", enrolment_id=str(holder))
    known = await replicas.find_people(tx, {enrolment.contact_id, *command.people})
    refusal = eligibility.may_take_part(command.people, enrolment.contact_id, known, session)
    if refusal is None:
        homes = {each: known[each].region for each in command.people}
        refusal = next(terms.lives_near(session.terms or PLAIN, homes), None)
    if refusal:
        return refusal
    minors = sum(known[each].age_band.is_minor for each in command.people)
    return Party(len(command.people), minors, enrolment.household)


def changed(enrolment: Enrolment) -> FamilyChanged:
    return FamilyChanged(
        enrolment_id=enrolment.enrolment_id,
        session_id=enrolment.session_id,
        contact_id=enrolment.contact_id,
        people=enrolment.people,
        seats=enrolment.seats,
        status=enrolment.status,
    )
