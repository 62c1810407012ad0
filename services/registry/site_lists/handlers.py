"""What registry does when a list of sites comes in, and when a person decides a place it could not read."""

from collections.abc import Sequence

from uuid_utils.compat import uuid7

from contracts.refusals import Refusal
from contracts.region import covers
from contracts.registry.v1 import (
    DecidePlace,
    ImportSites,
    PlaceMatches,
    PlaceUndecided,
    SiteImportState,
    SiteRowOutcome,
    SiteState,
)
from services.chassis import Transaction
from services.chassis.access import decide
from services.registry import registry
from services.registry.divisions.store import find_division
from services.registry.places.handlers import read_place, remember_decision
from services.registry.site_lists import rules, store
from services.registry.site_lists.rules import Draft
from services.registry.sites.opening import open_sites
from services.registry.sites.rules import check_hours
from services.registry.sites.store import find_site_ids
from services.registry.units.store import find_unknown_unit


@registry.decides(ImportSites)
async def import_sites(command: ImportSites, tx: Transaction) -> SiteImportState | Refusal:
    denied = decide(tx.actor, command.contract.permission, command.within)
    refusal = denied or check_hours(command.hours) or await _missing(command, tx)
    if refusal:
        return refusal
    drafts = {row.site_id: Draft.of(row, command) for row in command.rows}
    known = await store.find_drafts(tx, drafts)
    taken = await find_site_ids(tx, drafts)
    fresh, refusal = rules.sort_rows([Draft.of(row, command) for row in command.rows], known, taken)
    if refusal:
        return refusal

    places = {place: await read_place(tx, place, command.within) for place in {row.place for row in command.rows}}
    placed = [draft.placed(places[draft.place].exact) for draft in fresh]
    await _save(tx, placed, places)
    known |= {draft.site_id: draft for draft in placed}
    return SiteImportState(outcomes=tuple(_outcome(known[row.site_id], places[row.place]) for row in command.rows))


async def _missing(command: ImportSites, tx: Transaction) -> Refusal | None:
    if await find_division(tx, command.within) is None:
        return Refusal("division-code-unknown", code=command.within)
    unit_id = await find_unknown_unit(tx, {row.unit_id for row in command.rows})
    return Refusal("unknown-unit", unit_id=str(unit_id)) if unit_id else None


async def _save(tx: Transaction, drafts: Sequence[Draft], places: dict[str, PlaceMatches]) -> None:
    """Keeps the rows, opens those with a certain place, and says of the others that they wait."""
    await store.add_drafts(tx, drafts)
    await open_sites(tx, [draft.to_site(draft.region, uuid7()) for draft in drafts if draft.region])
    for draft in drafts:
        if draft.region is None:
            undecided = PlaceUndecided(site_draft_id=draft.site_id, candidates=len(places[draft.place].candidates))
            tx.say(undecided, region=draft.within, version=1)


def _outcome(draft: Draft, matches: PlaceMatches) -> SiteRowOutcome:
    return SiteRowOutcome(
        site_id=draft.site_id,
        state="opened" if draft.region else "undecided",
        region=draft.region,
        candidates=() if draft.region else matches.candidates,
    )


@registry.decides(DecidePlace)
async def decide_place(command: DecidePlace, tx: Transaction) -> SiteState | Refusal:
    draft = await store.lock_draft(tx, command.site_id)
    is_open = bool(await find_site_ids(tx, [command.site_id]))
    if draft is None:
        return Refusal("already-decided" if is_open else "unknown-site", site_id=str(command.site_id))
    denied = decide(tx.actor, command.contract.permission, draft.within)
    if denied:
        return denied
    if is_open:
        return Refusal("already-decided", site_id=str(command.site_id))
    if not covers(draft.within, command.region) or await find_division(tx, command.region) is None:
        return Refusal("division-code-unknown", code=command.region)

    site = draft.to_site(command.region, uuid7())
    await store.place_draft(tx, site.site_id, site.region)
    await remember_decision(tx, draft.place, draft.within, site.region)
    await open_sites(tx, [site])
    return site
