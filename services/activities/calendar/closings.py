"""What activities does when a site is closed for some days, or opens after all."""

from contracts.activities.v1 import (
    CloseDays,
    ClosingList,
    ClosingState,
    ClosingWithdrawn,
    DaysClosed,
    ListClosings,
    WithdrawClosing,
)
from contracts.refusals import Refusal
from services.activities import activities
from services.activities import store as replicas
from services.activities.calendar import store
from services.activities.calendar.rules import midnight, over_at
from services.chassis import Transaction
from services.chassis.access import decide


@activities.decides(CloseDays)
async def close_days(command: CloseDays, tx: Transaction) -> ClosingState | Refusal:
    """Under the site's lock, as planning is: no session comes in between."""
    site = await replicas.lock_site(tx, command.site_id)
    if site is None:
        return Refusal("unknown-site", site_id=str(command.site_id))
    refusal = decide(tx.actor, command.contract.permission, site.region)
    if refusal:
        return refusal
    if site.closed:
        return Refusal("site-closed", site_id=str(command.site_id))
    if command.last_day < command.first_day:
        return Refusal("times-reversed")
    if await store.lock_closing(tx, command.closing_id):
        return Refusal("closing-exists", closing_id=str(command.closing_id))

    await store.add_closing(tx, command, site.region)
    tx.say(DaysClosed(**command.model_dump()), region=site.region, version=1)
    since, until = midnight(command.first_day), over_at(command.last_day)
    return ClosingState(
        **command.model_dump(),
        region=site.region,
        withdrawn=False,
        sessions=await store.find_held_on(tx, site.site_id, since, until),
    )


@activities.decides(WithdrawClosing)
async def withdraw_closing(command: WithdrawClosing, tx: Transaction) -> ClosingState | Refusal:
    row = await store.lock_closing(tx, command.closing_id)
    if row is None:
        return Refusal("unknown-closing", closing_id=str(command.closing_id))
    refusal = decide(tx.actor, command.contract.permission, row["region"])
    if refusal:
        return refusal
    closing = ClosingState(**dict(row))
    if not closing.withdrawn:
        await store.withdraw_closing(tx, closing.closing_id)
        fact = ClosingWithdrawn(closing_id=closing.closing_id, site_id=closing.site_id)
        tx.say(fact, region=closing.region, version=row["version"] + 1)
    return closing.model_copy(update={"withdrawn": True})


@activities.answers(ListClosings)
async def list_closings(query: ListClosings, tx: Transaction) -> ClosingList:
    return ClosingList(closings=tuple(await store.list_closings(tx, query.site_id, query.since)))
