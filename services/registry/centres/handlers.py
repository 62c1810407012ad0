"""What registry does when a neighbourhood centre (邻里中心) opens."""

from contracts.refusals import Refusal
from contracts.registry.v1 import CentreOpened, CentreState, OpenCentre
from services.chassis import Transaction
from services.chassis.access import decide
from services.registry import registry
from services.registry.centres import store
from services.registry.divisions.store import find_division
from services.registry.units.store import find_unit


@registry.decides(OpenCentre)
async def open_centre(command: OpenCentre, tx: Transaction) -> CentreState | Refusal:
    denied = decide(tx.actor, command.contract.permission, command.region)
    if denied:
        return denied
    if await store.find_centre(tx, command.centre_id):
        return Refusal("centre-exists", centre_id=str(command.centre_id))
    if await find_division(tx, command.region) is None:
        return Refusal("division-code-unknown", code=command.region)
    if await find_unit(tx, command.unit_id) is None:
        return Refusal("unknown-unit", unit_id=str(command.unit_id))

    await store.add_centre(tx, command)
    opened = CentreOpened(centre_id=command.centre_id, name=command.name, unit_id=command.unit_id)
    tx.say(opened, region=command.region, version=1)
    return CentreState(centre_id=command.centre_id, name=command.name, region=command.region)
