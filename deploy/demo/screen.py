"""What the audience sees: chapters, tables and bars on standard error, so that standard output stays data."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table


class Screen:
    """A terminal, or a log where there is none: there bars are left out."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False)

    def chapter(self, when: str, title: str) -> None:
        """A scene begins, at a time of the story."""
        self._console.print()
        self._console.print(f"{when}  [bold]{title}[/bold]")

    def line(self, text: str) -> None:
        """One thing that happened."""
        self._console.print(f"  {text}", markup=False, soft_wrap=True)

    def table(self, title: str, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """A table; numbers stand to the right."""
        body = [list(row) for row in rows]
        table = Table(title=title, title_justify="left", title_style="bold")
        for place, heading in enumerate(headings):
            numbers = bool(body) and all(isinstance(row[place], int) for row in body)
            table.add_column(heading, justify="right" if numbers else "left", overflow="fold")
        for row in body:
            table.add_row(*map(_cell, row))
        self._console.print(table)

    @contextmanager
    def bar(self, text: str, total: int) -> Iterator[Callable[[int], None]]:
        """A bar for work of `total` pieces; call it with how many more are done."""
        if not self._console.is_terminal:
            yield lambda _: None
            return
        columns = (TextColumn("  {task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=self._console, transient=True) as progress:
            task = progress.add_task(text, total=total)
            yield lambda more: progress.advance(task, more)


def _cell(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)
