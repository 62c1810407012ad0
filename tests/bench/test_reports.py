"""What a bench says about itself, and how the document keeps it."""

from collections import Counter
from itertools import islice
from pathlib import Path

from contracts.registry.v1 import DivisionRow
from services.registry.divisions.rules import sort_rows
from tests.bench.country import country
from tests.bench.document import write
from tests.bench.opening import due, keeps_order
from tests.bench.shape import Case, Report, median_case

MACHINE = {
    "cpus": 2, "memory_gib": 24, "python": "3.11", "system": "Linux", "processor": "a processor", "load_before": 0.1,
}  # fmt: skip


def report(bench: str, *cases: Case) -> Report:
    return Report(bench, cases, machine=MACHINE, versions={"PostgreSQL": "18"}, date="2026-11-25")


def test_a_table_has_the_columns_that_some_case_measured() -> None:
    told = report("up", Case("from nothing", seconds=4.256), Case("registry-1", memory_mb=81.0))

    assert told.table() == [
        ["case", "seconds", "memory_mb", "rounds"],
        ["from nothing", "4.26", "", "1"],
        ["registry-1", "", "81.00", "1"],
    ]


def test_a_case_of_rounds_is_their_median_beside_that_of_the_bare_loop() -> None:
    ours = [Case("", per_second=rate, seconds=60 / rate) for rate in (10.0, 30.0, 20.0)]

    case = median_case("first", ours, [Case("", per_second=40.0, seconds=1.5)])

    assert (case.per_second, case.seconds, case.ratio, case.rounds) == (20.0, 3.0, 0.5, 3)
    assert (case.bare_per_second, case.bare_seconds) == (40.0, 1.5)


def test_a_section_is_replaced_in_its_place_and_the_others_stay(tmp_path: Path) -> None:
    document = tmp_path / "benchmarks.md"
    write(report("import", Case("first", seconds=41.0)), 3, "A country.", document)
    write(report("up", Case("from nothing", seconds=4.0)), 3, "From nothing.", document)

    write(report("import", Case("first", seconds=5.0)), 2, "A country.", document)

    text = document.read_text(encoding="utf-8")
    headings = [line for line in text.splitlines() if line.startswith("#")]
    assert headings == ["# Benchmarks", "## import", "## up"]
    assert "| first | 5.00 | 1 |" in text
    assert "41.00" not in text
    assert "`./linli bench import --rounds 2 --write`, 2026-11-25. 2 CPUs (a processor), 24 GiB, Linux" in text


def test_the_made_country_is_one_that_registry_takes_in() -> None:
    rows = [DivisionRow.from_line("\t".join(row)) for row in islice(country(), 20_000)]

    assert None not in rows
    by_level = Counter(row.level.value for row in rows if row is not None)
    assert (
        by_level["community"] > by_level["street"] > by_level["district"] > by_level["city"] > by_level["province"] > 0
    )
    sorted_rows = sort_rows([row.line for row in rows if row is not None], {}, "000000000000")
    assert (len(sorted_rows.added), sorted_rows.refused) == (20_000, [])


def test_the_judge_of_the_opening_minute_knows_who_was_due_and_who_came_first() -> None:
    families = [(2, False), (3, True), (2, False), (1, False), (2, True)]

    assert due(families, capacity=6, reserved=0) == [True, True, False, True, False]
    assert due(families, capacity=6, reserved=2) == [True, True, False, True, False]
    assert due([(2, False), (2, True)], capacity=3, reserved=1) == [True, False]
    assert keeps_order([0, 3, 1, 4], together=3)
    assert not keeps_order([0, 2, 1], together=3)
