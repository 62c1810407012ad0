"""What registry does when a site opens, closes or is looked for."""

from contracts.refusals import Refusal
from contracts.registry.v1 import CloseSite, ListSites, OpenSite, SiteClosed, SiteList, SiteState
from services.chassis import Transaction
from services.chassis.access import decide
from services.registry import registry
from services.registry.centres.store import find_centre
from services.registry.divisions.store import find_division
from services.registry.site_lists.store import find_draft
from services.registry.sites import rules, store
from services.registry.sites.opening import open_sites
from services.registry.units.store import find_unit


@registry.decides(OpenSite)
async def open_site(command: OpenSite, tx: Transaction) -> SiteState | Refusal:
    denied = decide(tx.actor, command.contract.permission, command.region)
    if denied:
        return denied
    refusal = rules.check_hours(command.hours) or rules.check_rooms(command.rooms) or await _missing(command, tx)
    if refusal:
        return refusal

    site = SiteState(**command.model_dump(), status="opened", version=1)
    await open_sites(tx, [site])
    return site


async def _missing(command: OpenSite, tx: Transaction) -> Refusal | None:
    """What the site needs and does not find: a free id, its division, unit and centre, free rooms."""
    if await store.find_site_ids(tx, [command.site_id]) or await find_draft(tx, command.site_id):
        return Refusal("site-exists", site_id=str(command.site_id))
    if await find_division(tx, command.region) is None:
        return Refusal("division-code-unknown", code=command.region)
    if await find_unit(tx, command.unit_id) is None:
        return Refusal("unknown-unit", unit_id=str(command.unit_id))
    if command.centre_id and await find_centre(tx, command.centre_id) is None:
        return Refusal("unknown-centre", centre_id=str(command.centre_id))
    taken = await store.find_taken_room(tx, [room.room_id for room in command.rooms])
    return Refusal("room-exists", room_id=str(taken)) if taken else None


@registry.decides(CloseSite)
async def close_site(command: CloseSite, tx: Transaction) -> SiteState | Refusal:
    site = await store.lock_site(tx, command.site_id)
    if site is None:
        return Refusal("unknown-site", site_id=str(command.site_id))
    denied = decide(tx.actor, command.contract.permission, site.region)
    if denied:
        return denied
    if site.status == "closed":
        return Refusal("site-closed", site_id=str(command.site_id))

    closed = site.model_copy(update={"status": "closed", "version": site.version + 1})
    await store.close_site(tx, closed.site_id)
    tx.say(SiteClosed(site_id=closed.site_id), region=closed.region, version=closed.version)
    return closed


@registry.answers(ListSites)
async def list_sites(query: ListSites, tx: Transaction) -> SiteList:
    found = await store.list_sites(tx, query.region, query.site_type, query.after, query.limit)
    return SiteList(sites=tuple(found))
