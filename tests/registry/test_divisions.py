"""Division lists: taken in whole, row by row, again and again."""

from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.refusals import Refusal
from contracts.region import NOWHERE
from contracts.registry.v1 import (
    DivisionLevel,
    DivisionRow,
    DivisionsImported,
    DivisionState,
    GetDivision,
    ImportSummary,
    RefusedRow,
    lines_of,
)
from services.registry.divisions.rules import SortedRows, covering_region, lines_in, sort_rows
from tests.registry.conftest import ROWS, division_list
from tests.under_test import ServiceUnderTest

CHONGQING = DivisionRow("500000000000", "重庆市", DivisionLevel.PROVINCE, "")
FENGJIE = DivisionRow("500236000000", "奉节县", DivisionLevel.DISTRICT, "500000000000")
YONGLE = DivisionRow("500236131000", "永乐镇", DivisionLevel.STREET, "500236000000")


def sorted_of(rows: list[DivisionRow], known: Sequence[DivisionRow] = (), scope: str = NOWHERE) -> SortedRows:
    """What becomes of a list where `known` stand already."""
    return sort_rows([row.line for row in rows], {row.code: row.line for row in known}, scope)


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (YONGLE._replace(parent_code="500237000000"), "parent-unknown"),
        (YONGLE._replace(parent_code=""), "parent-unknown"),
        (YONGLE._replace(level=DivisionLevel.DISTRICT), "level-mismatch"),
        (YONGLE._replace(level=DivisionLevel.PROVINCE), "level-mismatch"),
        (FENGJIE._replace(name="别县"), "division-repeated"),
        (YONGLE._replace(code="350503000000"), "not-permitted"),
    ],
)
def test_a_bad_row_is_refused_alone_and_with_its_reason(bad: DivisionRow, why: str) -> None:
    chongqing = sorted_of([CHONGQING, FENGJIE, bad, YONGLE._replace(code="500236132000")], scope="500000000000")

    assert chongqing.refused == [RefusedRow(line=3, code=why)]
    assert [line[:6] for line in chongqing.added] == ["500000", "500236", "500236"]


def test_a_child_of_a_refused_row_has_no_parent() -> None:
    rows = sorted_of([FENGJIE, YONGLE])

    assert [(row.line, row.code) for row in rows.refused] == [(1, "parent-unknown"), (2, "parent-unknown")]


def test_a_row_that_stands_already_is_unchanged_once_and_only_in_the_own_subtree() -> None:
    known = [CHONGQING, FENGJIE, YONGLE]
    spaced = YONGLE.line.replace("永乐镇", " 永乐镇 ")

    twice = sorted_of([FENGJIE, FENGJIE], known)
    outside = sorted_of([FENGJIE], known, scope="350000000000")
    otherwise = sort_rows([spaced], {row.code: row.line for row in known}, NOWHERE)

    assert (twice.unchanged, twice.refused) == (1, [RefusedRow(line=2, code="division-repeated")])
    assert (outside.unchanged, outside.refused) == (0, [RefusedRow(line=1, code="not-permitted")])
    assert (otherwise.unchanged, otherwise.changed) == (1, [])


def test_a_division_keeps_its_level() -> None:
    rows = sorted_of([FENGJIE._replace(level=DivisionLevel.CITY)], known=[CHONGQING, FENGJIE, YONGLE])

    assert [row.code for row in rows.refused] == ["level-mismatch"]


@pytest.mark.parametrize(
    ("codes", "region"),
    [
        (["500236131209"], "500236131209"),
        (["500236131209", "500236131000"], "500236131000"),
        (["350205003003", "350503001001"], "350000000000"),
        (["500236000000", "500000000000"], "500000000000"),
        (["350205003003", "500236131000"], "000000000000"),
    ],
)
def test_an_import_is_said_at_the_smallest_region_that_holds_its_rows(codes: list[str], region: str) -> None:
    assert covering_region(codes) == region


async def test_a_list_is_taken_in_and_said_once(registry: ServiceUnderTest, divisions: ImportSummary) -> None:
    assert divisions == ImportSummary(added=len(ROWS), changed=0, unchanged=0, refused=())
    [said] = await registry.said_envelopes()
    assert isinstance(said.data, DivisionsImported)
    assert (said.data.added, said.region, said.aggversion) == (len(ROWS), "000000000000", 1)


async def test_the_same_rows_again_rewrite_nothing(registry: ServiceUnderTest, divisions: ImportSummary) -> None:
    before = await registry.pool.fetch("SELECT code, xmin, xmax, ctid FROM division ORDER BY code")

    again = await registry.ask(division_list(ROWS, source="a later list"))

    assert again == ImportSummary(added=0, changed=0, unchanged=len(ROWS), refused=())
    assert await registry.pool.fetch("SELECT code, xmin, xmax, ctid FROM division ORDER BY code") == before


async def test_a_changed_name_is_a_change_and_the_code_still_resolves(
    registry: ServiceUnderTest, divisions: ImportSummary
) -> None:
    renamed = YONGLE._replace(name="永乐街道")

    summary = await registry.ask(division_list([FENGJIE._replace(parent_code="500200000000"), renamed]))

    assert summary == ImportSummary(added=0, changed=1, unchanged=1, refused=())
    assert await registry.query(GetDivision(code=YONGLE.code)) == DivisionState(**renamed._asdict())


async def test_a_bad_row_does_not_spoil_its_neighbours(registry: ServiceUnderTest) -> None:
    orphan = YONGLE._replace(code="500237131000", parent_code="500237000000")

    summary = await registry.ask(division_list([CHONGQING, orphan, FENGJIE, FENGJIE, YONGLE]))

    refused = (RefusedRow(line=2, code="parent-unknown"), RefusedRow(line=4, code="division-repeated"))
    assert summary == ImportSummary(added=3, changed=0, unchanged=0, refused=refused)
    assert await registry.count("division") == 3


