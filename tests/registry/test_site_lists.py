"""Site lists with places written by hand: nothing guessed, nothing dropped, nothing doubled."""

from datetime import time
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.data import SiteType
from contracts.refusals import Refusal
from contracts.registry.v1 import (
    CloseSite,
    DecidePlace,
    FindDivision,
    ImportSites,
    ListSites,
    OpeningHours,
    OpenSite,
    PlaceMatches,
    PlaceUndecided,
    SiteImportState,
    SiteList,
    SiteOpened,
    SiteRow,
    SiteState,
    UnitState,
)
from tests.registry.conftest import DAILY, FENGJIE
from tests.under_test import ServiceUnderTest

YANWA, CHANGDANG, HUJIA = "500236124214", "500236131209", "500236004001"


def row(federation: UnitState, place: str, **given: object) -> SiteRow:
    plain = {
        "site_id": uuid4(),
        "name": f"{place}儿童之家",
        "site_type": SiteType.CHILDRENS_HOME,
        "unit_id": federation.unit_id,
        "place": place,
    }
    return SiteRow.model_validate(plain | given)


def site_list(*rows: SiteRow, **given: object) -> ImportSites:
    plain: dict[str, Any] = {"within": FENGJIE, "capacity": 20, "hours": DAILY, "rows": rows}
    return ImportSites.model_validate(plain | given)


@pytest.fixture
def blue_class(federation: UnitState) -> ImportSites:
    """The three places of a source document, one of them by its official name."""
    places = ("朱衣镇砚瓦村", "永乐镇长氹村", "西部新区胡家社区")
    return site_list(*(row(federation, place) for place in places))


@pytest.fixture
async def imported(registry: ServiceUnderTest, blue_class: ImportSites) -> SiteImportState:
    state = await registry.ask(blue_class)
    assert isinstance(state, SiteImportState)
    return state


async def test_a_certain_place_opens_and_the_others_wait(
    registry: ServiceUnderTest, blue_class: ImportSites, imported: SiteImportState
) -> None:
    assert [(each.site_id, each.state, each.region) for each in imported.outcomes] == [
        (blue_class.rows[0].site_id, "opened", YANWA),
        (blue_class.rows[1].site_id, "undecided", None),
        (blue_class.rows[2].site_id, "undecided", None),
    ]
    assert [each.candidates[0].code for each in imported.outcomes[1:]] == [CHANGDANG, HUJIA]
    [opened] = await registry.said(SiteOpened)
    assert (opened.site_id, opened.hours, [room.capacity for room in opened.rooms]) == (
        blue_class.rows[0].site_id, DAILY, [20],
    )  # fmt: skip
    undecided = await registry.said(PlaceUndecided)
    assert [(each.site_draft_id, each.candidates) for each in undecided] == [
        (each.site_id, len(each.candidates)) for each in imported.outcomes[1:]
    ]


async def test_the_same_list_again_gives_the_same_outcome(
    registry: ServiceUnderTest, blue_class: ImportSites, imported: SiteImportState
) -> None:
    assert await registry.ask_at_once([blue_class] * 3) == [imported] * 3
    assert (await registry.count("site"), await registry.count("site_draft")) == (1, 3)
    assert len(await registry.said(SiteOpened)) == 1
    assert len(await registry.said(PlaceUndecided)) == 2


async def test_rival_lists_open_every_site_once(registry: ServiceUnderTest, blue_class: ImportSites) -> None:
    answers = await registry.ask_at_once([blue_class] * 8)

    assert all(answer == answers[0] and isinstance(answer, SiteImportState) for answer in answers)
    assert (await registry.count("site"), await registry.count("site_draft")) == (1, 3)


async def test_a_known_row_beside_a_new_one_is_only_reported(
    registry: ServiceUnderTest, federation: UnitState, blue_class: ImportSites, imported: SiteImportState
) -> None:
    more = site_list(*blue_class.rows, row(federation, "竹园镇竹园社区"))

    state = await registry.ask(more)

    assert isinstance(state, SiteImportState)
    assert state.outcomes[:3] == imported.outcomes
    assert state.outcomes[3].state == "opened"
    assert len(await registry.said(SiteOpened)) == 2


async def test_a_known_row_with_other_content_refuses_the_list(
    registry: ServiceUnderTest, blue_class: ImportSites, imported: SiteImportState
) -> None:
    known = blue_class.rows[1]
    other_rows: list[dict[str, object]] = [
        {"name": "别名"},
        {"place": "永乐镇长凼村"},
        {"site_type": SiteType.WOMENS_HOME},
    ]
    lists = [
        site_list(known, capacity=21),
        site_list(known, hours=DAILY[:5]),
        site_list(known, within="500236131000"),
        *(site_list(known.model_copy(update=other)) for other in other_rows),
    ]

    for changed in lists:
        assert await registry.ask(changed) == Refusal("site-exists", site_id=str(known.site_id))
    assert await registry.count("site_draft") == 3


async def test_a_site_id_twice_in_a_list_must_mean_the_same_row(
    registry: ServiceUnderTest, federation: UnitState
) -> None:
    once = row(federation, "朱衣镇砚瓦村")

    refusal = await registry.ask(site_list(once, once.model_copy(update={"name": "别名"})))
    state = await registry.ask(site_list(once, once))

    assert refusal == Refusal("site-exists", site_id=str(once.site_id))
    assert isinstance(state, SiteImportState)
    assert [each.state for each in state.outcomes] == ["opened", "opened"]
    assert await registry.count("site") == 1


