"""Written places: certain or offered, never guessed."""

import pytest

from contracts.refusals import Refusal
from contracts.registry.v1 import DivisionLevel, DivisionRow, FindDivision, PlaceMatches
from services.registry.places.rules import Division, Named, likeness, match, means, normalise, split, stem
from tests.registry.conftest import FENGJIE, ROWS, XIAMEN, division_list
from tests.under_test import ServiceUnderTest

ABOVE = (Named("重庆市", "province"), Named("县", "city"), Named("奉节县", "district"))
CHANGDANG = Division("500236131209", "长凼村村民委员会", "community", (*ABOVE, Named("永乐镇", "street")))
HUJIA = Division("500236004001", "胡家社区居民委员会", "community", (*ABOVE, Named("夔州街道", "street")))
GARDEN = Division("500236004009", "城市花园社区居委会", "community", (*ABOVE, Named("夔州街道", "street")))


@pytest.mark.parametrize(
    ("name", "level", "short"),
    [
        ("长凼村村民委员会", "community", "长凼"),
        ("胡家社区居民委员会", "community", "胡家"),
        ("砚瓦村村委会", "community", "砚瓦"),
        ("村委会", "community", "村委会"),
        ("夔州街道办事处", "street", "夔州"),
        ("云雾土家族乡", "street", "云雾土家族"),
        ("古镇社区", "community", "古镇"),
        ("月明社区居委会(筹备组）", "community", "月明社区居委会(筹备组)"),
    ],
)
def test_a_stem_is_the_name_without_official_endings(name: str, level: str, short: str) -> None:
    assert stem(name, level) == short


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ("永乐镇长氹村", ("永乐镇", "长氹村")),
        ("海沧区嵩屿街道钟山社区", ("海沧区嵩屿街道", "钟山社区")),
        ("西部新区胡家社区", ("西部新区", "胡家社区")),
        ("竹园社区", ("", "竹园社区")),
        ("永乐镇古镇村", ("永乐镇", "古镇村")),
        ("永乐镇", ("", "永乐镇")),
    ],
)
def test_a_written_place_falls_into_the_part_above_and_the_name(written: str, parts: tuple[str, str]) -> None:
    assert split(written) == parts


@pytest.mark.parametrize(
    "written",
    ["长凼村", "长凼", "永乐镇长凼村", "永乐镇长凼村委会", "重庆市奉节县永乐镇长凼村", "奉节永乐长凼村"],
)
def test_the_official_name_is_meant_with_and_without_those_above(written: str) -> None:
    assert means(written, CHANGDANG)


@pytest.mark.parametrize(
    "written", ["永乐镇长氹村", "康乐镇长凼村", "上长凼村", "永乐镇上长凼村", "永乐镇", "长凼一村"]
)
def test_another_name_or_another_town_is_not_meant(written: str) -> None:
    assert not means(written, CHANGDANG)
    assert likeness(written, CHANGDANG) < 1


def test_a_name_that_looks_like_town_and_village_is_still_a_name() -> None:
    assert match("城市花园社区", [GARDEN]).exact == GARDEN.code


def test_of_two_of_one_name_the_nearer_is_offered_first() -> None:
    village = Division("500236004001", "东湖村委会", "community", GARDEN.above)
    community = Division("500236004002", "东湖社区居委会", "community", CHANGDANG.above)

    for written, first in (("东湖社区", community), ("东湖村", village)):
        matches = match(written, [village, community])
        assert matches.exact is None
        assert (matches.candidates[0].code, matches.candidates[0].likeness) == (first.code, 1.0)


def test_a_street_named_like_its_district_is_told_from_it() -> None:
    above = (Named("福建省", "province"), Named("厦门市", "city"), Named("海沧区", "district"))
    division = Division("350205001001", "海沧社区居委会", "community", (*above, Named("海沧街道", "street")))

    for written in ("海沧街道海沧社区", "海沧区海沧社区", "海沧海沧街道海沧社区", "厦门海沧街道海沧"):
        assert means(written, division), written
    assert not means("海沧镇街道海沧社区", division)


def test_two_of_one_name_leave_the_choice_to_a_person() -> None:
    other = Division("500236131001", HUJIA.name, HUJIA.level, CHANGDANG.above)

    matches = match("胡家社区", [HUJIA, other])

    assert matches.exact is None
    assert {each.code for each in matches.candidates} == {HUJIA.code, other.code}


def test_writing_is_normalised() -> None:
    assert normalise(" 永乐镇\u3000长凼村(东)\n") == "永乐镇长凼村(东)"


@pytest.fixture(scope="module")
def registry(registry_of_module: ServiceUnderTest) -> ServiceUnderTest:
    return registry_of_module


