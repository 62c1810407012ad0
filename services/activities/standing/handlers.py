"""What activities does when a suspension ends, or somebody appeals against one (A14)."""

from collections.abc import Sequence
from dataclasses import replace

from contracts.activities.v1 import (
    AppealDecided,
    AppealOpened,
    AppealStanding,
    AppealStatus,
    DecideAppeal,
    GetStanding,
    StandingList,
    StandingState,
)
from contracts.refusals import Refusal
from services.activities import activities
from services.activities.standing import rules, store
from services.activities.standing.absences import LAPSES, say_changed
from services.chassis import Due, Transaction
from services.chassis.access import decide


@activities.when_due(LAPSES)
async def restore_standing(due: Sequence[Due], tx: Transaction) -> None:
    """A suspension ends by itself; one that was lifted, or set anew, is left as it is."""
    locked = await store.lock_standings(tx, [each.key for each in due])
    over = [each for each in locked if each.suspended_until is not None and not each.is_suspended(tx.now)]
    await store.restore(tx, over)
    for standing in over:
        say_changed(tx, standing, "lapsed", cause=tx.because_of(standing.standing_id))


@activities.answers(GetStanding)
async def get_standing(query: GetStanding, tx: Transaction) -> StandingList:
    """Only of hosts in the asker's subtree."""
    found = await store.list_of_person(tx, query.person_id)
    return StandingList(standings=tuple(rules.state_of(each, tx.now) for each in found))


@activities.decides(AppealStanding)
async def appeal_standing(command: AppealStanding, tx: Transaction) -> StandingState | Refusal:
    found = await store.lock_standings(tx, [command.standing_id])
    if not found:
        return Refusal("unknown-standing", standing_id=str(command.standing_id))
    [standing] = found
    refusal = decide(tx.actor, command.contract.permission, standing.region) or rules.may_appeal(standing, tx.now)
    if refusal:
        return refusal
    if await store.appeal_exists(tx, command.appeal_id):
        return Refusal("appeal-exists", appeal_id=str(command.appeal_id))

    await store.add_appeal(tx, command.appeal_id, standing, command.reason)
    tx.say(
        AppealOpened(
            appeal_id=command.appeal_id,
            standing_id=standing.standing_id,
            person_id=standing.person_id,
            unit_id=standing.unit_id,
            reason=command.reason,
        ),
        region=standing.region,
        version=1,
    )
    return rules.state_of(replace(standing, appeal_id=command.appeal_id, appeal=AppealStatus.OPEN), tx.now)


@activities.decides(DecideAppeal)
async def decide_appeal(command: DecideAppeal, tx: Transaction) -> StandingState | Refusal:
    known = await store.find_appeal(tx, command.appeal_id)
    found = await store.lock_standings(tx, [known.standing_id]) if known else []
    appeal = await store.find_appeal(tx, command.appeal_id)
    if appeal is None or not found:
        return Refusal("unknown-appeal", appeal_id=str(command.appeal_id))
    [standing] = found
    refusal = decide(tx.actor, command.contract.permission, standing.region) or rules.may_decide(appeal, tx.actor.id)
    if refusal:
        return refusal

    status = AppealStatus.UPHELD if command.uphold else AppealStatus.DISMISSED
    await store.decide_appeal(tx, appeal.appeal_id, status)
    tx.say(
        AppealDecided(
            appeal_id=appeal.appeal_id,
            standing_id=standing.standing_id,
            person_id=standing.person_id,
            unit_id=standing.unit_id,
            status=status,
        ),
        region=standing.region,
        version=2,
    )
    if status is AppealStatus.UPHELD:
        standing = await _clear(tx, standing)
    return rules.state_of(replace(standing, appeal=status), tx.now)


async def _clear(tx: Transaction, standing: rules.Standing) -> rules.Standing:
    """Her absences so far count no more, and a suspension that still runs ends."""
    await store.clear_absences(tx, standing)
    if standing.suspended_until is None:
        return replace(standing, absences=0)
    await store.restore(tx, [standing])
    say_changed(tx, standing, "appeal-upheld")
    return replace(standing, absences=0, suspended_until=None, version=standing.version + 1)
