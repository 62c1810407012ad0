"""`./linli import-divisions`: a division list from a CSV file, as large as a country, through the public interface."""

import asyncio
import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import httpx2
import typer
from pydantic import TypeAdapter, ValidationError
from uuid_utils.compat import uuid7

from contracts.data import Lines
from contracts.refusals import Refused, reason_of
from contracts.registry.v1 import DivisionLevel, ImportDivisions, ImportSummary
from deploy.demo.desk import Desk, NoAnswer
from deploy.demo.screen import Screen
from deploy.local.options import DEFAULT_DATA, Data, Json, require_running
from deploy.local.record import Record
from deploy.local.trouble import Trouble
from deploy.local.words import in_chinese, say

MANUAL = say(
    "文件为 UTF-8 编码的 CSV，首行是 code,name,level,parent_code；级别为 province、city、district、street、community，"
    "省级没有上级。行的先后不限。可重复导入：内容相同的行不变。读不懂或上级不明的行逐行列出，其余照常导入；"
    "有被拒的行时退出状态为 1。\n\n"
    "例：./linli import-divisions divisions.csv --source 国家统计局2023 --valid-from 2023-06-30",
    "The file is CSV in UTF-8 with the heading code,name,level,parent_code; levels are province, city, district, "
    "street and community, and a province has no parent. Rows may stand in any order. Safe to repeat: the same rows "
    "change nothing. A row that cannot be taken in is listed with its line and the reason, the others go in; the exit "
    "status is then 1.\n\n"
    "Example: ./linli import-divisions divisions.csv --source 'statistics 2023' --valid-from 2023-06-30",
)

BEIJING: Final = timezone(timedelta(hours=8))
IMPORTER: Final = "client:import-divisions"
HEADING: Final = ["code", "name", "level", "parent_code"]
PART_ROWS: Final = 5000
PART_CHARACTERS: Final = 400_000
PARTS_AT_ONCE: Final = 4
"""As many as the gateway carries at once; more would wait there until it gives up on them."""
SHOWN_REFUSALS: Final = 20
TEXT: Final[TypeAdapter[str]] = TypeAdapter(Lines)
TOKEN_SECONDS: Final = 3600

File = Annotated[
    Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help=say("CSV 文件", "The CSV file"))
]
Source = Annotated[str, typer.Option(help=say("名单来源，默认文件名", "Whose list it is; by default the file's name"))]
ValidFrom = Annotated[
    str, typer.Option(metavar="DATE", help=say("自何日起有效，默认今天", "Since when it is valid; by default today"))
]


Row = tuple[int, str]
"""A row's line in the file, and its text as it travels. No class: a country has 664,000 rows."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row that was refused: its line in the file, its code as written, the reason code and the sentence about it."""

    line: int
    code: str
    reason: str
    sentence: str


