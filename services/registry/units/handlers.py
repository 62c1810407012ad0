"""What registry does when an organisation is registered or looked for."""

from contracts.refusals import Refusal
from contracts.registry.v1 import ListUnits, RegisterUnit, UnitList, UnitRegistered, UnitState
from services.chassis import Transaction
from services.chassis.access import decide
from services.registry import registry
from services.registry.divisions.store import find_division
from services.registry.units import rules, store


@registry.decides(RegisterUnit)
async def register_unit(command: RegisterUnit, tx: Transaction) -> UnitState | Refusal:
    denied = decide(tx.actor, command.contract.permission, command.region)
    if denied:
        return denied
    known = await store.find_unit(tx, command.unit_id)
    parent = await store.find_unit(tx, command.parent_id) if command.parent_id else None
    division = await find_division(tx, command.region)

    refusal = rules.may_register(command, known, parent, division)
    if refusal:
        return refusal

    state = UnitState(**command.model_dump(exclude={"uscc"}), version=1)
    await store.add_unit(tx, command)
    tx.say(
        UnitRegistered(
            unit_id=state.unit_id, name=state.name, kind=state.kind, level=state.level, parent_id=state.parent_id
        ),
        region=state.region,
        version=state.version,
    )
    return state


@registry.answers(ListUnits)
async def list_units(query: ListUnits, tx: Transaction) -> UnitList:
    return UnitList(units=tuple(await store.list_units(tx, query.region, query.after, query.limit)))