async def test_a_site_that_was_opened_alone_is_no_row_of_a_list(
    registry: ServiceUnderTest, federation: UnitState, blue_class: ImportSites, imported: SiteImportState
) -> None:
    [site] = (await listed(registry)).sites
    alone = OpenSite(
        **site.model_dump(include={"name", "site_type", "unit_id", "region", "hours"}),
        site_id=uuid4(),
        rooms=({"room_id": uuid4(), "name": "阅览室", "capacity": 5},),
    )
    assert isinstance(await registry.ask(alone), SiteState)

    assert await registry.ask(site_list(row(federation, "朱衣镇砚瓦村", site_id=alone.site_id))) == Refusal(
        "site-exists", site_id=str(alone.site_id)
    )
    waiting = imported.outcomes[1].site_id
    assert await registry.ask(alone.model_copy(update={"site_id": waiting})) == Refusal(
        "site-exists", site_id=str(waiting)
    )


async def test_a_list_with_a_wrong_plan_is_refused_whole(registry: ServiceUnderTest, blue_class: ImportSites) -> None:
    backwards = (OpeningHours(weekday=1, opens=time(9), closes=time(8)),)

    assert await registry.ask(blue_class.model_copy(update={"within": "110000000000"})) == Refusal(
        "division-code-unknown", code="110000000000"
    )
    assert await registry.ask(blue_class.model_copy(update={"hours": backwards})) == Refusal("hours-reversed", number=0)
    assert await registry.count("site_draft") == 0


async def test_a_list_names_registered_units(registry: ServiceUnderTest, federation: UnitState) -> None:
    stranger = UUID(int=7)

    refusal = await registry.ask(
        site_list(row(federation, "朱衣镇砚瓦村"), row(federation, "竹园社区", unit_id=stranger))
    )

    assert refusal == Refusal("unknown-unit", unit_id=str(stranger))
    assert await registry.count("site_draft") == 0


async def test_a_decision_opens_the_site_and_is_remembered(
    registry: ServiceUnderTest, federation: UnitState, imported: SiteImportState
) -> None:
    waiting = imported.outcomes[1].site_id

    site = await registry.ask(DecidePlace(site_id=waiting, region=CHANGDANG))

    assert isinstance(site, SiteState)
    assert (site.region, site.status, site.version, site.hours) == (CHANGDANG, "opened", 1, DAILY)
    assert site in (await listed(registry)).sites
    found = await registry.query(FindDivision(written=" 永乐镇 长氹村", within=FENGJIE))
    assert isinstance(found, PlaceMatches)
    assert found.exact == CHANGDANG
    again = await registry.ask(site_list(row(federation, "永乐镇长氹村")))
    assert isinstance(again, SiteImportState)
    assert [(each.state, each.region) for each in again.outcomes] == [("opened", CHANGDANG)]


async def test_a_decided_row_is_reported_as_opened(
    registry: ServiceUnderTest, blue_class: ImportSites, imported: SiteImportState
) -> None:
    await registry.ask(DecidePlace(site_id=blue_class.rows[2].site_id, region=HUJIA))

    state = await registry.ask(blue_class)

    assert isinstance(state, SiteImportState)
    assert [each.state for each in state.outcomes] == ["opened", "undecided", "opened"]
    assert len(await registry.said(SiteOpened)) == 2


async def test_a_place_is_decided_once(registry: ServiceUnderTest, imported: SiteImportState) -> None:
    waiting = imported.outcomes[1].site_id

    answers = await registry.ask_at_once(
        DecidePlace(site_id=waiting, region=region) for region in (CHANGDANG, HUJIA, YANWA, FENGJIE) * 2
    )

    [site] = [answer for answer in answers if isinstance(answer, SiteState)]
    assert answers.count(Refusal("already-decided", site_id=str(waiting))) == 7
    assert [said.region for said in await registry.said_envelopes() if said.data == SiteOpened(
        **site.model_dump(exclude={"region", "status", "version"}))] == [site.region]  # fmt: skip


async def test_only_a_division_of_the_list_region_can_be_decided(
    registry: ServiceUnderTest, imported: SiteImportState
) -> None:
    waiting = imported.outcomes[1].site_id

    for region in ("500236131999", "350205003003"):
        assert await registry.ask(DecidePlace(site_id=waiting, region=region)) == Refusal(
            "division-code-unknown", code=region
        )
    assert await registry.ask(DecidePlace(site_id=UUID(int=7), region=CHANGDANG)) == Refusal(
        "unknown-site", site_id=str(UUID(int=7))
    )
    opened = imported.outcomes[0].site_id
    assert await registry.ask(DecidePlace(site_id=opened, region=CHANGDANG)) == Refusal(
        "already-decided", site_id=str(opened)
    )


async def test_nobody_imports_or_decides_outside_the_own_subtree(
    registry: ServiceUnderTest, blue_class: ImportSites, imported: SiteImportState
) -> None:
    refusal = Refusal("not-permitted", permission="registry.sites.open", region=FENGJIE, functions="editor")
    decision = DecidePlace(site_id=imported.outcomes[1].site_id, region=CHANGDANG)

    assert await registry.ask(blue_class, region="350200000000") == refusal
    hidden = Refusal("unknown-site", site_id=str(decision.site_id))
    assert await registry.ask(decision, region="350200000000") == hidden
    assert len((await listed(registry)).sites) == 1


async def test_an_imported_site_closes_with_the_next_version(
    registry: ServiceUnderTest, imported: SiteImportState
) -> None:
    waiting = imported.outcomes[1].site_id
    await registry.ask(DecidePlace(site_id=waiting, region=CHANGDANG))
    await registry.ask(CloseSite(site_id=waiting))

    versions = [
        said.aggversion for said in await registry.said_envelopes() if getattr(said.data, "site_id", None) == waiting
    ]
    assert versions == [1, 2]


async def listed(registry: ServiceUnderTest) -> SiteList:
    answer = await registry.query(ListSites(region=FENGJIE))
    assert isinstance(answer, SiteList)
    return answer