@dataclass(slots=True)
class Total:
    """What became of a whole list: counts of rows, and those left out in the order of the file."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: list[LeftOut] = field(default_factory=list)

    def add(self, rows: Sequence[Row], summary: ImportSummary) -> None:
        """Counts the answer to one part of the list."""
        self.added += summary.added
        self.changed += summary.changed
        self.unchanged += summary.unchanged
        self.refused += [_left_out(rows[refused.line - 1], refused.code) for refused in summary.refused]


def import_divisions(
    file: File, source: Source = "", valid_from: ValidFrom = "", data: Data = DEFAULT_DATA, as_json: Json = False
) -> None:
    """Imports a file into the running stack; ends with status 1 when rows were refused."""
    record = require_running(data)
    since = _date(valid_from) if valid_from else datetime.now(BEIJING).date()
    levels = read_file(file)
    screen = Screen()
    with screen.bar(say("导入区划", "importing divisions"), sum(map(len, levels))) as moved:
        try:
            total = asyncio.run(_send(record, levels, source or file.name[:80], since, moved))
        except (NoAnswer, Refused) as stopped:
            raise _stopped(stopped) from stopped
        except ValidationError:  # every row was looked at before: it is the source
            raise Trouble(
                say("--source 须为 1 至 80 个字符的名称。", "--source must be a name of 1 to 80 characters.")
            ) from None
    if as_json:
        print(json.dumps(asdict(total), ensure_ascii=False))
    else:
        show(total, screen)
    raise typer.Exit(1 if total.refused else 0)


async def _send(
    record: Record, levels: Sequence[Sequence[Row]], source: str, valid_from: date, moved: Callable[[int], None]
) -> Total:
    from services.chassis.tokens import Signer

    token = Signer("gateway", record.secrets_dir).mint(IMPORTER, ["operator"], seconds=TOKEN_SECONDS)
    async with httpx2.AsyncClient(trust_env=False) as client:
        # One id for this run, from which those of its parts follow: a part that is sent again is done once.
        desk = Desk(client, lambda: record.gateway_url, IMPORTER, token, uuid7())
        return await send_levels(desk, levels, source, valid_from, moved)


async def send_levels(
    desk: Desk, levels: Sequence[Sequence[Row]], source: str, valid_from: date, moved: Callable[[int], None]
) -> Total:
    """Imports a list in parts, several at once; `moved` hears how many rows more are done.

    A level is sent when the one above is answered, so that every parent is there before its children.
    Raises Refused when a whole part is refused, NoAnswer after long outages; the parts answered before stand.
    """
    total = Total()
    make = partial(ImportDivisions, source=source, valid_from=valid_from)
    for level in levels:
        sent: list[Sequence[Row]] = []
        commands = _commands(level, make, sent, total)
        replies = await desk.send_all(commands, lambda reply: moved(_rows_in(reply)), PARTS_AT_ONCE)
        for part, reply in zip(sent, replies, strict=True):
            total.add(part, reply)
    total.refused.sort(key=lambda row: row.line)
    return total


def parts_of(level: Sequence[Row]) -> list[Sequence[Row]]:
    """A level cut into what one command carries: so many rows at most, fewer where they are long."""
    cut = [level[start : start + PART_ROWS] for start in range(0, len(level), PART_ROWS)]
    return [fitting for part in cut for fitting in _halved(part)]


def _halved(part: Sequence[Row]) -> Iterator[Sequence[Row]]:
    if len(part) == 1 or sum([len(line) + 1 for _, line in part]) <= PART_CHARACTERS:
        yield part
        return
    middle = len(part) // 2
    yield from _halved(part[:middle])
    yield from _halved(part[middle:])


def read_file(file: Path) -> list[list[Row]]:
    """The rows of a CSV file by level, the upper first and those of no level last. Trouble for what is no such file."""
    levels: dict[str, list[Row]] = {level.value: [] for level in (*list(DivisionLevel)[1:], DivisionLevel.UNKNOWN)}
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            reader = csv.reader(opened)
            if next(reader, None) != HEADING:
                raise _unreadable(file, say("首行不是", "its first line is not ") + ",".join(HEADING))
            for fields in reader:
                line = "\t".join(fields)
                if line.count("\t") != 3 or "\n" in line:
                    line = "\t".join(" ".join(each.split()) for each in fields)
                level = fields[2] if len(fields) == 4 and fields[2] in levels else "unknown"
                levels[level].append((reader.line_num, line))
    except UnicodeDecodeError as broken:
        raise _unreadable(file, say("不是 UTF-8 编码", "it is not UTF-8")) from broken
    except csv.Error as broken:
        raise _unreadable(file, str(broken)) from broken
    for rows in levels.values():  # so that one part holds both rows of a code, and the second is refused
        rows.sort(key=_code_of)
    return list(levels.values())


def _code_of(row: Row) -> str:
    return row[1][:12]


def show(total: Total, screen: Screen) -> None:
    """The counts, and the first of the rows that were left out."""
    screen.line(
        say(
            f"新增 {total.added:,}，变更 {total.changed:,}，未变 {total.unchanged:,}，拒收 {len(total.refused):,}。",
            f"{total.added:,} added, {total.changed:,} changed, {total.unchanged:,} unchanged, "
            f"{len(total.refused):,} refused.",
        )
    )
    if total.refused:
        headings = say("行,代码,原因,说明", "line,code,reason,meaning").split(",")
        shown = [(row.line, row.code, row.reason, row.sentence) for row in total.refused[:SHOWN_REFUSALS]]
        screen.table(say("被拒的行（全部：--json）", "Rows left out (all of them: --json)"), headings, shown)


def _commands(
    level: Sequence[Row], make: Callable[..., ImportDivisions], sent: list[Sequence[Row]], total: Total
) -> Iterator[ImportDivisions]:
    """The parts of a level as commands, each made when it is its turn; `sent` gets the rows of each.

    A row with an identity number is left out here, or its whole part would be refused.
    """
    for part in parts_of(level):
        try:
            command = make(rows=_text(part))
        except ValidationError:
            barred = [row for row in part if _holds_barred(row[1])]
            total.refused += [_left_out(row, "row-unreadable") for row in barred]
            part = [row for row in part if row not in barred]
            if not part:
                continue
            command = make(rows=_text(part))
        sent.append(part)
        yield command


def _text(part: Sequence[Row]) -> str:
    return "\n".join([line for _, line in part])


def _holds_barred(text: str) -> bool:
    try:
        TEXT.validate_python(text)
    except ValidationError:
        return True
    return False


def _rows_in(summary: ImportSummary) -> int:
    return summary.added + summary.changed + summary.unchanged + len(summary.refused)


def _left_out(row: Row, reason: str) -> LeftOut:
    number, line = row
    code = line.partition("\t")[0][:12]
    return LeftOut(number, code, reason, _sentence(reason, {"code": code}))


def _sentence(reason: str, params: Mapping[str, object]) -> str:
    return reason_of(reason).sentence("zh" if in_chinese() else "en", params)


def _date(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise Trouble(
            say(f"看不懂日期 {written}，应写作 2023-06-30。", f"Cannot read the date {written}: write 2023-06-30.")
        ) from None


def _unreadable(file: Path, why: str) -> Trouble:
    return Trouble(
        say(
            f"无法读取 {file}：{why}。请在表格软件中另存为“CSV UTF-8”，首行为 {','.join(HEADING)}。",
            f"Cannot read {file}: {why}. Save it as CSV UTF-8 in your spreadsheet program, "
            f"with the first line {','.join(HEADING)}.",
        )
    )


def _stopped(why: NoAnswer | Refused) -> Trouble:
    said = _sentence(why.refusal.code, why.refusal.params) if isinstance(why, Refused) else str(why)
    return Trouble(
        say(
            f"导入中断：{said} 已导入的部分保留，再次运行即可继续：相同的行不变。",
            f"The import stopped: {said} What was taken in stays; run it again to go on: the same rows change nothing.",
        )
    )
