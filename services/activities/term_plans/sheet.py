"""Reads the rows of a sheet as text: .xlsx (ECMA-376) or .csv, as offices save them (standards.md 2.12). No I/O.

Only the values of the first sheet are read: no formula is run, no link is followed, nothing is written.
"""

import csv
import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import Final
from xml.etree import ElementTree

MOST_BYTES: Final = 6_000_000
"""What one part of a workbook may unfold to: a small file that grows beyond this is no plan."""
MAIN: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATED: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
STRINGS, TARGETS = "xl/sharedStrings.xml", "xl/_rels/workbook.xml.rels"
BROKEN: Final = (
    zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, KeyError, IndexError, ValueError, ElementTree.ParseError,
)  # fmt: skip
"""What a file that only looks like a workbook, or is locked by a password, may raise."""

Rows = list[tuple[int, list[str]]]
"""The number a row has in the sheet, and its cells as text from the first column on."""


class Unreadable(Exception):
    """The file is no sheet that can be read; the text is a code of the reason."""


def read(content: bytes) -> Rows:
    """The rows that hold anything. Raises Unreadable."""
    rows = _workbook(content) if content.startswith(b"PK") else _text(content)
    return [(number, cells) for number, cells in rows if any(cells)]


def _text(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Offices save CSV in UTF-8 with or without a mark, or in GB18030."""
    if b"\x00" in content:
        raise Unreadable("not-a-sheet")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("gb18030")
        except UnicodeDecodeError:
            raise Unreadable("unknown-encoding") from None
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter="\t" if first.count("\t") > first.count(",") else ",")
    try:
        return iter([(reader.line_num, [cell.strip() for cell in row]) for row in reader])
    except csv.Error:
        raise Unreadable("not-a-sheet") from None


def _workbook(content: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            has_strings = STRINGS in archive.namelist()
            shared = [_joined(item) for item in _part(archive, STRINGS)] if has_strings else []
            return iter(list(_sheet_rows(_part(archive, _first_sheet(archive)), shared)))
    except BROKEN:
        raise Unreadable("not-a-workbook") from None


def _part(archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    """A part of the workbook as XML. A document type, which no workbook has, could make it grow without end."""
    with archive.open(name) as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise Unreadable("too-large")
    if b"<!DOCTYPE" in content:
        raise Unreadable("not-a-workbook")
    return ElementTree.fromstring(content)


def _first_sheet(archive: zipfile.ZipFile) -> str:
    first = _part(archive, "xl/workbook.xml").find(f"{MAIN}sheets/{MAIN}sheet")
    if first is None:
        raise KeyError("no sheet")
    for related in _part(archive, TARGETS):
        if related.get("Id") == first.get(RELATED):
            target = related.get("Target", "")
            return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    raise KeyError("no such part")


def _sheet_rows(sheet: ElementTree.Element, shared: list[str]) -> Iterator[tuple[int, list[str]]]:
    number = 0
    for row in sheet.iter(f"{MAIN}row"):
        number = max(int(row.get("r", 0)), number + 1)
        cells: list[str] = []
        for cell in row.iter(f"{MAIN}c"):
            place = _column(cell.get("r", "")) if cell.get("r") else len(cells)
            if place > 200:
                break
            cells += [""] * (place + 1 - len(cells))
            cells[place] = _value(cell, shared).strip()
        yield number, cells


def _column(reference: str) -> int:
    """`A7` -> 0, `AB3` -> 27."""
    place = 0
    for letter in reference:
        if not letter.isalpha():
            break
        place = place * 26 + ord(letter.upper()) - 64
    return place - 1


def _value(cell: ElementTree.Element, shared: list[str]) -> str:
    if cell.get("t") == "inlineStr":
        return _joined(cell)
    value = cell.find(f"{MAIN}v")
    text = (value.text or "") if value is not None else ""
    return shared[int(text)] if cell.get("t") == "s" and text else text


def _joined(item: ElementTree.Element) -> str:
    """The text of a cell, without the reading aids (rPh) that some programs add."""
    return "".join(run.text or "" for child in item for run in child.iter(f"{MAIN}t") if child.tag != f"{MAIN}rPh")
