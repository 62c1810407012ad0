"""What activities does when a programme is created or looked for."""

from contracts.activities.v1 import CreateProgramme, ListProgrammes, ProgrammeCreated, ProgrammeList, ProgrammeState
from contracts.refusals import Refusal
from services.activities import activities
from services.activities.programmes import rules, store
from services.chassis import Transaction
from services.chassis.access import decide


@activities.decides(CreateProgramme)
async def create_programme(command: CreateProgramme, tx: Transaction) -> ProgrammeState | Refusal:
    known = await store.find_programme(tx, command.programme_id)
    parent = await store.find_programme(tx, command.parent_id) if command.parent_id else None

    refusal = decide(tx.actor, command.contract.permission, command.region) or rules.may_create(
        command, known, parent is not None
    )
    if refusal:
        return refusal

    if known is None:
        await store.add_programme(tx, command)
        tx.say(ProgrammeCreated(**command.model_dump(exclude={"region"})), region=command.region, version=1)
    listed = await store.count_members(tx, command.programme_id) if known else 0  # nothing stands under a new one yet
    return ProgrammeState(**command.model_dump(), listed=listed)


@activities.answers(ListProgrammes)
async def list_programmes(query: ListProgrammes, tx: Transaction) -> ProgrammeList:
    return ProgrammeList(programmes=tuple(await store.list_programmes(tx, query)))
