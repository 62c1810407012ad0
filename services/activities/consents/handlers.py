"""What activities does when a consent ends: what rested on it ends too, and is listed (X16, PIPL 15 and 47)."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from contracts.activities.v1 import (
    ConsentWithdrawalApplied,
    ListWithdrawalEffects,
    WithdrawalEffects,
)
from contracts.envelope import CloudEvent
from contracts.registry.v1 import ConsentPurpose
from services.activities import activities
from services.activities import store as replicas
from services.activities.consents import rules, store
from services.activities.consents.rules import EFFECTS, Withdrawal
from services.activities.enrolment.facts import withdrawn
from services.activities.enrolment.rules import StepKind, may_withdraw
from services.activities.enrolment.store import find_enrolments, find_sessions_of
from services.activities.health_notes.store import erase_notes_of
from services.activities.offers.seats import end_all
from services.activities.sessions.store import lock_sessions
from services.chassis import Due, Transaction
from services.chassis.transaction import Cause

AGAIN: Final = "consent-withdrawn-again"
MOST: Final = 500


async def remember_photos(events: Sequence[CloudEvent[Any]], tx: Transaction) -> None:
    """Who may be photographed: the mark goes with the consent (A29)."""
    await store.set_photos(tx, rules.last_words(events, ConsentPurpose.PHOTOS))


async def end_what_rested_on_consent(events: Sequence[CloudEvent[Any]], tx: Transaction) -> None:
    """Withdraws the enrolments of whoever no longer consents to taking part, offers their seats on, and erases what was
    told of her health for it (PIPL 47).

    An enrolment is one request of a family, all or none (A8): it ends for all its people. A sign-up under way at this
    moment may have read the consent that stood: it is looked for once more after 30 s.
    """
    ended = rules.withdrawn(events, tx.now)
    if not ended:
        return
    await store.add_withdrawals(tx, ended)
    ending = [each for each in ended if each.purpose == ConsentPurpose.ACTIVITIES]
    enrolments = await _end_enrolments(ending, tx)
    await erase_notes_of(tx, [each.person_id for each in ending])
    for each in ended:
        _say_applied(each, enrolments.get(each.withdrawal_id, []), tx)
        if each.purpose == ConsentPurpose.ACTIVITIES:
            tx.set_timer(AGAIN, each.withdrawal_id, tx.now + rules.LOOK_AGAIN, tx.because_of(each.withdrawal_id))


@activities.when_due(AGAIN)
async def end_what_slipped_through(due: Sequence[Due], tx: Transaction) -> None:
    """Ends what a child was signed up for while her guardian's consent was being withdrawn, unless it stands again."""
    found = await store.lock_withdrawals(tx, [each.key for each in due])
    people = await replicas.find_people(tx, {each.person_id for each in found})
    unlawful = [
        each
        for each in found
        if each.person_id in people
        and rules.needs_consent(people[each.person_id])
        and not people[each.person_id].consented
    ]
    enrolments = await _end_enrolments(unlawful, tx)
    again = [each for each in unlawful if each.withdrawal_id in enrolments]
    await store.count_up(tx, [each.withdrawal_id for each in again])
    for each in again:
        _say_applied(each, enrolments[each.withdrawal_id], tx, version=each.version + 1)


async def _end_enrolments(ended: Sequence[Withdrawal], tx: Transaction) -> dict[UUID, list[UUID]]:
    """Ends the enrolments ahead of the persons; which ones, by withdrawal."""
    by_person = {each.person_id: each for each in ended}
    if not by_person:
        return {}
    ahead = await store.list_ahead(tx, by_person, tx.now)
    sessions = await lock_sessions(tx, await find_sessions_of(tx, ahead))
    enrolments = [
        each
        for each in await find_enrolments(tx, ahead)
        if may_withdraw(each, sessions[each.session_id], tx.now) is None
    ]
    reasons = {each.enrolment_id: by_person[ahead[each.enrolment_id]] for each in enrolments}
    await end_all(
        tx, sessions, enrolments, StepKind.WITHDRAWN, withdrawn, lambda each: _cause(reasons[each.enrolment_id], tx)
    )
    await store.add_effects(tx, [(reasons[each.enrolment_id], each) for each in enrolments])
    listed: dict[UUID, list[UUID]] = {}
    for each in enrolments:
        listed.setdefault(reasons[each.enrolment_id].withdrawal_id, []).append(each.enrolment_id)
    return listed


def _cause(why: Withdrawal, tx: Transaction) -> Cause:
    return tx.because_of(why.withdrawal_id)


def _say_applied(why: Withdrawal, enrolments: Sequence[UUID], tx: Transaction, version: int = 1) -> None:
    fact = ConsentWithdrawalApplied(
        withdrawal_id=why.withdrawal_id,
        person_id=why.person_id,
        purpose=ConsentPurpose(why.purpose),
        effects=EFFECTS[why.purpose],
        enrolments=tuple(enrolments),
    )
    tx.say(fact, region=why.region, version=version, cause=_cause(why, tx))


@activities.answers(ListWithdrawalEffects)
async def list_withdrawal_effects(query: ListWithdrawalEffects, tx: Transaction) -> WithdrawalEffects:
    """What lies in the asker's region alone: row-level security hides the rest."""
    return WithdrawalEffects(
        ended=tuple(await store.list_effects(tx, query.person_id, MOST)),
        would_end=tuple(await store.list_ahead(tx, [query.person_id], tx.now)),
        photos_agreed=query.person_id in await store.list_photographed(tx, [query.person_id]),
    )
