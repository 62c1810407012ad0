"""`./linli replay`: events of the archive, handed to one consumer again."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Annotated, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from deploy.archive import Range
from deploy.local.options import DEFAULT_DATA, Data, Json, require_running
from deploy.local.record import Record
from deploy.local.trouble import Trouble
from deploy.local.words import say
from deploy.replaying import Replayed, find_arrived
from deploy.replaying import replay as hand_over

MANUAL = say(
    "把归档中的事件重新交给一个消费者，其他消费者与外部监听者不受影响。已处理过的自动跳过。默认静默：只更新它记住的内容，"
    "不发通知、邮件、推送，也不产生事件，以后也不会再补发；仍在途中或被隔离的事件不动。--effects 则按第一次收到处理。"
    "时间如 2026-06-03T09:00，无时区时按北京时间。\n\n"
    "例：./linli replay volunteers sites --from 2026-06-01",
    "Hands events of the archive to one consumer again; other consumers and outside listeners hear nothing. What it "
    "had is left out. Silent by default: only what it remembers changes, and no notice, mail, webhook or event comes "
    "of it, now or later; events still on their way, or in quarantine, are left alone. With --effects each is handled "
    "like the first time. Times read 2026-06-03T09:00, in Shanghai where no zone is named.\n\n"
    "Example: ./linli replay volunteers sites --from 2026-06-01",
)
LOCAL: Final = ZoneInfo("Asia/Shanghai")
SHOWN: Final = 20

Service = Annotated[str, typer.Argument(metavar="SERVICE", help=say("服务名", "The service"))]
Durable = Annotated[
    str, typer.Argument(metavar="CONSUMER", help=say("消费者，如 sites", "Its consumer, such as sites"))
]
Begins = Annotated[str, typer.Option("--from", metavar="TIME", help=say("从何时起", "Said at this time or later"))]
Ends = Annotated[str, typer.Option("--to", metavar="TIME", help=say("到何时止（不含）", "Said before this time"))]
Ids = Annotated[str, typer.Option("--ids", metavar="ID,ID", help=say("事件编号，逗号分隔", "Event ids, with commas"))]
Effects = Annotated[
    bool,
    typer.Option(
        "--effects", help=say("照常产生通知与事件", "Also do what follows: notices, mails, webhooks and events")
    ),
]


def replay(
    service: Service,
    consumer: Durable,
    begins: Begins = "",
    ends: Ends = "",
    ids: Ids = "",
    effects: Effects = False,
    data: Data = DEFAULT_DATA,
    as_json: Json = False,
) -> None:
    """Replays a range of time, or single events; ends with status 1 when some could not be handled."""
    chosen = _chosen(begins, ends, ids)
    done = asyncio.run(_replay(require_running(data), service, consumer, chosen, effects))
    if as_json:
        told = {"service": service, "consumer": consumer, "effects": effects, "events": done.events}
        counts = {"taken": done.taken, "had": done.had, "on_the_way": done.on_the_way}
        failed = {str(id): reason for id, reason in done.failed.items()}
        print(json.dumps({**told, **counts, "early": [str(id) for id in done.early], "failed": failed}))
    else:
        _show(done, effects)
    raise SystemExit(int(not done.whole))


def _chosen(begins: str, ends: str, ids: str) -> Range:
    if bool(begins or ends) == bool(ids):
        raise Trouble(say("请给出 --from/--to 或 --ids 之一。", "Give either --from and --to, or --ids."))
    try:
        chosen = tuple(UUID(id.strip()) for id in ids.split(",")) if ids else None
        return Range(_moment(begins), _moment(ends), chosen)
    except ValueError:
        raise Trouble(
            say(
                "看不懂时间或编号。时间如 2026-06-03T09:00，编号为 UUID。",
                "Cannot read a time or an id. Times read 2026-06-03T09:00, ids are UUIDs.",
            )
        ) from None


def _moment(written: str) -> datetime | None:
    if not written:
        return None
    moment = datetime.fromisoformat(written)
    return (moment if moment.tzinfo else moment.replace(tzinfo=LOCAL)).astimezone(UTC)


async def _replay(record: Record, service: str, name: str, chosen: Range, effects: bool) -> Replayed:
    from deploy import by_hand
    from services.chassis.consumers import Consumer

    hearing = by_hand.find_hearing(service, name)
    columns = (SpinnerColumn(), TextColumn("{task.description} {task.completed}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(say("重放事件", "replaying events"), total=None)
        async with by_hand.opened(record, service) as running, by_hand.archive_of(record, hearing.owner) as archive:
            return await hand_over(
                Consumer(hearing, running),
                hearing,
                archive,
                chosen,
                effects=effects,
                arrived=await find_arrived(running, hearing),
                now=running.clock.now(),
                tell=lambda events: bar.update(task, completed=events),
            )


def _show(done: Replayed, effects: bool) -> None:
    how = say("含后续动作", "with effects") if effects else say("静默", "silently")
    lines = [
        say(f"共 {done.events} 个事件（{how}）", f"{done.events} events, {how}"),
        say(f"  处理 {done.taken}，此前已处理 {done.had}", f"  {done.taken} handled, {done.had} had before"),
    ]
    if done.on_the_way:
        lines.append(
            say(
                f"  {done.on_the_way} 个仍在途中或被隔离，未动",
                f"  {done.on_the_way} on their way by the stream or in quarantine: left alone",
            )
        )
    if done.early:
        early = "\n".join(f"    {id}" for id in done.early[:SHOWN])
        lines.append(
            say(
                f"  {len(done.early)} 个须等更早的版本：请把 --from 提前。\n{early}",
                f"  {len(done.early)} wait for an earlier version: begin earlier with --from.\n{early}",
            )
        )
    if done.failed:
        failed = "\n".join(f"    {id}  {reason}" for id, reason in list(done.failed.items())[:SHOWN])
        lines.append(say(f"  {len(done.failed)} 个失败：\n{failed}", f"  {len(done.failed)} failed:\n{failed}"))
    print("\n".join(lines))
