"""`./linli contracts`: generate, check, release, map."""

import typer

from deploy.local.words import say

from . import files
from .gates import problems
from .inventory import map_table
from .release import NotReleasable
from .release import release as freeze
from .topology import hearers

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.command(help=say("重新生成全部文档、模式和类型", "Write every document, schema and type anew"))
def generate() -> None:
    """Writes what is stale."""
    changed = files.write()
    for path in changed:
        typer.echo(path.relative_to(files.HOME.parent))
    typer.echo(say(f"已更新 {len(changed)} 个文件。", f"{len(changed)} files written."))


@app.command(help=say("检查规则、生成文件与已发布版本", "Check the rules, the made files and what was released"))
def check() -> None:
    """Exits 1 when anything is wrong."""
    found = list(problems())
    for problem in found:
        typer.echo(problem)
    if found:
        raise typer.Exit(1)
    typer.echo(say("契约无误。", "The contracts are in order."))


@app.command(help=say("冻结当前契约为一个版本", "Freeze the present contracts as a version"))
def release(version: str) -> None:
    """Exits 1 with the reasons when it cannot be released."""
    try:
        target = freeze(version)
    except NotReleasable as why:
        typer.echo(why)
        raise typer.Exit(1) from None
    typer.echo(say(f"已冻结于 {target.name}。", f"Frozen in contracts/released/{target.name}."))


@app.command(name="map", help=say("各服务管什么、说什么、听什么", "What each service owns, says and hears"))
def show_map() -> None:
    """Prints the table of the README."""
    typer.echo(map_table(hearers()))
