"""`./linli audit`: is the log whole, who saw a person's record, and the year's rows for the compliance audit."""

import asyncio
import csv
import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, TextIO
from uuid import UUID
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from contracts.audit import AuditAction
from contracts.catalogue import SERVICES
from deploy.audit import anchors, log
from deploy.audit.chain import Finding, Kind
from deploy.audit.place import Place, find_place
from deploy.audit.verify import COUNT, Verdict, verify
from deploy.audit.verify import told as verdict_told
from deploy.by_hand import known_service
from deploy.local.options import DEFAULT_DATA, Data, Json
from deploy.local.words import say
from services.chassis.audit import anchor_keys

MANUAL = say(
    "审计日志只增不改，按行成链，链头每分钟锚定到数据库之外的消息流。verify 逐行核对，指出第一处被改、被删、被插入的"
    "位置，以及结尾是否被截断；发现问题时退出状态为 1。show 回答“谁看过这个人的记录”。export 导出一年的记录，供合规"
    "审计。anchors 导出锚点，请存放到别处(打印或另一台机器)，verify --anchors 可一并核对。\n\n"
    "例：./linli audit verify;./linli audit export --year 2026 --out audit-2026.csv",
    "The audit log is only added to; its rows form a chain whose head is anchored outside the database every minute. "
    "verify reads every row and names the first that was edited, taken out or put in, and a cut tail; its exit status "
    "is then 1. show answers who saw a person's record. export writes a year for the compliance audit of minors' data. "
    "anchors writes the anchors for keeping elsewhere (on paper, on another machine); verify --anchors looks at those "
    "too.\n\nExample: ./linli audit verify; ./linli audit export --year 2026 --out audit-2026.csv",
)
LOCAL: Final = ZoneInfo("Asia/Shanghai")
SHOWN: Final = 20

app = typer.Typer(add_completion=False, no_args_is_help=True)


class Form(StrEnum):
    """How a year is written."""

    CSV = "csv"
    JSONL = "jsonl"


OneService = Annotated[str, typer.Option("--service", metavar="SERVICE", help=say("只看某个服务", "Only this service"))]
Person = Annotated[UUID, typer.Option("--person", metavar="ID", help=say("人员编号", "The person's id"))]
Year = Annotated[int, typer.Option(min=2020, max=2199, help=say("年份(北京时间)", "The year, by Beijing time"))]
Out = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", dir_okay=False, help=say("写入文件", "Write to this file"))
]
Format = Annotated[Form, typer.Option("--format", help=say("格式", "The format"))]
Kept = Annotated[
    Path | None,
    typer.Option(
        "--anchors", metavar="FILE", exists=True, dir_okay=False, help=say("另存的锚点", "Anchors that were put away")
    ),
]


@app.command("verify", help=say("核对日志是否完整", "Is the log whole"))
def verify_logs(service: OneService = "", kept: Kept = None, data: Data = DEFAULT_DATA, as_json: Json = False) -> None:
    """Names what is wrong with each log; exit status 1 when anything is."""
    place = find_place(data)
    verdicts = asyncio.run(verify_all(place, _chosen(service), anchors.read_file(kept) if kept else []))
    if as_json:
        whole = all(verdict.whole for verdict in verdicts)
        print(json.dumps({"whole": whole, "logs": [verdict_told(verdict) for verdict in verdicts]}))
    else:
        for verdict in verdicts:
            for line in sentences(verdict):
                print(line)
    raise typer.Exit(0 if all(verdict.whole for verdict in verdicts) else 1)


@app.command(help=say("谁看过这个人的记录", "Who saw this person's record"))
def show(person: Person, service: OneService = "", data: Data = DEFAULT_DATA, as_json: Json = False) -> None:
    """The rows about a person of every service, by time. The question is written down too."""
    rows = asyncio.run(_show(find_place(data), _chosen(service), person))
    if as_json:
        print(json.dumps({"person": str(person), "accesses": rows}))
        return
    columns = ("at", "service", "action", "actor", "region", "reason", "thing", "times")
    table = Table(title=say(f"{len(rows)} 条记录", f"{len(rows)} rows"))
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*("" if row[column] is None else str(row[column]) for column in columns))
    Console(highlight=False).print(table)


@app.command(help=say("导出一年的记录", "The rows of a year"))
def export(
    year: Year,
    out: Out = None,
    form: Format = Form.CSV,
    service: OneService = "",
    data: Data = DEFAULT_DATA,
    as_json: Json = False,
) -> None:
    """Writes every row of a year, to a file or standard output; `--json` tells how many, and needs `--out`."""
    if as_json and out is None:
        raise typer.BadParameter(say("--json 需要 --out", "--json needs --out"))
    place, services = find_place(data), _chosen(service)
    with ExitStack() as stack:
        file = sys.stdout if out is None else stack.enter_context(_whole(out))
        counts = asyncio.run(_export(place, services, year, form, file))
    if as_json:
        print(json.dumps({"year": year, "file": str(out), "rows": counts}))
    elif out is not None:
        total = sum(counts.values())
        print(say(f"已写入 {total} 条：{out}", f"{total} rows written: {out}"))


