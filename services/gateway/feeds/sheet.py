"""A table in the layout of Chinese offices, as an .xlsx file (standards.md 2.12). No I/O, no clock.

Title row merged over the table, a row of who reports and when, a header, 序号 first, 合计 last, a footer of who made
and checked it.
"""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, MergedCell
from openpyxl.cell.cell import Cell as OneCell
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

Cell = str | int | None
NARROW, WIDE = 8, 18
FONT: Final = "宋体"
THIN: Final = Side(style="thin")
FRAME: Final = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)
CENTRED: Final = Alignment(horizontal="center", vertical="center")
# What a spreadsheet might run as a formula when the text is copied on: it is kept from beginning with these.
FORMULA: Final = re.compile(r"^[=+\-@\t\r]")
NOT_IN_A_NAME: Final = re.compile(r"[\[\]:*?/\\]")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table as an office files it. `rows` and `total` begin after 序号; a missing number prints as `—`."""

    title: str
    unit: str
    on: date
    measures: str
    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    total: Sequence[Cell]


def to_xlsx(sheet: Sheet) -> bytes:
    """The file."""
    book = Workbook()
    page = book.active
    assert isinstance(page, Worksheet)
    page.title = NOT_IN_A_NAME.sub(" ", sheet.title)[:31]
    made = f"填报时间：{sheet.on.year}年{sheet.on.month}月{sheet.on.day}日"
    _across(page, sheet, sheet.title).font = Font(name=FONT, size=16, bold=True)
    page["A1"].alignment = CENTRED
    _across(page, sheet, f"填报单位：{_text(sheet.unit)}    {made}    单位：{sheet.measures}")
    _row(page, ["序号", *sheet.header])
    for number, row in enumerate(sheet.rows, 1):
        _row(page, [number, *row])
    _row(page, ["合计", *sheet.total])
    _across(page, sheet, "填报人：        审核人：        联系电话：")
    for column in range(1, len(sheet.header) + 2):
        page.column_dimensions[get_column_letter(column)].width = NARROW if column == 1 else WIDE
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _across(page: Worksheet, sheet: Sheet, text: str) -> OneCell | MergedCell:
    """A row of one cell over the whole table."""
    number = page.max_row + 1 if page["A1"].value else 1
    cell = page.cell(number, 1, _text(text))
    page.merge_cells(start_row=number, end_row=number, start_column=1, end_column=len(sheet.header) + 1)
    return cell


def _row(page: Worksheet, values: Sequence[Cell]) -> None:
    """A framed row; texts are texts, whatever they look like, so that long digits stay as they are."""
    number = page.max_row + 1
    for column, value in enumerate(values, 1):
        told = value if isinstance(value, int) else _text("—" if value is None else value)
        page.cell(number, column, told).border = FRAME


def _text(value: str) -> str:
    clean = str(ILLEGAL_CHARACTERS_RE.sub("", value))
    return f"'{clean}" if FORMULA.match(clean) else clean
