"""`./linli dead`: messages that a consumer could not handle, kept with their bytes until a person decides."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from deploy.local.options import DEFAULT_DATA, Data, Json, require_running
from deploy.local.record import Record
from deploy.local.words import say

MANUAL = say(
    "处理失败的消息先隔离保存，再从队列移除。修复原因后用 replay 交给失败的那个消费者重新处理，其他消费者与外部监听者"
    "不受影响。discard 表示放弃，须说明理由。",
    "A message that failed for good is stored before the stream lets go of it. Mend the cause, then replay it: the "
    "consumer that failed handles it now, and nobody else hears of it. discard gives it up and needs a reason.",
)
COLUMNS = ("service", "id", "consumer", "subject", "reason", "attempts", "at")
T = TypeVar("T")

app = typer.Typer(add_completion=False, no_args_is_help=True)

Service = Annotated[str, typer.Argument(metavar="SERVICE", help=say("服务名", "The service"))]
AnyService = Annotated[str, typer.Argument(metavar="[SERVICE]", help=say("服务名，默认全部", "By default all of them"))]
Number = Annotated[int, typer.Argument(metavar="ID", help=say("隔离编号", "Its number in the list"))]
Why = Annotated[str, typer.Option("--why", help=say("理由，会保存", "The reason; it is kept"))]


@app.command("list", help=say("等待处理的消息，旧的在前", "Those that wait for a decision, oldest first"))
def list_dead(service: AnyService = "", data: Data = DEFAULT_DATA, as_json: Json = False) -> None:
    """All services where none is named."""
    from contracts.catalogue import SERVICES
    from deploy import by_hand, quarantine

    record = require_running(data)
    names = (by_hand.known_service(service),) if service else SERVICES
    found = [{"service": name, **row} for name in names for row in _on(record, name, quarantine.list_open)]
    if as_json:
        _print_json({"quarantined": found})
        return
    table = Table(title=say(f"隔离 {len(found)} 条", f"{len(found)} quarantined"))
    for column in COLUMNS:
        table.add_column(column, overflow="fold")
    for row in found:
        table.add_row(*(str(row[column]) for column in COLUMNS))
    Console(highlight=False).print(table)


@app.command(help=say("显示一条消息的头与内容", "One message with its headers and its body"))
def show(service: Service, id: Number, data: Data = DEFAULT_DATA, as_json: Json = False) -> None:
    """The body as text; bytes that are no UTF-8 are shown as escapes, and `body_hex` has them all as they are."""
    from deploy import quarantine

    row = _on(require_running(data), service, lambda database: quarantine.get(database, service, id))
    body: bytes = row["body"]
    told = {**row, "headers": json.loads(row["headers"]), "body": body.decode("utf-8", "backslashreplace")}
    told["body_hex"] = body.hex()
    if as_json:
        _print_json(told)
    else:
        Console(highlight=False).print_json(json.dumps(told, default=str, ensure_ascii=False))


@app.command(help=say("交给失败的消费者重新处理", "Hand a message to its consumer again"))
def replay(service: Service, id: Number, why: Why = "", data: Data = DEFAULT_DATA, as_json: Json = False) -> None:
    """One that fails again stays in the list."""
    from deploy import by_hand, quarantine

    record = require_running(data)

    async def hand_over(database: Any) -> None:
        async with by_hand.opened(record, service) as running:
            await quarantine.replay(database, running, id, why)

    _on(record, service, hand_over)
    _tell(as_json, service, id, "replayed", say("已处理。", "Handled."))


@app.command(help=say("放弃一条消息", "Give a message up for its consumer"))
def discard(
    service: Service,
    id: Number,
    why: Annotated[str, typer.Option("--why", help=say("理由，会保存", "The reason; it is kept"))],
    data: Data = DEFAULT_DATA,
    as_json: Json = False,
) -> None:
    """It stays on record with the reason."""
    from deploy import quarantine

    _on(require_running(data), service, lambda database: quarantine.discard(database, service, id, why))
    _tell(as_json, service, id, "discarded", say("已放弃。", "Given up."))


def _on(record: Record, service: str, work: Callable[[Any], Awaitable[T]]) -> T:
    """Does some work on the service's database, as its owner: the running service may only add and read there."""
    from deploy import by_hand, quarantine

    known = by_hand.known_service(service)

    async def run() -> T:
        async with quarantine.opened(record.postgres_dsn, record.secrets_dir, known) as database:
            return await work(database)

    return asyncio.run(run())


def _tell(as_json: bool, service: str, id: int, ending: str, sentence: str) -> None:
    if as_json:
        _print_json({"service": service, "id": id, "ending": ending})
    else:
        print(sentence)


def _print_json(told: dict[str, Any]) -> None:
    print(json.dumps(told, default=str, ensure_ascii=False))
