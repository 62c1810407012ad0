"""First chapter: divisions, federations, the centre, and sites whose places are only written."""

from datetime import time
from typing import Final

from contracts.registry.v1 import (
    DecidePlace,
    ImportSites,
    ListSites,
    OpenCentre,
    OpeningHours,
    OpenSite,
    RegisterUnit,
    RoomPlan,
    SiteRow,
    SiteRowOutcome,
    SiteState,
    UnitKind,
)
from deploy.divisions import read_file, send_levels, show
from deploy.local.words import say

from .script import DIVISIONS, SOURCE_OF_DIVISIONS, STATE_OF_DIVISIONS, CentreSite, SiteListing, WrittenSite
from .story import Story

EVERY_DAY: Final = tuple(OpeningHours(weekday=day, opens=time(8, 30), closes=time(21)) for day in range(1, 8))


async def import_divisions(story: Story) -> None:
    """Takes the divisions in, as `./linli import-divisions` does."""
    levels = read_file(DIVISIONS)
    with story.screen.bar(say("区划", "divisions"), sum(map(len, levels))) as moved:
        desk = story.desk("operator")
        total = await send_levels(desk, levels, SOURCE_OF_DIVISIONS, STATE_OF_DIVISIONS, moved)
    show(total, story.screen)


async def register_federations(story: Story) -> None:
    """Registers the federations, then the centre and what it hosts."""
    for unit in story.script.federations:
        command = RegisterUnit(
            unit_id=story.id("unit", unit.key),
            name=unit.name,
            kind=UnitKind.FEDERATION,
            level=unit.level,
            region=unit.region,
            parent_id=story.id("unit", unit.parent) if unit.parent else None,
        )
        await story.desk(unit.staff).send(command)
    names = [unit.name for unit in story.script.federations]
    story.screen.line(say(f"妇联组织：{'、'.join(names)}。", f"Federations: {', '.join(names)}."))
    await _open_centre(story)


async def _open_centre(story: Story) -> None:
    centre = story.script.centre
    desk = story.desk("quanzhou")
    opened = OpenCentre(
        centre_id=story.id("centre", centre.unit),
        name=centre.name,
        unit_id=story.id("unit", centre.unit),
        region=centre.region,
    )
    await desk.send(opened)
    sites = await desk.send_all([_site_of(story, site) for site in story.script.centre_sites])
    story.sites |= dict(zip((site.key for site in story.script.centre_sites), sites, strict=True))
    names = [site.name for site in sites]
    story.screen.line(
        say(f"{centre.name}与所设阵地：{'、'.join(names)}。", f"{centre.name} and its sites: {', '.join(names)}.")
    )


def _site_of(story: Story, site: CentreSite) -> OpenSite:
    centre = story.script.centre
    rooms = tuple(
        RoomPlan(room_id=story.id("room", f"{site.key} {place}"), name=room.name, capacity=room.capacity)
        for place, room in enumerate(site.rooms)
    )
    return OpenSite(
        site_id=story.id("site", site.key),
        name=site.name,
        site_type=site.type,
        unit_id=story.id("unit", centre.unit),
        centre_id=story.id("centre", centre.unit),
        region=centre.region,
        rooms=rooms,
        hours=EVERY_DAY,
    )


async def import_sites(story: Story) -> None:
    """Imports the lists; where a place is not certain, shows what it may mean and decides."""
    for listing in story.script.site_lists:
        outcomes = (await story.desk(listing.staff).send(_import_of(story, listing))).outcomes
        rows = {story.id("site", row.key): row for row in listing.rows}
        opened = [rows[outcome.site_id].name for outcome in outcomes if outcome.state == "opened"]
        story.screen.line(say(f"名单开放：{'、'.join(opened)}。", f"Opened from the list: {', '.join(opened)}."))
        undecided = [(rows[outcome.site_id], outcome) for outcome in outcomes if outcome.state != "opened"]
        if undecided:
            await _decide(story, listing, undecided)
        await _remember(story, listing)


def _import_of(story: Story, listing: SiteListing) -> ImportSites:
    return ImportSites(
        within=listing.within,
        capacity=listing.capacity,
        hours=EVERY_DAY,
        rows=tuple(
            SiteRow(
                site_id=story.id("site", row.key),
                name=row.name,
                site_type=row.type,
                unit_id=story.id("unit", row.unit),
                place=row.place,
            )
            for row in listing.rows
        ),
    )


async def _decide(story: Story, listing: SiteListing, undecided: list[tuple[WrittenSite, SiteRowOutcome]]) -> None:
    """Neither guessed nor dropped: the import names candidates, a person decides."""
    shown = [
        (row.place, match.full_name, match.code, f"{match.likeness:.2f}", "→" if match.code == row.decided else "")
        for row, outcome in undecided
        for match in outcome.candidates
    ]
    headings = say("所写地名,可能的区划,代码,相似度,决定", "written,may mean,code,likeness,decided").split(",")
    story.screen.table(say("不确定的地名由人决定", "Uncertain places, decided by a person"), headings, shown)
    for row, _ in undecided:
        assert row.decided, f"{row.place} is certain in the script, but not to the import"
        await story.desk(listing.staff).send(DecidePlace(site_id=story.id("site", row.key), region=row.decided))


async def _remember(story: Story, listing: SiteListing) -> None:
    listed = await story.public().ask(ListSites(region=listing.within, limit=500))
    known: dict[object, SiteState] = {site.site_id: site for site in listed.sites}
    story.sites |= {row.key: known[story.id("site", row.key)] for row in listing.rows}
