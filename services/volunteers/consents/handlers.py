"""What volunteers does when the consent to volunteering ends: it stops, at once, and lists what it ended (X16)."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from contracts.envelope import CloudEvent
from contracts.volunteers.v1 import ListVolunteeringEffects, VolunteeringEffects, VolunteeringWithdrawalApplied
from services.chassis import Due, Transaction
from services.volunteers import volunteers
from services.volunteers.consents import rules, store
from services.volunteers.consents.ending import end_volunteering
from services.volunteers.consents.rules import Withdrawal
from services.volunteers.roster.store import find_person

AGAIN: Final = "volunteering-withdrawn-again"
MOST: Final = 200


async def end_what_rested_on_consent(events: Sequence[CloudEvent[Any]], tx: Transaction) -> None:
    """Who no longer consents gives coming shifts back and is a member of no team; looked at once more after 30 s.

    A stint that is open goes on to its end, and hours, certificates and stints stay: the law keeps them (条例 19).
    """
    ended = rules.withdrawn(events, tx.now)
    if not ended:
        return
    await store.add_withdrawals(tx, ended)
    for each in ended:
        await _end(each, [joined.volunteer_id for joined in await store.list_serving(tx, [each.person_id])], tx)
        tx.set_timer(AGAIN, each.withdrawal_id, tx.now + rules.LOOK_AGAIN, tx.because_of(each.withdrawal_id))


@volunteers.when_due(AGAIN)
async def end_what_slipped_through(due: Sequence[Due], tx: Transaction) -> None:
    """Ends what was begun while the consent was being withdrawn, unless she consented again."""
    for each in await store.lock_withdrawals(tx, [timer.key for timer in due]):
        person = await find_person(tx, each.person_id)
        joined = await store.list_joined(tx, each.person_id)
        unlawful = [id for id, since in joined.items() if rules.joined_unlawfully(person, since, each.at)]
        await _end(each, unlawful, tx, first=False)


async def _end(withdrawal: Withdrawal, leaving: Sequence[UUID], tx: Transaction, *, first: bool = True) -> None:
    cause = tx.because_of(withdrawal.withdrawal_id)
    given, left = await end_volunteering(tx, [withdrawal.person_id], leaving, cause)
    if not first and not given and not left:
        return
    version = withdrawal.version if first else withdrawal.version + 1
    await store.set_effects(tx, withdrawal.with_effects(given, left, version))
    fact = VolunteeringWithdrawalApplied(
        withdrawal_id=withdrawal.withdrawal_id,
        person_id=withdrawal.person_id,
        effects=rules.EFFECTS,
        assignments=tuple(given),
        memberships=tuple(left),
    )
    tx.say(fact, region=withdrawal.region, version=version, cause=cause)


@volunteers.answers(ListVolunteeringEffects)
async def list_volunteering_effects(query: ListVolunteeringEffects, tx: Transaction) -> VolunteeringEffects:
    """What lies in the asker's region alone: row-level security hides the rest."""
    serving = [each.volunteer_id for each in await store.list_serving(tx, [query.person_id])]
    ahead = await store.list_ahead(tx, [query.person_id], serving)
    return VolunteeringEffects(
        ended=tuple(await store.list_effects(tx, query.person_id, MOST)),
        would_give_back=tuple(assignment for assignment, _ in ahead),
        would_leave=tuple(serving),
    )
