"""`./linli rebuild` and `./linli replay` on the running house, while it works."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from deploy.local.service import CHECKOUT
from tests import commands
from tests.system.conftest import House, until

SILENT = {
    "notify": ("notice", "webhook_delivery", "outbox", "inbox"),
    "activities": ("outbox",),
    "volunteers": ("outbox", "shift", "assignment"),
}
"""Tables in which an effect would be seen."""
PAUSE_SECONDS = 0.2
WORKING = """
SELECT count(*) FROM pg_stat_activity WHERE application_name = 'linli-operator' AND datname = current_database()
"""


def command(house: House, *words: str) -> list[str]:
    return [sys.executable, "-m", "deploy.local.cli", *words, "--data", str(house.stack.directory)]


async def linli(house: House, *words: str) -> tuple[int, dict[str, Any]]:
    """The exit status of a command, and its JSON."""
    done = await asyncio.to_thread(commands.linli, *words, "--json", "--data", str(house.stack.directory))
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


@asynccontextmanager
async def people_arriving(house: House) -> AsyncIterator[None]:
    """Registers one person after the other, and enrols each, all the while."""
    leave = asyncio.Event()

    async def arrive() -> None:
        while not leave.is_set():
            await house.enrol(await house.register())
            await asyncio.sleep(PAUSE_SECONDS)

    arriving = [asyncio.create_task(arrive()) for _ in range(2)]
    try:
        yield
    finally:
        leave.set()
        await asyncio.gather(*arriving)


async def everybody_known(house: House) -> bool:
    """Whether activities and volunteers know as many people as registry has."""
    numbers = [
        await house.fetch(each, "SELECT count(*) FROM person") for each in ("registry", *SILENT) if each != "notify"
    ]
    return len({rows[0]["count"] for rows in numbers}) == 1


async def effects(house: House) -> dict[str, int]:
    """Rows from which something leaves the house, and mails that left it."""
    counts = {
        f"{service}.{table}": (await house.fetch(service, f"SELECT count(*) FROM {table}"))[0]["count"]
        for service, tables in SILENT.items()
        for table in tables
    }
    return counts | {"mails": len(house.mailbox.mails)}


async def test_a_damaged_read_model_is_mended_while_people_arrive(house: House) -> None:
    for _ in range(20):
        await house.register()
    async with people_arriving(house):
        await house.fetch("activities", "DELETE FROM person WHERE person_id < '80000000-0000-0000-0000-000000000000'")
        await house.fetch("activities", "UPDATE person SET consented = NOT consented")
        code, rebuilt = await linli(house, "rebuild", "activities", "people")

    assert code == 0
    assert rebuilt["changed"]
    assert rebuilt["tables"][0]["removed"] > 0
    await until(lambda: everybody_known(house), 20)
    code, checked = await linli(house, "rebuild", "activities", "people", "--check")
    assert (code, checked["equal"]) == (0, True)


@pytest.mark.soak
async def test_every_read_model_of_the_house_is_what_the_archive_makes_of_it_and_nothing_is_told_again(
    house: House,
) -> None:
    await house.enrol(await house.register(email="once@example.org"))
    await until(lambda: mailed(house, "once@example.org"), 20)
    await until(lambda: quiet(house), 20)
    before = await effects(house)
    models = ("sites", "people"), ("sites", "people", "sessions"), ("shifts", "tell-families")

    for service, names in zip(("activities", "volunteers", "notify"), models, strict=True):
        for name in names:
            code, built = await linli(house, "rebuild", service, name)
            assert (code, built["equal"]) == (0, True), f"{service} {name}: {built}"

    assert await effects(house) == before


@pytest.mark.soak
async def test_a_rebuild_that_is_killed_changes_nothing_and_leaves_nothing_behind(house: House) -> None:
    await until(lambda: quiet(house), 20)
    await house.fetch("activities", "DELETE FROM person")
    begun = subprocess.Popen(command(house, "rebuild", "activities", "people"), cwd=CHECKOUT, stderr=subprocess.DEVNULL)

    async def working() -> bool:
        return bool((await house.fetch("activities", WORKING))[0]["count"]) or begun.poll() is not None

    await until(working, 20)
    begun.kill()
    begun.wait()

    async def gone() -> bool:
        left = "SELECT count(*) FROM pg_class WHERE relpersistence = 't' AND relkind = 'r'"
        [row] = await house.fetch("activities", f"SELECT ({WORKING}) AS working, ({left}) AS left")
        return not row["working"] and not row["left"]

    await until(gone, 20)
    _, rebuilt = await linli(house, "rebuild", "activities", "people")
    assert rebuilt["tables"][0]["rows_before"] in (0, rebuilt["tables"][0]["rows_after"]), "half of it was switched"
    assert await everybody_known(house)


@pytest.mark.soak
async def test_a_replay_of_everything_finds_that_all_was_handled(house: House) -> None:
    await until(lambda: quiet(house), 20)
    before = await effects(house)

    for consumer, *more in (("tell-families",), ("webhooks-activities",), ("tell-families", "--effects")):
        code, done = await linli(house, "replay", "notify", consumer, "--from", "2020-01-01", *more)
        assert (code, done["taken"], done["on_the_way"]) == (0, 0, 0)
        assert done["had"] == done["events"] > 0

    assert await effects(house) == before


async def mailed(house: House, address: str) -> bool:
    return bool(house.mailbox.to(address))


async def quiet(house: House) -> bool:
    """Nothing said waits for the relay, and nothing due waits to be sent; looked at twice."""
    before = await effects(house)
    await asyncio.sleep(1)
    [row] = await house.fetch("notify", "SELECT count(*) FROM notice WHERE status = 'planned' AND next_try_at <= now()")
    waiting = [(await house.fetch(each, UNSENT))[0]["count"] for each in ("registry", *SILENT)]
    return await effects(house) == before and await everybody_known(house) and not row["count"] and not any(waiting)


UNSENT = "SELECT count(*) FROM outbox WHERE stream_seq IS NULL"