@app.command("anchors", help=say("导出锚点", "The anchors, for keeping elsewhere"))
def write_anchors(out: Out = None, data: Data = DEFAULT_DATA, as_json: Json = False) -> None:
    """One signed anchor a line."""
    texts = asyncio.run(_read_anchors(find_place(data)))
    if out is not None:
        out.write_text("".join(f"{text}\n" for text in texts), "ascii")
    if as_json:
        print(json.dumps({"anchors": len(texts), "file": str(out)} if out else {"anchors": texts}))
    elif out is None:
        print("\n".join(texts))
    else:
        print(say(f"已写入 {len(texts)} 个锚点：{out}", f"{len(texts)} anchors written: {out}"))


@contextmanager
def _whole(out: Path) -> Iterator[TextIO]:
    """A file that takes its name when all is written; what had it stays until then."""
    if out.exists() and not out.is_file():  # a pipe, a device
        with out.open("w", encoding="utf-8", newline="") as file:
            yield file
        return
    draft = out.with_name(f".{out.name}.part")
    try:
        with draft.open("w", encoding="utf-8", newline="") as file:
            yield file
        draft.replace(out)
    finally:
        draft.unlink(missing_ok=True)


def _chosen(service: str) -> tuple[str, ...]:
    return (known_service(service),) if service else SERVICES


def _bar() -> Progress:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True)


async def _read_anchors(place: Place) -> list[str]:
    async with place.bus() as bus:
        return await anchors.read_stream(bus)


async def verify_all(place: Place, services: Iterable[str], kept: list[str]) -> list[Verdict]:
    """Anchors first: what was anchored before the rows are read must be among them."""
    texts, keys = [*kept, *await _read_anchors(place)], anchor_keys(place.secrets)
    verdicts = []
    with _bar() as bar:
        for service in services:
            async with place.database(service) as database:
                task = bar.add_task(service, total=await database.fetchval(COUNT))
                mine = anchors.of_service(service, texts, keys)
                verdicts.append(await verify(database, service, mine, lambda n, t=task: bar.update(t, completed=n)))  # type: ignore[misc]
    return verdicts


async def _show(place: Place, services: Iterable[str], person: UUID) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for service in services:
        async with place.database(service) as database:
            rows += [{"service": service, **row} for row in await log.list_about(database, person)]
    return sorted(rows, key=lambda row: row["at"])


async def _export(place: Place, services: Iterable[str], year: int, form: Form, file: TextIO) -> dict[str, int]:
    """How many rows of each service were written. That they are read is written down first: whoever breaks off in the
    middle has read as well."""
    begins, ends = (datetime(each, 1, 1, tzinfo=LOCAL).astimezone(UTC) for each in (year, year + 1))
    names = ("service", *log.COLUMNS)
    table = csv.DictWriter(file, names)
    if form is Form.CSV:
        table.writeheader()
    counts: dict[str, int] = {}
    with _bar() as bar:
        for service in services:
            async with place.database(service) as database:
                await log.note(database, AuditAction.EXPORTED, None, f"audit-{year}")
                task = bar.add_task(service, total=await log.count_between(database, begins, ends))
                counts[service] = 0
                async for rows in log.list_between(database, begins, ends):
                    found = [{"service": service, **row} for row in rows]
                    if form is Form.CSV:
                        table.writerows(found)
                    else:
                        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in found)
                    counts[service] += len(rows)
                    bar.update(task, completed=counts[service])
    return counts


def sentences(verdict: Verdict) -> list[str]:
    """A verdict for people."""
    name, rows = verdict.service, verdict.rows
    if not verdict.findings:
        loose = verdict.head - verdict.anchored
        return [
            say(
                f"{name}：完整，{rows} 行，{verdict.anchors} 个锚点，最近 {loose} 行待锚定。",
                f"{name}: whole; {rows} rows, {verdict.anchors} anchors, the last {loose} rows wait for the next one.",
            )
        ]
    more = len(verdict.findings) - SHOWN
    return [f"{name}: {sentence(each)}" for each in verdict.findings[:SHOWN]] + (
        [f"{name}: … +{more}"] if more > 0 else []
    )


def sentence(it: Finding) -> str:
    """One finding for people."""
    span = f"#{it.place}" if it.place == it.until else f"#{it.place}–#{it.until}"
    row = "" if it.row is None else say(f"(行号 {it.row})", f" (row {it.row})")
    words = {
        Kind.ALTERED: say(f"{span} 被改动{row}。", f"{span} was altered{row}."),
        Kind.REMOVED: say(f"{span} 被删除。", f"{span} was taken out."),
        Kind.ADDED: say(f"{span} 处多出一行{row}。", f"a second row claims {span}{row}."),
        Kind.REWRITTEN: say(f"{span} 与锚点不符，自其中某行起被重写。", f"{span} is not what was anchored: rewritten."),
        Kind.HEAD: say(f"链头的记录与最后一行不符({span})。", f"the head's note is not the last row ({span})."),
        Kind.CUT: say(f"结尾被截断：缺 {span}。", f"the tail was cut off: {span} is missing."),
        Kind.TOO_EARLY: say(f"{span} 未满保存期限即被删除。", f"{span} left before its time."),
        Kind.UNANCHORED: say(f"{span} 超过 15 分钟没有锚点。", f"{span} has no anchor after 15 minutes."),
        Kind.FORGED: say(
            f"{span} 的恢复声明签名无效。", f"the announcement of a restore at {span} is not signed by us."
        ),
        Kind.RESTORED: say(
            f"{span} 在数据库恢复时丢失(已声明)。", f"{span} was lost when the database was restored, as announced."
        ),
    }
    return words[it.kind]
