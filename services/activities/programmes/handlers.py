"""What activities does when a programme is created, corrected, or looked for."""

from contracts.activities.v1 import (
    AmendProgramme,
    CreateProgramme,
    ListProgrammes,
    ProgrammeAmended,
    ProgrammeCreated,
    ProgrammeList,
    ProgrammeState,
)
from contracts.refusals import Refusal
from services.activities import activities
from services.activities.programmes import rules, store
from services.activities.programmes.rules import Programme
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
    return ProgrammeState(**command.model_dump(), listed=listed, version=known.version if known else 1)


@activities.decides(AmendProgramme)
async def amend_programme(command: AmendProgramme, tx: Transaction) -> ProgrammeState | Refusal:
    """What is so already is not said again."""
    known = await store.find_programme(tx, command.programme_id, lock=True)
    if known is None:
        return Refusal("unknown-programme", programme_id=str(command.programme_id))
    denied = decide(tx.actor, command.contract.permission, known.created.region)
    if denied:
        return denied
    created = rules.amended(known.created, command)
    fields = [name for name, value in created if value != getattr(known.created, name)]
    now = Programme(created, known.version + bool(fields))
    if fields:
        await store.amend_programme(tx, now)
        fact = ProgrammeAmended(**created.model_dump(exclude={"region"}), fields=tuple(sorted(fields)))
        tx.say(fact, region=created.region, version=now.version)
    listed = await store.count_members(tx, command.programme_id)
    return ProgrammeState(**created.model_dump(), listed=listed, version=now.version)


@activities.answers(ListProgrammes)
async def list_programmes(query: ListProgrammes, tx: Transaction) -> ProgrammeList:
    return ProgrammeList(programmes=tuple(await store.list_programmes(tx, query)))
