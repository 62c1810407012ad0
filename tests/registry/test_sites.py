"""Neighbourhood centres and sites: opened once, found, closed for good."""

from datetime import UTC, time
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.data import SiteType
from contracts.message import Command
from contracts.refusals import Refusal
from contracts.registry.v1 import (
    CentreOpened,
    CentreState,
    CloseSite,
    ListSites,
    OpenCentre,
    OpeningHours,
    OpenSite,
    RoomPlan,
    SiteClosed,
    SiteList,
    SiteOpened,
    SiteState,
    UnitState,
)
from tests.registry.conftest import DAILY, FENGJIE
from tests.under_test import ServiceUnderTest

HUJIA = "500236004001"
ZHUYUAN = "500236122002"


def centre(federation: UnitState, **given: object) -> OpenCentre:
    plain = {"centre_id": uuid4(), "name": "夔州邻里中心", "unit_id": federation.unit_id, "region": HUJIA}
    return OpenCentre.model_validate(plain | given)


def home(federation: UnitState, **given: object) -> OpenSite:
    """A 儿童之家 with two rooms, open every day."""
    plain = {
        "site_id": uuid4(),
        "name": "胡家社区儿童之家",
        "site_type": SiteType.CHILDRENS_HOME,
        "unit_id": federation.unit_id,
        "region": HUJIA,
        "rooms": (
            RoomPlan(room_id=uuid4(), name="阅览室", capacity=20),
            RoomPlan(room_id=uuid4(), name="活动室", capacity=30),
        ),
        "hours": DAILY,
    }
    return OpenSite.model_validate(plain | given)


@pytest.fixture
async def open_home(registry: ServiceUnderTest, federation: UnitState) -> SiteState:
    state = await registry.ask(home(federation))
    assert isinstance(state, SiteState)
    return state


async def test_a_centre_opens_once(registry: ServiceUnderTest, federation: UnitState) -> None:
    asked = centre(federation)

    answers = await registry.ask_at_once([asked] * 8)

    assert [answer for answer in answers if isinstance(answer, CentreState)] == [
        CentreState(centre_id=asked.centre_id, name=asked.name, region=HUJIA)
    ]
    assert answers.count(Refusal("centre-exists", centre_id=str(asked.centre_id))) == 7
    assert len(await registry.said(CentreOpened)) == 1


NO_DIVISION = ({"region": "110000000000"}, Refusal("division-code-unknown", code="110000000000"))
NO_UNIT = ({"unit_id": UUID(int=7)}, Refusal("unknown-unit", unit_id=str(UUID(int=7))))


async def test_a_centre_needs_its_division_and_its_unit(registry: ServiceUnderTest, federation: UnitState) -> None:
    for given, refusal in (NO_DIVISION, NO_UNIT):
        assert await registry.ask(centre(federation, **given)) == refusal

    assert await registry.count("centre") == 0


async def test_a_site_opens_with_its_rooms_and_hours(registry: ServiceUnderTest, federation: UnitState) -> None:
    host = centre(federation)
    await registry.ask(host)
    asked = home(federation, centre_id=host.centre_id)

    state = await registry.ask(asked)

    assert state == SiteState(**asked.model_dump(), status="opened", version=1)
    assert await registry.query(ListSites(region=FENGJIE)) == SiteList(sites=(state,))
    [said] = await registry.said(SiteOpened)
    assert (said.site_id, said.centre_id, said.rooms, said.hours) == (
        asked.site_id, asked.centre_id, asked.rooms, DAILY,
    )  # fmt: skip
    assert (await registry.said_envelopes())[-1].region == HUJIA


ROOM = RoomPlan(room_id=UUID(int=5), name="阅览室", capacity=20)


LACKING: list[tuple[dict[str, Any], Refusal]] = [
    NO_DIVISION,
    NO_UNIT,
    ({"centre_id": UUID(int=7)}, Refusal("unknown-centre", centre_id=str(UUID(int=7)))),
    ({"rooms": (ROOM, ROOM)}, Refusal("room-exists", room_id=str(ROOM.room_id))),
    (
        {"hours": (*DAILY, OpeningHours(weekday=1, opens=time(9), closes=time(9)))},
        Refusal("hours-reversed", number=7),
    ),
    (
        {"hours": (OpeningHours(weekday=1, opens=time(9, tzinfo=UTC), closes=time(10)),)},
        Refusal("invalid-message", errors=[{"pointer": "#/hours/0", "problem": "time_with_offset"}]),
    ),
]


