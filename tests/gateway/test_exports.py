"""Sheets for the office (standards.md 2.12): read back as a spreadsheet reads them."""

import io
import threading
from collections.abc import Callable
from datetime import date
from typing import Any

import httpx2
import pytest
from openpyxl import load_workbook

from contracts.activities.v1 import Figures, GetStatistics, Statistics, StatisticsBy, StatisticsCell
from contracts.refusals import Refusal
from contracts.registry.v1 import DivisionLevel, DivisionState, GetDivision
from services.gateway.feeds.exports import sheet_of
from services.gateway.feeds.sheet import Sheet, to_xlsx


def figures(times: int | None, persons: int | None, held: int = 3) -> Figures:
    return Figures(
        sessions_held=held, person_times=times, persons=persons, sessions_declared=1, declared_heads=80, phrase=None
    )


def statistics(*cells: StatisticsCell) -> Statistics:
    return Statistics(
        region="350503000000",
        period="2026Q2",
        rule="attendance-count-1",
        smallest=5,
        total=figures(61, 40),
        cells=cells,
    )


CELLS = (
    StatisticsCell(key="350503001000", figures=figures(57, 37)),
    StatisticsCell(key="350503002000", figures=figures(None, None)),
)


def read(body: bytes) -> tuple[list[list[str]], set[str]]:
    """The texts of every row, and the merged ranges."""
    page: Any = load_workbook(io.BytesIO(body)).active
    rows = [["" if value is None else str(value) for value in row] for row in page.iter_rows(values_only=True)]
    merged = {str(each) for each in page.merged_cells.ranges}
    alone = {each.min_row for each in page.merged_cells.ranges}
    return [row[:1] if number in alone else row for number, row in enumerate(rows, 1)], merged


def test_a_sheet_has_the_layout_of_an_office() -> None:
    names = {"350503000000": "丰泽区", "350503001000": "东湖街道", "350503002000": "丰泽街道"}
    rows, merged = read(to_xlsx(sheet_of(statistics(*CELLS), StatisticsBy.REGION, names, date(2026, 7, 2))))

    assert rows == [
        ["2026年第2季度活动统计表"],
        ["填报单位：丰泽区    填报时间：2026年7月2日    单位：场、人次、人"],
        ["序号", "地区", "场次", "人次", "人数", "仅申报人数的场次", "申报人数", "说明"],
        ["1", "东湖街道", "3", "57", "37", "1", "80", ""],
        ["2", "丰泽街道", "3", "—", "—", "1", "80", "人数过少，不予公布"],
        ["合计", "", "3", "61", "40", "1", "80", ""],
        ["填报人：        审核人：        联系电话："],
    ]
    assert merged == {"A1:H1", "A2:H2", "A7:H7"}


def test_no_text_becomes_a_formula_and_long_digits_stay_text() -> None:
    texts = ["=1+1", "+8", "-3", "@x", "350503001001", "<&>\x07"]
    table = Sheet("表[1]", "单位", date(2026, 7, 2), "人", ["名称"], [[text] for text in texts], [3])
    body = to_xlsx(table)
    rows, _ = read(body)

    assert [row[1] for row in rows[3:9]] == ["'=1+1", "'+8", "'-3", "'@x", "350503001001", "<&>"]
    page: Any = load_workbook(io.BytesIO(body)).active
    assert [page.cell(row, 2).data_type for row in range(4, 10)] == ["s"] * 6


async def test_nobody_waits_while_a_large_sheet_is_written(
    staff: httpx2.AsyncClient, stand_in: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two thousand rows take most of a second: in the loop, all other callers would stand behind the door so long."""
    await stand_in(GetStatistics, lambda _: statistics(*CELLS))
    writers: list[str] = []

    def written(table: Sheet) -> bytes:
        writers.append(threading.current_thread().name)
        return to_xlsx(table)

    monkeypatch.setattr("services.gateway.feeds.sheet.to_xlsx", written)
    answer = await staff.get("/exports/statistics.xlsx?region=350503000000&period=2026Q2&by=site")

    assert answer.status_code == 200
    assert writers
    assert threading.main_thread().name not in writers


async def test_statistics_are_downloaded_as_a_sheet_by_whoever_may_see_them(
    staff: httpx2.AsyncClient, stranger: httpx2.AsyncClient, stand_in: Callable[..., Any]
) -> None:
    await stand_in(GetStatistics, lambda _: statistics(*CELLS))
    await stand_in(
        GetDivision,
        lambda asked: DivisionState(
            code=asked["code"], name="丰泽区", level=DivisionLevel.DISTRICT, parent_code="350500000000"
        )
        if asked["code"] == "350503000000"
        else Refusal("division-code-unknown", code=asked["code"]),
    )  # fmt: skip
    path = "/exports/statistics.xlsx?region=350503000000&period=2026Q2"

    answer = await staff.get(path)
    rows, _ = read(answer.content)

    assert answer.headers["content-disposition"].startswith('attachment; filename="statistics.xlsx"')
    assert rows[1][0].startswith("填报单位：丰泽区 ")
    assert rows[3][1] == "350503001000"
    assert (await stranger.get(path)).status_code == 401
    assert (await staff.get(path.replace("2026Q2", "2026Q9"))).status_code == 422
