"""What activities does when a person is erased, and what it tells of a person for her own copy."""

from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from contracts.activities.v1 import ActivitiesRecordsPurged, HeldByActivities
from contracts.envelope import CloudEvent
from contracts.holdings import HeldFact, HeldRecord, Holdings
from contracts.registry.v1 import PersonErased
from services.activities import activities
from services.activities.custody import pick_ups
from services.activities.custody.store import find_kin, find_pick_up, lock_child
from services.activities.enrolment.facts import withdrawn
from services.activities.enrolment.family import changed
from services.activities.enrolment.rules import Enrolment, StepKind, may_withdraw
from services.activities.enrolment.store import find_enrolments, find_sessions_of
from services.activities.health_notes.sealing import PURPOSE as HEALTH
from services.activities.lectures.store import forget_speakers
from services.activities.offers.seats import end_all
from services.activities.rights import rules, store
from services.activities.sealing import fetch_keys, opened
from services.activities.sessions.rules import Session
from services.activities.sessions.store import lock_sessions
from services.activities.visits.handlers import PURPOSE as VISIT
from services.chassis import Due, Transaction
from services.chassis.handlers import Ask
from services.chassis.holdings import MOST_RECORDS, holdings
from services.chassis.purging import purge_by_schedule
from services.chassis.transaction import Cause

purge_by_schedule(activities, ActivitiesRecordsPurged)

LET_GO_AGAIN: Final = "let-go-of-erased-again"
WORDS: Final = {"health_note": ("text", HEALTH), "visit": ("note", VISIT)}
"""What is told in words of a person, by kind of record: under which name, and for which purpose it is sealed."""
SETTLED: Final = timedelta(minutes=2)
"""What was being decided while the fact was on its way has ended by then, and nobody knows the person any more."""


@activities.reacts_to(PersonErased, durable="activities-let-go-of-erased")
async def let_go_of_erased(events: Sequence[CloudEvent[Any]], tx: Transaction) -> None:
    """Gives back what the erased had before them: enrolments of which nobody else is part.

    A family's enrolment stays, and another of them answers for it. Health notes, what was written of their households,
    permissions to fetch, private calendars and standing go; lectures name no speaker. What is over stays as it was
    counted, under ids that mean nobody any more.
    """
    await _let_go(tx, [event.data.person_id for event in events], tx.because_of(events[0].id))
    for event in events:
        tx.set_timer(LET_GO_AGAIN, event.data.person_id, tx.now + SETTLED, tx.because_of(event.id))


@activities.when_due(LET_GO_AGAIN)
async def let_go_again(due: Sequence[Due], tx: Transaction) -> None:
    await _let_go(tx, [each.key for each in due], tx.because_of(due[0].key))


async def _let_go(tx: Transaction, people: Sequence[UUID], cause: Cause) -> None:
    await store.add_erased(tx, people)
    await store.forget_health_notes(tx, people)
    await forget_speakers(tx, list(people))
    await store.forget_visit_notes(tx, people)
    await store.revoke_feeds(tx, people)
    await store.forget_standing(tx, people)
    ids = await store.list_open_of(tx, people)
    sessions = await lock_sessions(tx, await find_sessions_of(tx, ids))
    open_ones = [
        each for each in await find_enrolments(tx, ids) if may_withdraw(each, sessions[each.session_id], tx.now) is None
    ]
    involved = {person for each in open_ones for person in (each.contact_id, *each.people)}
    gone, kin = await store.list_erased(tx, involved), await find_kin(tx, involved)
    answering = {each.enrolment_id: rules.who_answers(each, gone, kin) for each in open_ones}
    for each in open_ones:
        contact = answering[each.enrolment_id]
        if contact not in (None, each.contact_id):
            await _hand_on(tx, replace(each, contact_id=contact, version=each.version + 1), sessions, cause)
    alone = [each for each in open_ones if answering[each.enrolment_id] is None]
    await end_all(tx, sessions, alone, StepKind.WITHDRAWN, withdrawn, lambda _: cause)
    await store.forget_households(tx, people)
    await _end_pick_ups(tx, people, cause)


async def _hand_on(tx: Transaction, enrolment: Enrolment, sessions: Mapping[UUID, Session], cause: Cause) -> None:
    """`enrolment` is it as it is from now on, with the contact that answers for it."""
    await store.set_contact(tx, enrolment.enrolment_id, enrolment.contact_id)
    tx.say(changed(enrolment), region=sessions[enrolment.session_id].region, version=enrolment.version, cause=cause)


async def _end_pick_ups(tx: Transaction, people: Sequence[UUID], cause: Cause) -> None:
    """Nobody is fetched by, or on the word of, somebody who was erased; what was signed stays."""
    for pick_up_id, child_id in await store.list_pick_ups(tx, people):
        await lock_child(tx, child_id)
        found = await find_pick_up(tx, pick_up_id)
        if found is not None and found.ended_at is None:
            await pick_ups.end(tx, pick_up_id, cause)


class Held(Holdings):
    """On its way out of the transaction, with whose it is."""

    person_id: UUID


async def open_notes(held: Held, ask: Ask) -> Holdings:
    """Her copy says what was written of her health and household; keys are asked for where something is sealed."""
    records = held.records
    for kind, (field, purpose) in WORDS.items():
        if any(record.kind == kind and _sealed(record) for record in records):
            key = (await fetch_keys([held.person_id], ask, purpose)).get(held.person_id)
            records = tuple(_with_text(record, field, key) if record.kind == kind else record for record in records)
    return Holdings(service=held.service, records=records, cut=held.cut)


def _sealed(record: HeldRecord) -> str | None:
    return next((fact.value for fact in record.facts if fact.name == "sealed"), None)


def _with_text(record: HeldRecord, field: str, key: bytes | None) -> HeldRecord:
    sealed = _sealed(record)
    text = opened(key, record.record_id, b64decode(sealed)) if key and sealed else None
    told = (HeldFact(name=field, value=text),) if text is not None else ()
    return record.model_copy(update={"facts": (*(each for each in record.facts if each.name != "sealed"), *told)})


@activities.answers(HeldByActivities, then=open_notes)
async def tell_what_is_held(query: HeldByActivities, tx: Transaction) -> Held:
    found = holdings(activities.name, await store.list_held(tx, query.person_id, MOST_RECORDS + 1))
    return Held(**dict(found), person_id=query.person_id)
