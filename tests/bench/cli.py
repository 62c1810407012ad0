"""`./linli bench …`: each prints one JSON shape; a table goes to stderr."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import typer
import uvloop

from tests.bench.shape import Report

app = typer.Typer(add_completion=False, no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print the report as one JSON object.")]
Rounds = Annotated[int, typer.Option(help="Counted rounds; medians are reported.")]


def _run(measure: Callable[[int], Awaitable[Report]], rounds: int, as_json: bool) -> None:
    async def main() -> Report:
        return await measure(rounds)

    report = uvloop.run(main())
    report.show()
    if as_json:
        print(report.to_json())


@app.command("sign-up")
def sign_up(rounds: Rounds = 5, as_json: Json = False) -> None:
    """Durable sign-ups on one hot session of 30 seats, beside the bare loop."""
    from tests.bench.sign_up import measure

    _run(measure, rounds, as_json)


@app.command("events")
def events(rounds: Rounds = 5, as_json: Json = False) -> None:
    """Relay and consumer rates, and the time from commit to effect, beside the bare loops."""
    from tests.bench.events import measure

    _run(measure, rounds, as_json)


@app.command("commands")
def commands(rounds: Rounds = 5, as_json: Json = False) -> None:
    """An ordinary command over NATS, beside the bare handler."""
    from tests.bench.commands import measure

    _run(measure, rounds, as_json)
