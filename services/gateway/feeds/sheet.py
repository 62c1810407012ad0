"""A table in the layout of Chinese offices, as an .xlsx file (ECMA-376; standards.md 2.12). No I/O, no clock.

Title row merged over the table, a row of who reports and when, a header, 序号 first, 合计 last, a footer of who made
and checked it. Written by hand: one sheet of texts and whole numbers needs no library.
"""

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from xml.sax.saxutils import escape

Cell = str | int | None
MOMENT: Final = (1980, 1, 1, 0, 0, 0)
"""The same table gives the same bytes: files in a zip carry no time of ours."""
TITLE, HEADER, PLAIN = 1, 2, 3
NARROW, WIDE = 8, 18
# What a spreadsheet might run as a formula when the text is copied on: it is kept from beginning with these.
FORMULA: Final = re.compile(r"^[=+\-@\t\r]")
NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
TYPES: Final = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/xl/workbook.xml" \
ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>
<Override PartName="/xl/worksheets/sheet1.xml" \
ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>
<Override PartName="/xl/styles.xml" \
ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>
</Types>"""
RELATION: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
ROOT_RELATIONS: Final = f"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{RELATION}/officeDocument" Target="xl/workbook.xml"/>
</Relationships>"""
BOOK: Final = f"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<workbook xmlns="{MAIN}" xmlns:r="{RELATION}"><sheets><sheet name="%s" sheetId="1" r:id="rId1"/></sheets></workbook>"""
BOOK_RELATIONS: Final = f"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="{PACKAGE}">
<Relationship Id="rId1" Type="{RELATION}/worksheet" Target="worksheets/sheet1.xml"/>
<Relationship Id="rId2" Type="{RELATION}/styles" Target="styles.xml"/></Relationships>"""
# Fonts: plain, title. Borders: none, thin. Cells: none, title, header, plain; text cells keep long digits as they are.
STYLES: Final = f"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<styleSheet xmlns="{MAIN}">
<fonts count="2"><font><sz val="11"/><name val="宋体"/></font><font><b/><sz val="16"/><name val="宋体"/></font></fonts>
<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>
<borders count="2"><border><left/><right/><top/><bottom/><diagonal/></border><border><left style="thin"/>\
<right style="thin"/><top style="thin"/><bottom style="thin"/><diagonal/></border></borders>
<cellStyleXfs count="1"><xf/></cellStyleXfs>
<cellXfs count="4"><xf xfId="0"/>
<xf fontId="1" applyFont="1" applyAlignment="1" xfId="0"><alignment horizontal="center" vertical="center"/></xf>
<xf borderId="1" applyBorder="1" applyAlignment="1" xfId="0"><alignment horizontal="center"/></xf>
<xf borderId="1" applyBorder="1" xfId="0"/></cellXfs></styleSheet>"""


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
    parts = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": ROOT_RELATIONS,
        "xl/workbook.xml": BOOK % escape(re.sub(r"[\[\]:*?/\\]", " ", sheet.title)[:31], {'"': "&quot;"}),
        "xl/_rels/workbook.xml.rels": BOOK_RELATIONS,
        "xl/styles.xml": STYLES,
        "xl/worksheets/sheet1.xml": _worksheet(sheet),
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name, MOMENT), text.encode(), zipfile.ZIP_DEFLATED)
    return file.getvalue()


def lines(sheet: Sheet) -> list[tuple[int, list[Cell]]]:
    """Every row of the table with its style, top to bottom."""
    made = f"填报时间：{sheet.on.year}年{sheet.on.month}月{sheet.on.day}日"
    head: list[tuple[int, list[Cell]]] = [
        (TITLE, [sheet.title]),
        (0, [f"填报单位：{sheet.unit}    {made}    单位：{sheet.measures}"]),
        (HEADER, ["序号", *sheet.header]),
    ]
    body: list[tuple[int, list[Cell]]] = [(PLAIN, [number, *row]) for number, row in enumerate(sheet.rows, 1)]
    return [*head, *body, (PLAIN, ["合计", *sheet.total]), (0, ["填报人：        审核人：        联系电话："])]


def _worksheet(sheet: Sheet) -> str:
    columns = len(sheet.header) + 1
    last = _column(columns)
    told = lines(sheet)
    rows = "".join(_row(number, style, cells) for number, (style, cells) in enumerate(told, 1))
    merged = "".join(f'<mergeCell ref="A{row}:{last}{row}"/>' for row in (1, 2, len(told)))
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="{MAIN}">'
        f'<cols><col min="1" max="1" width="{NARROW}" customWidth="1"/>'
        f'<col min="2" max="{columns}" width="{WIDE}" customWidth="1"/></cols>'
        f'<sheetData>{rows}</sheetData><mergeCells count="3">{merged}</mergeCells></worksheet>'
    )


def _row(number: int, style: int, cells: Sequence[Cell]) -> str:
    told = "".join(_cell(f"{_column(place)}{number}", style, cell) for place, cell in enumerate(cells, 1))
    return f'<row r="{number}">{told}</row>'


def _cell(place: str, style: int, value: Cell) -> str:
    if isinstance(value, int):
        return f'<c r="{place}" s="{style}"><v>{value}</v></c>'
    text = NOT_XML.sub("", "—" if value is None else value)
    safe = f"'{text}" if FORMULA.match(text) else text
    return f'<c r="{place}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{escape(safe)}</t></is></c>'


def _column(number: int) -> str:
    """1 is A, 27 is AA."""
    return (_column((number - 1) // 26) if number > 26 else "") + chr(65 + (number - 1) % 26)
