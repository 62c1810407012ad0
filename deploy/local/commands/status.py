"""`./linli status`: who runs, who is ready, what waits."""

import json
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from deploy.local.commands.up import address_lines
from deploy.local.health import Health, look
from deploy.local.options import DEFAULT_DATA, Data, Json
from deploy.local.record import find_running
from deploy.local.words import say

MANUAL = say(
    "积压：等待处理的事件数；待发：尚未发布的事件及最久等待秒数；隔离：无法处理而留存的消息(见 ./linli dead)。"
    "没有系统在运行时，退出状态为 1。",
    "Lag: events that wait for a consumer. Outbox: events not yet published, and the age of the oldest. Quarantine: "
    "messages that could not be handled and were kept (see ./linli dead). The exit status is 1 when nothing runs.",
)


def status(data: Data = DEFAULT_DATA, as_json: Json = False) -> None:
    """Shows the stack of a directory; ends with status 1 when there is none."""
    record = find_running(data)
    if record is None:
        nothing = json.dumps({"state": "stopped", "directory": str(data), "instances": []})
        print(nothing if as_json else say(f"{data} 中没有运行的系统。", f"Nothing runs in {data}."))
        raise SystemExit(1)
    instances = look(record)
    if as_json:
        print(json.dumps({**record.for_people(), "instances": [asdict(health) for health in instances]}))
        return
    console = Console(highlight=False)
    console.print(table_of(instances))
    for line in restore_lines(instances):
        console.print(line, style="red", soft_wrap=True)
    for line in address_lines(record):
        console.print(line, soft_wrap=True)


def table_of(instances: list[Health]) -> Table:
    """The table for people, red where somebody should look."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for heading in (say("实例", "instance"), say("状态", "state")):
        table.add_column(heading, no_wrap=True)
    for heading in numbers():
        table.add_column(heading, justify="right", no_wrap=True)
    for health in instances:
        table.add_row(*cells(health), style="red" if needs_a_look(health) else None)
    return table


def restore_lines(instances: list[Health]) -> list[str]:
    """What a restore of a database left to be done."""
    back = sorted({health.name.rpartition("-")[0] for health in instances if health.gone_back})
    stale = ", ".join(sorted({durable for health in instances for durable in health.rebuild}))
    lines = [
        say(
            f"{name} 的数据库比消息流旧，暂不发布事件。请运行 ./linli restored {name}。",
            f"The database of {name} is older than its stream; nothing is published. Run ./linli restored {name}.",
        )
        for name in back
    ]
    altered = sorted({health.name.rpartition("-")[0] for health in instances if health.audit_altered})
    lines += [
        say(
            f"{name} 的审计日志与锚点不符。请运行 ./linli audit verify --service {name}。",
            f"The audit log of {name} is not what was anchored. Run ./linli audit verify --service {name}.",
        )
        for name in altered
    ]
    if stale:
        lines.append(
            say(
                f"数据来源恢复过，请重建读模型({stale})：见 ./linli rebuild --help。",
                f"restored: rebuild read models ({stale}); see ./linli rebuild --help.",
            )
        )
    return lines


def numbers() -> tuple[str, ...]:
    """The headings of the numbers."""
    return (
        say("重启", "restarts"),
        say("已运行", "uptime"),
        say("内存", "memory"),
        say("积压", "lag"),
        say("待发", "outbox"),
        say("隔离", "quarantine"),
    )


def needs_a_look(health: Health) -> bool:
    """Whether it does not work, or keeps messages that it could not handle."""
    return health.state != "running" or health.ready is False or looks_wrong(health)


def looks_wrong(health: Health) -> bool:
    """Whether it keeps what it could not handle, or its database is not what it was."""
    return bool(health.quarantine) or health.gone_back or health.audit_altered


def cells(health: Health) -> tuple[str, ...]:
    """One row; a dash where the instance has nothing to say."""
    age = f" ({health.outbox_seconds:.0f} s)" if health.outbox_seconds else ""
    return (
        health.name,
        state_of(health),
        str(health.restarts),
        "-" if health.uptime_seconds is None else duration(health.uptime_seconds),
        f"{health.memory_bytes / 1024**2:.0f} MB",
        dash(health.lag),
        dash(health.outbox_unpublished) + age,
        dash(health.quarantine),
    )


def state_of(health: Health) -> str:
    """One word for whether it runs and can work."""
    words = {
        "running": say("运行中", "running"),
        "waiting": say("等待重启", "crashed"),
        "stopped": say("已停止", "stopped"),
    }
    if health.state == "running" and health.ready is not None:
        return say("就绪", "ready") if health.ready else say("未就绪", "not ready")
    return words[health.state]


def dash(number: int | None) -> str:
    """The number, or a dash where there is none."""
    return "-" if number is None else str(number)


def duration(seconds: float) -> str:
    """Hours, minutes and seconds, as short as they can be: 3 h 20 m, 5 m 7 s, 12 s."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} m"
    return f"{minutes} m {rest} s" if minutes else f"{rest} s"
