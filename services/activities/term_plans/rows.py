"""From the cells of a plan to what they say, with a reason for each that says nothing. No I/O, no clock."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from contracts.data import AgeBand, Slug, Title
from contracts.refusals import Refusal
from services.activities.term_plans.sheet import Rows

MOST: Final = 1000
"""Rows of one sheet."""
COLUMNS: Final = ("日期", "开始", "结束", "阵地", "房间", "项目", "主题", "名额")
WANTED: Final = ("编号", "对象", "布置分钟", "整理分钟", "许可编号")
ALSO_CALLED: Final = {
    "活动日期": "日期", "开始时间": "开始", "结束时间": "结束", "场地": "房间", "活动项目": "项目", "活动主题": "主题",
    "人数": "名额", "活动对象": "对象",
}  # fmt: skip
EXAMPLES: Final = {
    "日期": "2026-09-01", "开始": "16:30", "结束": "18:00", "名额": "20", "对象": "6-13岁", "布置分钟": "30",
    "整理分钟": "15", "编号": "001", "许可编号": "QZGA-2026-017", "主题": "防溺水讲座",
}  # fmt: skip
NO_DATA: Final = ("合计", "总计", "填报", "审核", "联系电话")
"""How the rows begin that an office puts below its data."""
HEADING_WITHIN: Final = 10
"""Titles and the line of who fills the sheet in stand above the heading."""
EPOCH: Final = date(1899, 12, 30)
"""Day 0 of the numbers by which spreadsheets keep dates."""
BANDS: Final = {
    "幼儿": AgeBand.EARLY, "儿童": AgeBand.SCHOOL, "青少年": AgeBand.TEEN, "青年": AgeBand.YOUNG,
    "中年": AgeBand.MIDDLE, "老年": AgeBand.SENIOR, "老人": AgeBand.SENIOR,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """What a row says; sites, rooms and programmes by name."""

    row: int
    day: date
    begins: time
    ends: time
    site: str
    room: str
    programme: str
    title: str
    capacity: int
    number: str | None = None
    audience: tuple[AgeBand, ...] = ()
    set_up: int = 0
    clear_up: int = 0
    permit_number: str | None = None


Read = tuple[int, Entry | Refusal]
"""The row's number, and what it says or why it says nothing."""


def read_rows(rows: Rows) -> list[Read] | Refusal:
    """Every row of data below the heading, read or refused. Refusals of all: column-missing, sheet-too-long."""
    place, heading = _find_heading(rows)
    missing = [name for name in COLUMNS if name not in heading]
    if missing:
        return Refusal("column-missing", columns="、".join(missing))
    data = [(number, cells) for number, cells in rows[place + 1 :] if _is_data(cells, heading)]
    if len(data) > MOST:
        return Refusal("sheet-too-long", limit=MOST)
    return [(number, read_entry(number, _by_name(cells, heading))) for number, cells in data]


def _find_heading(rows: Rows) -> tuple[int, dict[str, int]]:
    """Where the heading stands, and the place of each known column: the row that names most of them."""
    best: tuple[int, dict[str, int]] = (0, {})
    for place, (_, cells) in enumerate(rows[:HEADING_WITHIN]):
        names = [ALSO_CALLED.get(name, name) for name in ("".join(cell.split()) for cell in cells)]
        known: tuple[str, ...] = (*COLUMNS, *WANTED)
        heading = {name: names.index(name) for name in known if name in names}
        if len(heading) > len(best[1]):
            best = place, heading
    return best


def _is_data(cells: Sequence[str], heading: Mapping[str, int]) -> bool:
    values = [cells[place] for place in heading.values() if place < len(cells) and cells[place]]
    first = next((cell for cell in cells if cell), "")
    return bool(values) and not first.startswith(NO_DATA)


def _by_name(cells: Sequence[str], heading: Mapping[str, int]) -> dict[str, str]:
    return {name: cells[place] if place < len(cells) else "" for name, place in heading.items()}


class _Bad(ValueError):
    """The cell of this column cannot be read."""


def read_entry(row: int, cells: Mapping[str, str]) -> Entry | Refusal:
    """What a row says. Refusals: cell-empty, cell-unreadable with the column and an example."""
    empty = next((name for name in COLUMNS if not cells.get(name)), None)
    if empty:
        return Refusal("cell-empty", column=empty)
    try:
        return Entry(
            row=row,
            day=_cell(cells, "日期", _day),
            begins=_cell(cells, "开始", _time),
            ends=_cell(cells, "结束", _time),
            site=cells["阵地"],
            room=cells["房间"],
            programme=cells["项目"],
            title=_cell(cells, "主题", TypeAdapter(Title).validate_python),
            capacity=_cell(cells, "名额", lambda text: _number(text, 1, 100_000)),
            number=_cell(cells, "编号", _label, None),
            audience=_cell(cells, "对象", _audience, ()),
            set_up=_cell(cells, "布置分钟", _minutes, 0),
            clear_up=_cell(cells, "整理分钟", _minutes, 0),
            permit_number=_cell(cells, "许可编号", TypeAdapter(Slug).validate_python, None),
        )
    except _Bad as bad:
        return Refusal("cell-unreadable", column=str(bad), example=EXAMPLES[str(bad)])


def _cell(cells: Mapping[str, str], column: str, read: Callable[[str], Any], otherwise: Any = None) -> Any:
    """What a cell says; `otherwise` where it is empty."""
    if not cells.get(column):
        return otherwise
    try:
        return read(cells[column])
    except (ValueError, OverflowError, KeyError, ValidationError):
        raise _Bad(column) from None


def _day(text: str) -> date:
    """`2026-09-01`, `2026/9/1`, `2026.9.1`, `2026年9月1日`, or the number a spreadsheet keeps."""
    if re.fullmatch(r"\d{5}(\.0+)?", text):
        return EPOCH + timedelta(days=int(float(text)))
    found = re.fullmatch(r"(20\d\d)[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]00:00(?::00)?)?", text)
    if found is None:
        raise ValueError(text)
    return date(int(found[1]), int(found[2]), int(found[3]))


def _time(text: str) -> time:
    """`16:30`, `16：30`, `16点30分`, or the fraction of a day a spreadsheet keeps."""
    if re.fullmatch(r"0?\.\d+(E-\d+)?", text):
        minutes = round(float(text) * 1440)
        return time(minutes // 60, minutes % 60)
    found = re.fullmatch(r"(\d{1,2})[:：点时](\d{2})?分?(?:[:：]00)?", text)
    if found is None:
        raise ValueError(text)
    return time(int(found[1]), int(found[2] or 0))


def _number(text: str, least: int, most: int) -> int:
    found = re.fullmatch(r"(\d{1,6})(\.0+)?人?", text)
    if found is None or not least <= int(found[1]) <= most:
        raise ValueError(text)
    return int(found[1])


def _minutes(text: str) -> int:
    return _number(text, 0, 480)


def _label(text: str) -> str:
    """An office's own number; a spreadsheet may have kept it as 7.0."""
    return str(TypeAdapter(Title).validate_python(re.sub(r"^(\d+)\.0+$", r"\1", text)))


def _audience(text: str) -> tuple[AgeBand, ...]:
    names = [name for name in re.split(r"[、,，;；/ ]+", text.replace("岁", "").replace("以上", "+")) if name]
    return tuple(dict.fromkeys(BANDS[name] if name in BANDS else _band(name) for name in names))


def _band(name: str) -> AgeBand:
    known = {band.value: band for band in AgeBand if band is not AgeBand.UNKNOWN}
    return known[name.replace("~", "-").replace("—", "-").replace("－", "-")]