async def test_nobody_imports_outside_the_own_subtree(registry: ServiceUnderTest, divisions: ImportSummary) -> None:
    foreign = YONGLE._replace(name="别镇")

    refusal = await registry.ask(division_list([foreign]), region="350000000000")
    summary = await registry.ask(division_list([foreign, ROWS[0]]), region="350000000000")

    assert refusal == Refusal(
        "not-permitted", permission="registry.divisions.import", region="350000000000", functions="operator"
    )
    assert isinstance(summary, ImportSummary)
    assert summary.refused == (RefusedRow(line=1, code="not-permitted"),)
    assert [said.region for said in await registry.said_envelopes()] == ["000000000000", "350000000000"]


async def test_a_province_has_no_parent_and_everybody_else_has_one(registry: ServiceUnderTest) -> None:
    await registry.ask(division_list([CHONGQING]))

    assert await registry.query(GetDivision(code=CHONGQING.code)) == DivisionState(
        code=CHONGQING.code, name="重庆市", level=DivisionLevel.PROVINCE, parent_code=None
    )
    assert await registry.query(GetDivision(code=FENGJIE.code)) == Refusal("division-code-unknown", code=FENGJIE.code)


async def test_rival_lists_add_every_division_once(registry: ServiceUnderTest) -> None:
    answers = await registry.ask_at_once([division_list(ROWS)] * 8)

    summaries = [answer for answer in answers if isinstance(answer, ImportSummary)]
    assert len(summaries) == 8
    assert Counter(summary.added for summary in summaries) == {len(ROWS): 1, 0: 7}
    assert await registry.count("division") == len(ROWS)


async def test_rival_lists_with_other_names_leave_one_of_them(
    registry: ServiceUnderTest, divisions: ImportSummary
) -> None:
    streets = [row for row in ROWS if row.level is DivisionLevel.STREET]
    lists = [
        division_list([row._replace(name=f"{row.name}{number}") for row in streets[:: 1 if number % 2 else -1]])
        for number in range(8)
    ]

    answers = await registry.ask_at_once(lists)

    assert [answer.changed for answer in answers if isinstance(answer, ImportSummary)] == [len(streets)] * 8
    names = await registry.pool.fetch("SELECT DISTINCT right(name, 1) FROM division WHERE level = 'street'")
    assert len(names) == 1


@pytest.mark.parametrize(
    "line",
    [
        "",
        "500236131000\t永乐镇\tstreet",
        "500236131000,永乐镇,street,500236000000",
        "500236131000\t永乐镇\tstreet\t500236000000\t",
        "50023613100\t永乐镇\tstreet\t500236000000",
        "50023613100o\t永乐镇\tstreet\t500236000000",
        "５００２３６１３１０００\t永乐镇\tstreet\t500236000000",
        "500236131000\t  \tstreet\t500236000000",
        f"500236131000\t{'永' * 81}\tstreet\t500236000000",
        "500236131000\t永乐镇\ttown\t500236000000",
        "500236131000\t永乐镇\tunknown\t500236000000",
        "500236131000\t永乐镇\tstreet\t500236",
    ],
)
def test_a_line_that_is_no_division_is_refused_alone(line: str) -> None:
    rows = sort_rows([CHONGQING.line, line, FENGJIE.line], {}, NOWHERE)

    assert rows.refused == [RefusedRow(line=2, code="row-unreadable")]
    assert rows.added == [CHONGQING.line, FENGJIE.line]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("50023613200\t永安镇\tstreet\t500236000000", "row-unreadable"),
        ("５００２３６１３２０００\t永安镇\tstreet\t500236000000", "row-unreadable"),
        ("500236132000\t  \tstreet\t500236000000", "row-unreadable"),
        (f"500236132000\t{'永' * 81}\tstreet\t500236000000", "row-unreadable"),
        ("500236132000\t永安镇\t\tstreet\t500236000000", "row-unreadable"),
        ("500236131000\t永安镇\tstreet\t500236000000", "division-repeated"),
        ("350503001000\t永安镇\tstreet\t500236000000", "not-permitted"),
    ],
)
def test_a_row_beside_its_sisters_is_looked_at_as_closely(line: str, why: str) -> None:
    sisters = [CHONGQING.line, FENGJIE.line, YONGLE.line]

    rows = sort_rows([*sisters, line, "500236133000\t 永新镇 \tstreet\t500236000000"], {}, CHONGQING.code)

    assert rows.refused == [RefusedRow(line=4, code=why)]
    assert rows.added == [*sisters, "500236133000\t永新镇\tstreet\t500236000000"]


async def test_names_and_sources_stand_as_they_were_written_whatever_copy_makes_of_their_signs(
    registry: ServiceUnderTest,
) -> None:
    odd = [CHONGQING._replace(name=r"重\n庆\\市\."), FENGJIE._replace(name=r"\N")]

    await registry.ask(division_list(odd, source="统计局\t2023\n\\t之二"))

    assert [await registry.query(GetDivision(code=row.code)) for row in odd] == [
        DivisionState(**row._asdict() | {"parent_code": row.parent_code or None}) for row in odd
    ]
    assert await registry.pool.fetchval("SELECT DISTINCT source FROM division") == "统计局\t2023\n\\t之二"


@given(rows=st.lists(st.sampled_from(ROWS), min_size=1))
def test_what_is_written_as_lines_is_read_as_it_was(rows: list[DivisionRow]) -> None:
    text = lines_of(rows)

    assert [DivisionRow.from_line(line) for line in lines_in(text)] == rows
    assert lines_in(text + "\n") == lines_in(text)
