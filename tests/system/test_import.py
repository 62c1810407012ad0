"""A division list from a file goes through the gateway into registry, with every bad row told by its line."""

import asyncio
import json
from pathlib import Path
from typing import Any

from tests.commands import Done, linli
from tests.system.conftest import House

SHUFFLED = """code,name,level,parent_code
630102001200,新村村委会,community,630102001000
630102001000,东关街道,street,630102000000
630102001201,无上级村委会,community,630102999000
63010200100,少一位,street,630102000000
630102000000,城东区,district,630100000000
630100000000,西宁市,city,630000000000
630000000000,青海省,province,
630102001202,"古城台
社区",community,630102001000
630102001200,新村村委会,community,630102001000
"""


async def import_file(house: House, file: Path, *options: str) -> Done:
    """`./linli import-divisions`."""
    words = ["import-divisions", str(file), "--data", str(house.stack.directory), *options]
    return await asyncio.to_thread(linli, *words)


async def test_a_file_in_any_order_goes_in_and_bad_rows_are_told_by_their_line(house: House, tmp_path: Path) -> None:
    file = tmp_path / "divisions.csv"
    file.write_text(SHUFFLED, encoding="utf-8")

    first = await import_file(house, file, "--json", "--source", "test", "--valid-from", "2023-06-30")
    again = await import_file(house, file)

    told: dict[str, Any] = json.loads(first.stdout)
    assert (first.returncode, told["added"], told["unchanged"]) == (1, 6, 0), first.stderr
    assert [(row["line"], row["code"], row["reason"]) for row in told["refused"]] == [
        (4, "630102001201", "parent-unknown"),
        (5, "63010200100", "row-unreadable"),
        (11, "630102001200", "division-repeated"),
    ]
    assert told["refused"][2]["sentence"] == "The code 630102001200 is listed twice. Keep one row."
    assert "0 added, 0 changed, 6 unchanged, 3 refused." in again.stderr
    assert "division-repeated" in again.stderr
    stored = await house.fetch("registry", "SELECT name, source FROM division WHERE code = '630102001202'")
    assert [tuple(row) for row in stored] == [("古城台 社区", "test")]


async def test_an_identity_number_in_a_list_spoils_its_row_alone_and_is_neither_kept_nor_told(
    house: House, tmp_path: Path
) -> None:
    number, province = "11010519491231002X", "640000000000,宁夏回族自治区,province,\n"
    file = tmp_path / "divisions.csv"
    rows = f"640100000000,{number},city,640000000000\n{number},银川市,city,640000000000\n{province}"
    file.write_text(f"code,name,level,parent_code\n{rows}", encoding="utf-8")

    done = await import_file(house, file, "--json")

    told = json.loads(done.stdout)
    assert (told["added"], [(row["line"], row["reason"]) for row in told["refused"]]) == (
        1,
        [(2, "row-unreadable"), (3, "row-unreadable")],
    )
    assert number not in done.stdout + done.stderr
    assert await house.fetch("registry", "SELECT FROM division WHERE code LIKE '6401%'") == []


async def test_a_missing_stack_a_wrong_date_and_a_long_source_are_sentences(house: House, tmp_path: Path) -> None:
    file = tmp_path / "divisions.csv"
    file.write_text(SHUFFLED, encoding="utf-8")

    wrong = await import_file(house, file, "--valid-from", "30.6.2023")
    nowhere = await import_file(house, file, "--data", str(tmp_path / "nothing"))
    unnamed = await import_file(house, file, "--source", "x" * 81)

    assert (unnamed.returncode, unnamed.stderr) == (1, "linli: --source must be a name of 1 to 80 characters.\n")
    assert (wrong.returncode, wrong.stderr) == (1, "linli: Cannot read the date 30.6.2023: write 2023-06-30.\n")
    assert nowhere.stderr.endswith("Run ./linli up first.\n")