async def found(registry: ServiceUnderTest, written: str, within: str = FENGJIE) -> PlaceMatches:
    matches = await registry.query(FindDivision(written=written, within=within))
    assert isinstance(matches, PlaceMatches)
    return matches


@pytest.mark.parametrize(
    ("written", "within", "code"),
    [
        ("朱衣镇砚瓦村", FENGJIE, "500236124214"),
        ("康乐镇土坎村", FENGJIE, "500236120214"),
        ("竹园社区", FENGJIE, "500236122002"),
        ("竹园镇竹园社区", FENGJIE, "500236122002"),
        ("甲高镇烟山村", FENGJIE, "500236125200"),
        ("兴隆镇 回龙村", FENGJIE, "500236128210"),
        ("鱼复街道茶店社区", FENGJIE, "500236002004"),
        ("永乐镇长凼村", FENGJIE, "500236131209"),
        ("永乐镇", FENGJIE, "500236131000"),
        ("奉节县", FENGJIE, FENGJIE),
        ("海沧区嵩屿街道钟山社区", XIAMEN, "350205003003"),
        ("钟山社区", XIAMEN, "350205003003"),
    ],
)
async def test_a_place_written_like_one_division_alone_is_certain(
    registry: ServiceUnderTest, written: str, within: str, code: str
) -> None:
    matches = await found(registry, written, within)

    assert matches.exact == code
    assert (matches.candidates[0].code, matches.candidates[0].likeness) == (code, 1.0)


@pytest.mark.parametrize(
    ("written", "code", "full_name"),
    [
        ("永乐镇长氹村", "500236131209", "奉节县永乐镇长凼村村民委员会"),
        ("西部新区胡家社区", "500236004001", "奉节县夔州街道胡家社区居民委员会"),
        ("康乐镇砚瓦村", "500236124214", "奉节县朱衣镇砚瓦村村民委员会"),
        ("永乐镇长凼一村", "500236131209", "奉节县永乐镇长凼村村民委员会"),
    ],
)
async def test_a_place_written_otherwise_is_offered_not_guessed(
    registry: ServiceUnderTest, written: str, code: str, full_name: str
) -> None:
    matches = await found(registry, written)

    assert matches.exact is None
    assert (matches.candidates[0].code, matches.candidates[0].full_name) == (code, full_name)
    assert 1 <= len(matches.candidates) <= 5
    assert all(0 < each.likeness < 1 for each in matches.candidates)


async def test_a_name_that_two_divisions_bear_is_not_certain(registry: ServiceUnderTest) -> None:
    matches = await found(registry, "钟山村", "350500000000")

    assert matches.exact is None
    assert {each.code for each in matches.candidates if each.likeness == 1} == {"350504100214", "350524111204"}


async def test_nothing_alike_means_no_candidates(registry: ServiceUnderTest) -> None:
    assert await found(registry, "Greenwich") == PlaceMatches(exact=None, candidates=())


async def test_a_region_must_be_known(registry: ServiceUnderTest) -> None:
    refusal = await registry.query(FindDivision(written="竹园社区", within="110000000000"))

    assert refusal == Refusal("division-code-unknown", code="110000000000")


async def test_hundreds_of_one_name_are_still_told_apart_by_their_town(registry: ServiceUnderTest) -> None:
    towns = [f"5002{town:02d}000000" for town in range(60, 80)]
    rows = [
        *(DivisionRow(code, f"第{code[4:6]}县", DivisionLevel.DISTRICT, "500200000000") for code in towns),
        *(DivisionRow(f"{code[:6]}100000", "城关镇", DivisionLevel.STREET, code) for code in towns),
        *(
            DivisionRow(f"{code[:6]}100{number:03d}", "新村村委会", DivisionLevel.COMMUNITY, f"{code[:6]}100000")
            for code in towns
            for number in range(200, 205)
        ),
        DivisionRow("500260101000", "永安镇", DivisionLevel.STREET, "500260000000"),
        DivisionRow("500260101200", "新村村委会", DivisionLevel.COMMUNITY, "500260101000"),
    ]
    await registry.ask(division_list(rows))

    assert (await found(registry, "永安镇新村", "500000000000")).exact == "500260101200"
    assert (await found(registry, "城关镇新村", "500000000000")).exact is None
    assert (await found(registry, "新村", "500000000000")).exact is None


async def test_every_community_is_found_by_its_town_and_its_name(registry: ServiceUnderTest) -> None:
    names = {row.code: row.name for row in ROWS}
    communities = [row for row in ROWS if row.level is DivisionLevel.COMMUNITY]

    for row in communities:
        written = names[row.parent_code] + stem(row.name, row.level)
        district = f"{row.code[:6]}000000"
        assert (await found(registry, written, district)).exact == row.code, written