async def test_a_site_that_lacks_something_does_not_open(registry: ServiceUnderTest, federation: UnitState) -> None:
    for given, refusal in LACKING:
        assert await registry.ask(home(federation, **given)) == refusal

    assert await registry.count("site") == 0
    assert await registry.said(SiteOpened) == []


async def test_a_room_belongs_to_one_site(
    registry: ServiceUnderTest, federation: UnitState, open_home: SiteState
) -> None:
    shared = open_home.rooms[1].room_id
    refusal = await registry.ask(home(federation, rooms=(RoomPlan(room_id=shared, name="活动室", capacity=9),)))

    assert refusal == Refusal("room-exists", room_id=str(shared))


async def test_rivals_for_one_room_open_one_site(registry: ServiceUnderTest, federation: UnitState) -> None:
    answers = await registry.ask_at_once([home(federation, rooms=(ROOM,)) for _ in range(8)])

    assert sum(isinstance(answer, SiteState) for answer in answers) == 1
    assert answers.count(Refusal("room-exists", room_id=str(ROOM.room_id))) == 7
    assert await registry.count("site") == 1


async def test_a_site_exists_once(registry: ServiceUnderTest, federation: UnitState, open_home: SiteState) -> None:
    refusal = await registry.ask(home(federation, site_id=open_home.site_id))

    assert refusal == Refusal("site-exists", site_id=str(open_home.site_id))


async def test_nobody_opens_or_closes_outside_the_own_subtree(
    registry: ServiceUnderTest, federation: UnitState, open_home: SiteState
) -> None:
    elsewhere = "350200000000"

    commands: list[Command[Any]] = [centre(federation), home(federation), CloseSite(site_id=open_home.site_id)]
    for command in commands:
        assert await registry.ask(command, region=elsewhere) == Refusal(
            "not-permitted", permission="registry.sites.open", region=HUJIA, functions="editor"
        )
    assert (await registry.count("site"), await registry.count("centre")) == (1, 0)


async def test_a_site_closes_once_and_for_good(
    registry: ServiceUnderTest, federation: UnitState, open_home: SiteState
) -> None:
    answers = await registry.ask_at_once([CloseSite(site_id=open_home.site_id)] * 8)

    [closed] = [answer for answer in answers if isinstance(answer, SiteState)]
    assert (closed.status, closed.version, closed.rooms) == ("closed", 2, open_home.rooms)
    assert answers.count(Refusal("site-closed", site_id=str(open_home.site_id))) == 7
    assert await registry.said(SiteClosed) == [SiteClosed(site_id=open_home.site_id)]
    versions = [said.aggversion for said in await registry.said_envelopes() if "site" in said.type]
    assert versions == [1, 2]
    assert await registry.query(ListSites(region=FENGJIE)) == SiteList(sites=())


async def test_an_unknown_site_cannot_close(registry: ServiceUnderTest) -> None:
    id = uuid4()

    assert await registry.ask(CloseSite(site_id=id)) == Refusal("unknown-site", site_id=str(id))


async def test_sites_are_listed_by_region_and_type_in_pages(registry: ServiceUnderTest, federation: UnitState) -> None:
    for region, site_type in (
        (HUJIA, SiteType.CHILDRENS_HOME),
        (ZHUYUAN, SiteType.WOMENS_HOME),
        (HUJIA, SiteType.WOMENS_HOME),
        (ZHUYUAN, SiteType.CHILDRENS_HOME),
    ):
        await registry.ask(home(federation, region=region, site_type=site_type))

    async def listed(**given: object) -> list[SiteState]:
        answer = await registry.query(
            ListSites.model_validate({"region": FENGJIE} | given), roles=("anonymous",), region="110000000000"
        )
        assert isinstance(answer, SiteList)
        return list(answer.sites)

    first = await listed(limit=3)
    second = await listed(limit=3, after=first[-1].site_id)
    assert [site.region for site in first + second] == [HUJIA, HUJIA, ZHUYUAN, ZHUYUAN]
    assert len({site.site_id for site in first + second}) == 4
    assert [site.region for site in await listed(site_type=SiteType.WOMENS_HOME)] == [HUJIA, ZHUYUAN]
    assert {site.region for site in await listed(region=ZHUYUAN)} == {ZHUYUAN}
