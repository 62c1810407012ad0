"""`./linli up`: starts everything and stays, or leaves it running behind."""

import json
import os
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deploy.local.claim import is_claimed
from deploy.local.interrupt import Interrupted, heed_signals, ignore_signals
from deploy.local.options import DEFAULT_DATA, Data, Json, require_running
from deploy.local.private import private_directory
from deploy.local.progress import Terminal
from deploy.local.record import Record, addresses, find_running
from deploy.local.scaling import Requests
from deploy.local.trouble import Trouble, did_not_start
from deploy.local.words import say

if TYPE_CHECKING:
    from deploy.local.stack import Stack

DEFAULT_GATEWAY_PORT = 8080

MANUAL = say(
    "启动 PostgreSQL 与 NATS(或使用 LINLI_POSTGRES_DSN、LINLI_NATS_URL 指定的服务器)，更新结构，再启动各服务，"
    "每个服务一个进程。崩溃的服务会自动重新启动并提示。按 Ctrl-C 停止。再次运行只显示地址。\n\n"
    "例：./linli up --scale activities=3 --detach",
    "Starts PostgreSQL and NATS (or uses LINLI_POSTGRES_DSN and LINLI_NATS_URL), migrates, and starts each service as "
    "its own process. A service that crashes is started again and reported. Ctrl-C stops everything. "
    "Run again, it only shows the addresses.\n\nExample: ./linli up --scale activities=3 --detach",
)

Scale = Annotated[
    list[str] | None,
    typer.Option(metavar="SERVICE=N", help=say("某服务的实例数，可重复", "Instances of a service; may be repeated")),
]
PortsFrom = Annotated[
    int | None,
    typer.Option(
        "--ports",
        metavar="BASE",
        min=1024,
        max=65000,
        help=say(
            "网关用 BASE,PostgreSQL 与 NATS 用其后两个端口；默认网关 8080，其余任意",
            "Gateway at BASE, PostgreSQL and NATS at the next two; by default gateway 8080, the others anywhere",
        ),
    ),
]
Detach = Annotated[
    bool, typer.Option("--detach", "-d", help=say("就绪后返回，系统在后台运行", "Return when ready; it runs on behind"))
]
Demo = Annotated[
    bool, typer.Option("--demo", help=say("启动后演示一个下午", "Then play the afternoon at a children's home"))
]
Play = Annotated[bool, typer.Option(hidden=True)]


def up(
    scale: Scale = None,
    data: Data = DEFAULT_DATA,
    ports: PortsFrom = None,
    detach: Detach = False,
    demo: Demo = False,
    as_json: Json = False,
    play: Play = True,
) -> None:
    """Starts the stack of a directory unless it runs. `play=False` prepares the demo and plays nothing."""
    running = settled(data)
    if running is None and detach:
        running = start_behind(data, sys.argv[1:])
    if running is None:
        from deploy.local.ports import Ports
        from deploy.local.stack import Stack

        teller = Terminal()
        stack = Stack(
            data,
            scale=parse_scale(scale or []),
            ports=Ports(gateway=DEFAULT_GATEWAY_PORT) if ports is None else Ports.counting_from(ports),
            postgres_dsn=os.environ.get("LINLI_POSTGRES_DSN"),
            nats_url=os.environ.get("LINLI_NATS_URL"),
            operator_login=False,
            teller=teller,
        )
        stack.add_process(*doorkeeper(stack))
        stay(stack, teller, demo=demo, play=play, as_json=as_json)
        return
    if not (demo and as_json):
        show(running, as_json)
    if demo:
        demo_stage().play(running, as_json)


def doorkeeper(stack: "Stack") -> tuple[str, list[str], dict[str, str]]:
    """The process that lets partners onto the bus: its name, command line and environment."""
    from deploy.local.handing_out import ISSUER_SEED
    from deploy.nats.rights import DOORKEEPER

    seed = stack.secrets_dir / DOORKEEPER / ISSUER_SEED
    issuer = {"LINLI_ISSUER_SEED_FILE": str(seed), "LINLI_INSTANCE": DOORKEEPER}
    return DOORKEEPER, [sys.executable, "-m", "services.doorkeeper.app"], stack.own_secrets(DOORKEEPER) | issuer


def parse_scale(words: list[str]) -> dict[str, int]:
    """`activities=3` and the like; Trouble when it reads otherwise."""
    counts = {}
    for word in words:
        name, _, count = word.partition("=")
        if not count.isdigit():
            raise Trouble(
                say(f"看不懂 --scale {word}，应写作 activities=3。", f"Cannot read --scale {word}: write activities=3.")
            )
        counts[name] = int(count)
    return counts


def stay(stack: "Stack", teller: Terminal, *, demo: bool = False, play: bool = False, as_json: bool = False) -> None:
    """Starts the stack in this process and stays until a signal asks it to end; then leaves no process behind."""
    try:
        heed_signals()
        stack.directory.mkdir(parents=True, exist_ok=True)
        requests = Requests(stack)
        if demo:
            demo_stage().prepare(stack)
        stack.start()
        running = require_running(stack.directory)
        if not (demo and play and as_json):  # the demo prints the one object
            show(running, as_json)
        if demo and play:
            demo_stage().play(running, as_json)
        requests.serve()
    except Interrupted:
        teller.note(say("正在停止……", "Stopping ..."))
    finally:
        ignore_signals()
        stack.stop()
        teller.close()
    teller.note(say("已停止。", "Stopped."))


def settled(data: Path) -> Record | None:
    """The ready stack of the directory, or None when it is free; waits while one starts or stops."""
    while is_claimed(data):
        record = find_running(data)
        if is_ready(record):
            return record
        time.sleep(0.1)
    return None


def is_ready(record: Record | None) -> bool:
    """Whether there is a stack and its services answer."""
    return record is not None and record.state == "ready"


def start_behind(data: Path, arguments: list[str]) -> Record:
    """Starts the same command in the background, free of this terminal; returns when its stack is ready."""
    log = data / "logs" / "supervisor.log"
    data.mkdir(parents=True, exist_ok=True)
    private_directory(log.parent)
    foreground = [word for word in arguments if word not in ("--detach", "-d", "--json")]
    with log.open("wb") as output:
        supervisor = subprocess.Popen(
            [sys.executable, "-m", "deploy.local.cli", *foreground, "--no-play"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    teller = Terminal()
    teller.begin(say("正在启动邻里", "Starting Linli"), 1)
    try:
        while supervisor.poll() is None and not is_ready(find_running(data)):
            time.sleep(0.1)
        record = settled(data)  # a rival's, where another `up` was faster
        if record is not None:
            teller.step(say("已就绪", "ready"))
            return record
    except KeyboardInterrupt:
        supervisor.terminate()
        supervisor.wait()
        raise
    finally:
        teller.close()
    raise did_not_start("linli up", log)


def show(record: Record, as_json: bool) -> None:
    """Where to look."""
    if as_json:
        print(json.dumps(record.for_people(), ensure_ascii=False), flush=True)
        return
    print(say("邻里正在运行：", "Linli is running:"), *address_lines(record), sep="\n  ", flush=True)


def address_lines(record: Record) -> list[str]:
    """The addresses to look at, each with what it is."""
    names = {
        "gateway": say("网关    ", "gateway     "),
        "docs": say("接口文档", "API docs    "),
        "events": say("事件流  ", "event stream"),
    }
    return [f"{names[name]}  {address}" for name, address in addresses(record.gateway_url).items()]


def demo_stage() -> Any:
    """The module with `prepare(stack)`, called before the start, and `play(record, as_json)`, called when ready."""
    return import_module("deploy.demo.stage")
