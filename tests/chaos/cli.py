"""`./linli chaos`: prints the account of one run; exit status 0 only when nothing was lost, doubled or undone."""

import json
import random
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from deploy.local.options import Json
from deploy.local.words import say
from tests.chaos.run import Run, run

MANUAL = say(
    "在一次性环境中运行:每个服务两个实例,真实命令经网关与 NATS 发出,同时随机终止、冻结、重启所有进程"
    "(含 PostgreSQL 与 NATS),最后逐一核对。种子相同则故障顺序相同。",
    "Runs on a throw-away stack: two instances of each service, real commands through gateway and NATS, while "
    "processes (PostgreSQL and NATS too) are killed, frozen and restarted at random; then everything is accounted "
    "for. The same seed plays the same order of faults.",
)
SABOTEURS = ("no-inbox", "no-version-gate", "cursor-relay", "no-message-id", "ack-first")

app = typer.Typer(add_completion=False)


def _known(name: str) -> str:
    for each in name.split(","):
        if each and each not in SABOTEURS:
            raise typer.BadParameter(say(f"可选:{'、'.join(SABOTEURS)}", f"choose among {', '.join(SABOTEURS)}"))
    return name


@app.command()
def chaos(
    seconds: Annotated[float, typer.Option(min=5, help=say("故障持续的秒数", "Seconds of faults"))] = 90,
    seed: Annotated[int, typer.Option(help=say("随机种子,默认随机选取", "By default any"), show_default=False)] = -1,
    sabotage: Annotated[
        str, typer.Option(callback=_known, help=say("打开一个故意的缺陷", "Switch one deliberate fault on"))
    ] = "",
    as_json: Json = False,
) -> None:
    """Exit status 1 when anything was lost, doubled or went backwards, or when a kind of fault never fired."""
    found = run(seconds, seed if seed >= 0 else random.SystemRandom().randrange(10**6), sabotage)
    show(found)
    if as_json:
        print(json.dumps(found.report(), ensure_ascii=False))
    raise typer.Exit(0 if found.ok else 1)


def show(found: Run) -> None:
    """The account for people, on standard error."""
    report, console = found.report(), Console(stderr=True, highlight=False)
    table = Table(title=f"chaos  seed {found.seed}  {found.seconds:g} s  {found.sabotage}")
    for name in ("durable", "committed", "applied", "lost", "quarantined"):
        table.add_column(name, justify="left" if name == "durable" else "right")
    for each in report["consumers"]:
        table.add_row(*(str(each[column.header]) for column in table.columns))
    console.print(table)
    for name in ("answered", "unanswered", "committed", "applied", "lost", "doubled", "backwards", "quarantined"):
        console.print(f"{name:>12}  {report[name]}")
    for name in ("kills", "unfired", "retried", "refused", "restless", "quiet_after_seconds"):
        console.print(f"{name:>12}  {report[name]}")
    for finding in report["findings"]:
        console.print(f"  {finding}", markup=False)


if __name__ == "__main__":
    app()
