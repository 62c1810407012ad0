"""`./linli COMMAND`: finds the command in the table, runs it, and shows trouble as a sentence."""

import sys
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from deploy.local.table import Entry, available
from deploy.local.trouble import Trouble
from deploy.local.words import say


class Manual(TyperGroup):
    """The commands of the table, each imported when it is needed."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        """Names in the order of the manual."""
        return [entry.name for entry in available()]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        """The command, or None for an unknown name."""
        return next((load(entry) for entry in available() if entry.name == cmd_name), None)


def load(entry: Entry) -> Any:
    """Imports the command of an entry and gives it its name and its text in the manual."""
    module_name, _, attribute = entry.target.partition(":")
    module: Any = import_module(module_name)
    target = getattr(module, attribute)
    if not isinstance(target, typer.Typer):
        function, target = target, typer.Typer(add_completion=False)
        target.command()(function)
    command = typer.main.get_command(target)
    line = say(entry.zh, entry.en)
    command.name, command.short_help = entry.name, line
    command.help = f"{line}\n\n{getattr(module, 'MANUAL', '')}".strip()
    return command


app = typer.Typer(
    name="linli",
    cls=Manual,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=say(
        "数据在 .linli/ 中，删除该目录即可重来。外部服务器：LINLI_POSTGRES_DSN、LINLI_NATS_URL。"
        "语言：LINLI_LANG=zh 或 en。",
        "Data lives in .linli/; delete it to begin anew. Servers of your own: LINLI_POSTGRES_DSN, LINLI_NATS_URL. "
        "Language: LINLI_LANG=zh or en.",
    ),
    help=say(
        "邻里：妇联邻里中心的事件驱动系统。先试 ./linli up --demo。",
        "Linli: an event-driven system for neighbourhood centres of women's federations. Try ./linli up --demo first.",
    ),
)


@app.callback()
def linli() -> None:
    """Holds the commands."""


def main() -> None:
    """Runs the command line."""
    try:
        app(prog_name="./linli")
    except Trouble as trouble:
        print(f"linli: {trouble}", file=sys.stderr)
        sys.exit(1)
    except Exception as error:
        if not is_outage(error):
            raise
        away = say(
            f"服务器没有应答（{type(error).__name__}），不知是否已经执行。请看 ./linli status，再运行一次。",
            f"A server did not answer ({type(error).__name__}); whether it was done is not known. See ./linli status, "
            "then run this once more.",
        )
        print(f"linli: {away}", file=sys.stderr)
        sys.exit(1)


def is_outage(error: Exception) -> bool:
    """Whether a server of the stack is away or was just then stopping, and nothing is wrong with the command."""
    if isinstance(error, ConnectionError | TimeoutError):
        return not isinstance(error, BrokenPipeError)  # whoever read what we print went away
    if "asyncpg" not in sys.modules:
        return False
    import asyncpg  # loaded before, or it is no error of its

    stopping = (asyncpg.AdminShutdownError, asyncpg.CrashShutdownError, asyncpg.CannotConnectNowError)
    return isinstance(error, (asyncpg.PostgresConnectionError, *stopping))


if __name__ == "__main__":
    main()
