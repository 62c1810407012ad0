"""Division lists as files: any order, any quoting, each row with its line."""

from datetime import date
from pathlib import Path

import pytest

from contracts.registry.v1 import ImportDivisions
from deploy.divisions import PART_ROWS, Row, parts_of, read_file
from deploy.local.trouble import Trouble

HEADING = "code,name,level,parent_code\n"


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    file = folder / "divisions.csv"
    file.write_text(text, encoding=encoding)
    return file


def test_a_file_in_any_order_is_read_by_level_the_upper_first(tmp_path: Path) -> None:
    street, province = "500236131000,永乐镇,street,500236000000\n", "500000000000,重庆市,province,\n"
    district = "500236000000,奉节县,district,500000000000\n"
    file = written(tmp_path, HEADING + street + province + district)

    assert [level for level in read_file(file) if level] == [
        [(3, "500000000000\t重庆市\tprovince\t")],
        [(4, "500236000000\t奉节县\tdistrict\t500000000000")],
        [(2, "500236131000\t永乐镇\tstreet\t500236000000")],
    ]


def test_a_spreadsheets_mark_line_ends_and_quotes_are_understood(tmp_path: Path) -> None:
    file = written(
        tmp_path, HEADING.replace("\n", "\r\n") + '500000000000,"重庆\t\r\n市",province,\r\n', encoding="utf-8-sig"
    )

    assert [level for level in read_file(file) if level] == [[(3, "500000000000\t重庆 市\tprovince\t")]]


def test_a_row_of_no_level_or_of_another_width_goes_last_to_be_refused_there(tmp_path: Path) -> None:
    file = written(tmp_path, HEADING + "500000000000,重庆市,省,\n500000000000,重庆市\n510000000000,四川省,province,\n")

    *levels, rest = read_file(file)

    assert rest == [(2, "500000000000\t重庆市\t省\t"), (3, "500000000000\t重庆市")]
    assert sum(map(len, levels)) == 1


def test_two_rows_of_one_code_travel_together_however_far_apart_so_that_the_second_is_refused(tmp_path: Path) -> None:
    """In parts sent at once the last to arrive would win: another one at each import."""
    others = [f"11{number:010},某省,province,\n" for number in range(PART_ROWS + 1)]
    twice = "500000000000,重庆市,province,\n", "500000000000,四川省,province,\n"
    first, *_ = read_file(written(tmp_path, HEADING + twice[0] + "".join(others) + twice[1]))

    [part] = [part for part in parts_of(first) if any(text.startswith("500000000000\t重") for _, text in part)]

    assert [number for number, text in part if text.startswith("500000000000\t")] == [2, PART_ROWS + 4]


@pytest.mark.parametrize(
    ("text", "encoding", "why"),
    [
        ("代码,名称,级别,上级\n", "utf-8", "first line"),
        ("", "utf-8", "first line"),
        (HEADING + "500000000000,重庆市,province,\n", "gb18030", "not UTF-8"),
    ],
)
def test_what_is_no_such_file_is_refused_with_what_to_do(
    tmp_path: Path, text: str, encoding: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINLI_LANG", "en")

    with pytest.raises(Trouble, match=f"{why}.*Save it as CSV UTF-8"):
        read_file(written(tmp_path, text, encoding))


def test_a_level_is_cut_into_parts_that_leave_nothing_out() -> None:
    level: list[Row] = [(number, "") for number in range(2 * PART_ROWS + 1)]

    parts = parts_of(level)

    assert [len(part) for part in parts] == [PART_ROWS, PART_ROWS, 1]
    assert [row for part in parts for row in part] == level


def test_a_part_of_long_rows_is_still_what_one_command_takes() -> None:
    level: list[Row] = [(number, f"{number:012}\t{'长' * 80}\tcommunity\t{0:012}") for number in range(PART_ROWS)]

    parts = parts_of(level)

    assert [row for part in parts for row in part] == level
    for part in parts:
        assert ImportDivisions(source="x", valid_from=date(2026, 1, 1), rows="\n".join(line for _, line in part))
