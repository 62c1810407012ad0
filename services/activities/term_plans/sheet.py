"""Reads the rows of a sheet as text: .xlsx or .csv, as offices save them (standards.md 2.12). No I/O.

Only the values of the first sheet are read: no formula is run, no link is followed, nothing is written.
"""

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from itertools import islice
from typing import Any, Final

MOST_BYTES: Final = 6_000_000
"""What all parts of a workbook may unfold to: a small file that grows beyond this is no plan."""
MOST_ROWS, MOST_COLUMNS = 5_000, 200

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


def _workbook(content: bytes) -> list[tuple[int, list[str]]]:
    from openpyxl import load_workbook  # here: a service starts sooner and smaller without, and plans come once a term

    try:
        _must_not_unfold(content)
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        rows = islice(book.worksheets[0].iter_rows(max_col=MOST_COLUMNS, values_only=True), MOST_ROWS + 1)
        found = [(number, [_as_text(value) for value in row]) for number, row in enumerate(rows, 1)]
        book.close()
    except Unreadable:
        raise
    except Exception:  # whatever a file that only looks like a workbook, or is locked by a password, makes it raise
        raise Unreadable("not-a-workbook") from None
    if len(found) > MOST_ROWS:
        raise Unreadable("too-large")
    return found


def _must_not_unfold(content: bytes) -> None:
    """No part may say a document type, which no workbook has and which could make it grow without end."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(part.file_size for part in archive.infolist()) > MOST_BYTES:
            raise Unreadable("too-large")
        if any(b"<!DOCTYPE" in archive.read(part) for part in archive.infolist()):
            raise Unreadable("not-a-workbook")


def _as_text(value: Any) -> str:
    """A cell as somebody would have typed it."""
    match value:
        case None:
            return ""
        case datetime():
            return f"{value:%Y-%m-%d}" if value.time() == time.min else f"{value:%Y-%m-%d %H:%M}"
        case date() | time():
            return value.isoformat()
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return str(value).strip()
