"""`docs/benchmarks.md`: one section a bench, each written by its own command and replaced when it runs again."""

from pathlib import Path
from typing import Final

from tests.bench.shape import Report

DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "benchmarks.md"
HEAD: Final = """# Benchmarks

Written by `./linli bench NAME --write`, section by section; edit nothing here by hand. Every bench runs on real servers
on one machine that also carries the load, with fsync on. `bare` is a loop without any of our code that does the same
work on the same servers in the same run (nats-py and asyncpg; for an import COPY and one upsert): the ratio to it tells
more than a rate, which follows the machine's mood. Figures are medians over the rounds.
"""


def write(report: Report, rounds: int, about: str, document: Path = DOCUMENT) -> None:
    """Puts the report's section in the place of its former one, or at the end."""
    text = document.read_text(encoding="utf-8") if document.exists() else ""
    _, *sections = text.split("\n## ")
    kept = {section.partition("\n")[0]: section for section in sections}
    kept[report.bench] = section_of(report, rounds, about)
    parts = [HEAD.strip(), *(section.strip() for section in kept.values())]
    document.write_text("\n\n## ".join(parts) + "\n", encoding="utf-8")


def section_of(report: Report, rounds: int, about: str) -> str:
    """Heading, what was done, the table, and what it ran on."""
    headings, *rows = report.table()
    rule = ["---", *["---:"] * (len(headings) - 1)]
    table = "\n".join(f"| {' | '.join(row)} |" for row in (headings, rule, *rows))
    machine = report.machine
    exact = "" if report.capacity_exact is None else f" Capacity exact: {'yes' if report.capacity_exact else 'NO'}."
    exact += "" if report.order_fair is None else f" Order fair: {'yes' if report.order_fair else 'NO'}."
    libraries = ", ".join(f"{name} {version}" for name, version in report.versions.items())
    return (
        f"{report.bench}\n\n{about}{exact}\n\n{table}\n\n"
        f"`./linli bench {report.bench} --rounds {rounds} --write`, {report.date}. "
        f"{machine['cpus']} CPUs ({machine['processor']}), {machine['memory_gib']} GiB, {machine['system']}, "
        f"load before: {machine['load_before']}. Python {machine['python']}, {libraries}."
    )
