"""`./linli rebuild`: what a service remembers of others' facts, built anew from the archive."""

import asyncio
import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, TaskID
from rich.table import Table

from deploy.local.options import DEFAULT_DATA, Data, Json, require_running
from deploy.local.record import Record
from deploy.local.words import say
from deploy.read_models import Building, Rebuilt, Told, rebuild

MANUAL = say(
    "读模型是服务记住的他人事实，例如 activities 的 sites（阵地）。重建时系统照常运行：在旁边用归档重算，最后一步在"
    "一个事务中替换不同的行，不触发任何通知或事件。--check 只比较，不同则退出状态为 1。\n\n"
    "例：./linli rebuild activities sites",
    "A read model is what a service remembers of others' facts, such as the sites of activities. Everything runs on "
    "meanwhile: it is computed beside the live one from the archive, and the rows that differ are exchanged in one "
    "transaction; nobody is told anything again. --check only compares; the exit status is 1 when they differ.\n\n"
    "Example: ./linli rebuild activities sites",
)

Service = Annotated[str, typer.Argument(metavar="SERVICE", help=say("服务名", "The service"))]
Model = Annotated[str, typer.Argument(metavar="MODEL", help=say("读模型，如 sites", "The read model, such as sites"))]
Check = Annotated[bool, typer.Option("--check", help=say("只比较，不改动", "Compare and change nothing"))]
TakeBack = Annotated[
    bool,
    typer.Option(
        "--take-back",
        help=say("归档较短时退回（所属服务从备份恢复后）", "Go back where the archive is shorter (owner was restored)"),
    ),
]


def rebuild_model(
    service: Service,
    model: Model,
    check: Check = False,
    take_back: TakeBack = False,
    data: Data = DEFAULT_DATA,
    as_json: Json = False,
) -> None:
    """Rebuilds, or with --check compares, one read model of the running stack."""
    record = require_running(data)
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(say("重放归档", "playing the archive"), total=None)
        built = asyncio.run(_rebuild(record, service, model, check, take_back, _moving(bar, task)))
    if as_json:
        print(json.dumps({**asdict(built), "equal": built.equal, "changed": not check and not built.equal}))
    else:
        _show(built, check)
    raise SystemExit(int(check and not built.equal))


def _moving(bar: Progress, task: TaskID) -> Told:
    return lambda done, of: bar.update(task, completed=done, total=of)


async def _rebuild(record: Record, service: str, model: str, check: bool, take_back: bool, tell: Told) -> Rebuilt:
    from deploy import by_hand

    hearing = by_hand.find_hearing(service, model, model=True)
    async with (
        by_hand.opened(record, service) as running,
        by_hand.session_of(running.settings.database_dsn) as live,
        by_hand.archive_of(record, hearing.owner) as archive,
    ):
        return await rebuild(Building(hearing, running.actor, live, archive, take_back), check=check, tell=tell)


def _show(built: Rebuilt, check: bool) -> None:
    headings = (
        say("表", "table"),
        say("原有", "before"),
        say("重建后", "after"),
        say("删除", "removed"),
        say("新增", "added"),
        say("校验和", "checksum"),
    )
    table = Table(
        *headings, title=say(f"{built.model}：{built.events} 个事件", f"{built.model}: {built.events} events")
    )
    for each in built.tables:
        sums = dict.fromkeys((each.checksum_before[:12], each.checksum_after[:12]))
        counts = (each.rows_before, each.rows_after, each.removed, each.added)
        table.add_row(each.name, *map(str, counts), " → ".join(sums))
    console = Console(highlight=False)
    console.print(table)
    console.print(_verdict(built, check))


def _verdict(built: Rebuilt, check: bool) -> str:
    if built.equal:
        return say("与归档一致。", "It is what the archive makes of it.")
    if check:
        return say(
            "与归档不一致，未作改动。去掉 --check 即可重建。",
            "It differs from the archive; nothing was changed. Run it without --check to rebuild it.",
        )
    return say("已按归档替换。", "It was exchanged for what the archive makes of it.")
