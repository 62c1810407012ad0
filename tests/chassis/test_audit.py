"""The audit log: written with what it tells of, sealed into a chain, and no edit of it goes unseen (promise 14)."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import nats
import pytest

from contracts.audit import AuditAction
from deploy.audit.anchors import of_service, read_file, read_stream
from deploy.audit.chain import Finding, Kind
from deploy.audit.cli import Form, _export, export, sentences
from deploy.audit.log import list_about, list_between
from deploy.audit.verify import Verdict, told, verify
from deploy.local.token_keys import ensure_token_keys
from deploy.local.trouble import Trouble
from deploy.nats.topology import ANCHORS, Topology, apply
from services.chassis import Service
from services.chassis.access import Actor
from services.chassis.audit import START, Anchor, anchor_keys, link
from services.chassis.running import Running
from services.chassis.scope import transaction
from services.chassis.sealing import Sealer
from services.chassis.stream import anchor_subject
from services.chassis.transaction import Cause, Transaction
from tests.under_test import Servers, ServiceUnderTest

STREET, COMMUNITY, ELSEWHERE = "350503001000", "350503001001", "360102003004"
OFFICER = Actor(str(uuid4()), frozenset({"reader"}), STREET)
SEEDS = range(6)
TEXT = "SELECT * FROM audit WHERE seq = $1"


@dataclass
class Logged:
    """A service with an audit log on a bus with anchors, and somebody who may do anything to its database."""

    place: ServiceUnderTest
    running: Running
    jetstream: Any

    @property
    def admin(self) -> asyncpg.Connection:
        return self.place.admin

    async def write(self, count: int, region: str = COMMUNITY) -> None:
        """Somebody reads the records of so many children."""
        async with self.place.pool.acquire() as connection, transaction(connection, STREET[:9]):
            tx = transaction_of(self.place, connection)
            await tx.audit(AuditAction.RECORD_READ, about=[uuid4() for _ in range(count)], region=region, reason="care")
            await tx.flush(wake_relay=False)

    async def seal(self) -> None:
        async with self.place.pool.acquire() as connection:
            await Sealer(self.running).seal(connection)

    async def anchor(self) -> None:
        async with self.place.pool.acquire() as connection:
            await Sealer(self.running).anchor(connection)

    async def grow(self, count: int) -> None:
        """Rows, sealed and anchored."""
        await self.write(count)
        await self.seal()
        await self.anchor()

    async def announce(self, anchor: Anchor) -> None:
        text = anchor.sign(self.running.signer)
        await self.jetstream.publish(anchor_subject(anchor.service), text.encode())

    async def head(self) -> Anchor:
        row = await self.admin.fetchrow("SELECT seq, hash FROM audit_head")
        assert row is not None
        return Anchor(self.running.service.name, row["seq"], row["hash"], datetime.now(UTC))

    async def verdict(self) -> Verdict:
        keys = anchor_keys(self.running.settings.secrets_dir)
        name = self.running.service.name
        texts = await read_stream(self.running.nats)
        return await verify(self.admin, name, of_service(name, texts, keys))

    async def found(self) -> list[tuple[str, int, int]]:
        return [(it.kind.value, it.place, it.until) for it in (await self.verdict()).findings]


def transaction_of(place: ServiceUnderTest, connection: Any, actor: Actor = OFFICER) -> Transaction:
    id = uuid4()
    return Transaction(connection, place.clock.now(), actor, Cause(actor.id, actor.region, id, id))


@pytest.fixture
async def log(servers: Servers) -> AsyncIterator[Logged]:
    """Under a name of its own: nobody may empty the stream of anchors, not even a test."""
    connection = await nats.connect(servers.nats_url)
    jetstream = connection.jetstream()
    await apply(jetstream, Topology([ANCHORS], []))
    async with ServiceUnderTest.started("volunteers", servers, at=datetime.now(UTC)) as place:
        settings = place.running.settings
        service = Service(f"volunteers{uuid4().hex}")
        ensure_token_keys(settings.secrets_dir, [service.name])
        yield Logged(place, Running(service, settings, place.pool, connection, place.clock), jetstream)
    await connection.close()


async def test_rows_are_there_with_what_they_tell_of_or_not_at_all(log: Logged) -> None:
    await log.write(2)
    assert await log.place.count("audit") == 2
    with pytest.raises(ZeroDivisionError):
        await write_and_fail(log)
    assert await log.place.count("audit") == 2


async def write_and_fail(log: Logged) -> None:
    async with log.place.pool.acquire() as connection, transaction(connection, STREET[:9]):
        tx = transaction_of(log.place, connection)
        await tx.audit(AuditAction.RECORD_READ, about=uuid4(), region=COMMUNITY)
        await tx.flush(wake_relay=False)
        raise ZeroDivisionError


async def test_a_log_that_nobody_touched_is_whole(log: Logged) -> None:
    await log.grow(5)
    await log.grow(3)
    await log.write(1)

    verdict = await log.verdict()
    assert (verdict.rows, verdict.head, verdict.anchors, verdict.unsealed) == (8, 8, 2, 1)
    assert verdict.findings == []


async def test_whoever_writes_at_once_is_sealed_in_one_chain(log: Logged) -> None:
    await asyncio.gather(*(log.write(5) for _ in range(8)), log.seal(), log.seal())
    await log.seal()

    assert await log.place.count("audit WHERE seq BETWEEN 1 AND 40") == 40
    assert await log.found() == []


async def edit(log: Logged, place: int, _: random.Random) -> tuple[str, int]:
    await log.admin.execute("UPDATE audit SET actor = $2 WHERE seq = $1", place, str(uuid4()))
    return "altered", place


async def edit_and_mend(log: Logged, place: int, _: random.Random) -> tuple[str, int]:
    """The forger computes the row's own link anew: it no longer fits the next row, or the anchor."""
    row = await log.admin.fetchrow(TEXT, place)
    before = await log.admin.fetchval("SELECT hash FROM audit WHERE seq = $1", place - 1)
    forged = {**dict(row or {}), "about": uuid4()}
    await log.admin.execute(
        "UPDATE audit SET about = $2, hash = $3 WHERE seq = $1", place, forged["about"], link(before, place, forged)
    )
    return "altered", place + 1


async def remove(log: Logged, place: int, _: random.Random) -> tuple[str, int]:
    await log.admin.execute("DELETE FROM audit WHERE seq = $1", place)
    return "removed", place


async def swap(log: Logged, place: int, choice: random.Random) -> tuple[str, int]:
    """Two rows change places, with the links that belong there."""
    other = choice.choice([each for each in range(2, 30) if each != place])
    await log.admin.execute("UPDATE audit SET seq = -seq WHERE seq IN ($1, $2)", place, other)
    await log.admin.execute(
        "UPDATE audit SET seq = -theirs.seq, hash = theirs.hash FROM audit AS theirs"
        " WHERE audit.seq < 0 AND theirs.seq < 0 AND theirs.id <> audit.id"
    )
    return "altered", min(place, other)


async def insert(log: Logged, place: int, _: random.Random) -> tuple[str, int]:
    """A made-up row takes a place, and all behind it move up."""
    await log.admin.execute("UPDATE audit SET seq = -seq - 1 WHERE seq >= $1", place)
    await log.admin.execute("UPDATE audit SET seq = -seq WHERE seq < 0")
    await log.admin.execute(
        "INSERT INTO audit (at, action, actor, region, seq, hash) SELECT at, action, actor, region, seq - 1, hash"
        " FROM audit WHERE seq - 1 = $1", place,
    )  # fmt: skip
    await log.admin.execute("UPDATE audit_head SET seq = seq + 1")
    return "altered", place


async def hide_behind_a_stub(log: Logged, place: int, _: random.Random) -> tuple[str, int]:
    """A row goes, and its link stays as if it had been kept long enough."""
    await log.admin.execute("INSERT INTO audit_stub SELECT seq, hash FROM audit WHERE seq = $1", place)
    await log.admin.execute("DELETE FROM audit WHERE seq = $1", place)
    return "removed-too-early", place


Forgery = Callable[[Logged, int, random.Random], Awaitable[tuple[str, int]]]


@pytest.mark.parametrize("seed", SEEDS)
async def test_the_first_bad_row_is_named_whatever_was_done_to_it(log: Logged, seed: int) -> None:
    forgeries: list[Forgery] = [edit, edit_and_mend, remove, swap, insert, hide_behind_a_stub]
    choice = random.Random(seed)
    await log.grow(30)
    place = choice.randrange(2, 30)

    kind, first = await forgeries[seed % len(forgeries)](log, place, choice)

    assert (await log.found())[0][:2] == (kind, first), (seed, place)


@pytest.mark.parametrize("cut", [1, 7, 20])
async def test_a_cut_tail_is_named_by_the_anchor_outside(log: Logged, cut: int) -> None:
    """The forger also sets the head back, so that inside the database all fits: only the anchor knows better."""
    await log.grow(20)
    await cut_tail(log, 20 - cut)

    assert await log.found() == [("tail-cut", 21 - cut, 20)]


async def cut_tail(log: Logged, last: int) -> None:
    await log.admin.execute("DELETE FROM audit WHERE seq > $1", last)
    row = await log.admin.fetchrow(TEXT, last)
    await log.admin.execute("DELETE FROM audit_head")
    if row is not None:
        await log.admin.execute("INSERT INTO audit_head (seq, hash) VALUES ($1, $2)", last, row["hash"])


async def test_what_is_written_over_a_cut_tail_does_not_hide_it(log: Logged) -> None:
    await log.grow(10)
    await log.grow(10)
    await cut_tail(log, 12)
    await log.write(20)
    await log.seal()

    assert await log.found() == [("rewritten", 11, 20)]


async def test_a_log_written_anew_does_not_fit_its_anchors(log: Logged) -> None:
    """The forger removes a row and computes every link behind it anew."""
    await log.grow(4)
    await log.grow(6)
    await log.admin.execute("DELETE FROM audit WHERE seq = 7")
    await log.admin.execute("UPDATE audit SET seq = NULL, hash = NULL WHERE seq > 6")
    await log.admin.execute("UPDATE audit_head SET seq = 6, hash = (SELECT hash FROM audit WHERE seq = 6)")
    await log.write(1)
    await log.seal()

    assert await log.found() == [("rewritten", 5, 10)]


async def test_an_altered_log_is_anchored_no_more_until_somebody_has_looked(log: Logged) -> None:
    await log.grow(6)
    await cut_tail(log, 3)
    await log.grow(5)

    assert log.running.audit_altered
    assert (await log.verdict()).anchors == 1

    await log.announce(replace(await log.head(), kind="restored"))
    await log.grow(2)
    verdict = await log.verdict()
    assert not log.running.audit_altered
    assert [(it.kind, it.place, it.until) for it in verdict.findings] == [(Kind.RESTORED, 1, 6)]
    assert verdict.whole


async def test_a_restore_that_nobody_signed_excuses_nothing(log: Logged) -> None:
    await log.grow(6)
    await cut_tail(log, 3)
    head = replace(await log.head(), kind="restored")
    text = head.sign(log.running.signer)
    await log.jetstream.publish(anchor_subject(head.service), text[:-8].encode() + b"AAAAAAAA")

    assert [kind for kind, *_ in await log.found()] == ["forged-anchor", "restored"]
    assert not (await log.verdict()).whole


async def test_the_running_service_takes_nothing_back_and_seals_nothing_itself(log: Logged) -> None:
    await log.grow(2)
    forbidden = (
        "UPDATE audit SET actor = 'nobody'",
        "UPDATE audit SET seq = NULL, hash = NULL",
        "DELETE FROM audit",
        "TRUNCATE audit",
        "INSERT INTO audit (at, action, actor, region, seq, hash) VALUES (now(), 'x', 'y', '350503001001', 9, '')",
        "UPDATE audit_head SET seq = 0",
        "DELETE FROM audit_head",
        "INSERT INTO audit_stub VALUES (1, '')",
        "SELECT keep_links('months.audit_rest')",
    )
    for statement in forbidden:
        async with log.place.pool.acquire() as connection:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(f"SET app.scope = 'all'; {statement}")
    assert await log.found() == []


@pytest.mark.parametrize("value", ["王小明", "13800000000 ", "a b", "x" * 61])
async def test_a_row_has_no_room_for_a_value(log: Logged, value: str) -> None:
    async with log.place.pool.acquire() as connection, transaction(connection, STREET[:9]):
        tx = transaction_of(log.place, connection)
        await tx.audit(AuditAction.RECORD_READ, about=uuid4(), region=COMMUNITY, reason=value)
        with pytest.raises(asyncpg.CheckViolationError):
            await tx.flush(wake_relay=False)
        await connection.execute("ROLLBACK; BEGIN")


async def test_rows_are_read_in_their_own_region_alone(log: Logged) -> None:
    await log.write(1)
    await log.write(2, region=ELSEWHERE)

    async with log.place.pool.acquire() as connection, transaction(connection, STREET[:9]):
        assert await connection.fetchval("SELECT count(*) FROM audit") == 1


async def test_rows_go_by_the_month_after_three_years_and_the_rest_stays_whole(log: Logged) -> None:
    log.place.clock.at = datetime(2021, 3, 31, 23, 59, tzinfo=UTC)
    await log.write(3)
    await log.seal()
    await log.announce(replace(await log.head(), at=log.place.clock.at))
    log.place.clock.at += timedelta(hours=1)
    await log.write(1)
    await log.seal()
    log.place.clock.at -= timedelta(hours=1)  # another instance, whose clock is late
    await log.write(1)
    log.place.clock.at = datetime.now(UTC)
    await log.grow(2)
    await log.admin.execute("INSERT INTO retention VALUES (true, 35, 0, 92, 92) ON CONFLICT DO NOTHING")
    await log.admin.execute("SELECT make_months('2021-03-01')")

    dropped = {row[0] for row in await log.admin.fetch("SELECT drop_months('2024-05-05')")}

    assert {name for name in dropped if "audit" in name} == {"months.audit_2021_03"}
    verdict = await log.verdict()
    assert (verdict.rows, verdict.head, verdict.findings) == (3, 7, [])
    await log.grow(1)
    assert not log.running.audit_altered


async def test_a_year_on_paper_can_be_checked_without_the_database(log: Logged) -> None:
    """The export holds all that is hashed; that it was made is in the log itself."""
    await log.grow(5)
    year = log.place.clock.at.year
    begins, ends = (datetime(each, 1, 1, tzinfo=UTC) for each in (year, year + 1))

    rows = [row async for page in list_between(log.admin, begins, ends) for row in page]
    before = START
    for place, row in enumerate(rows, 1):
        before = link(before, place, {**row, "at": datetime.fromisoformat(row["at"])})
        assert before.hex() == row["hash"]
    assert await list_about(log.admin, UUID(rows[0]["about"])) == rows[:1]
    assert [row["action"] for row in await list_about(log.admin, UUID(rows[0]["about"]))] == [
        "record-read",
        "audit-read",
    ]


async def test_who_exports_a_year_and_breaks_off_in_the_middle_has_left_her_mark(log: Logged) -> None:
    await log.grow(1)

    class Broken(StringIO):
        def writelines(self, _: object) -> None:
            raise BrokenPipeError

    class House:
        @asynccontextmanager
        async def database(self, _: str) -> AsyncIterator[asyncpg.Connection]:
            yield log.admin

    house: Any = House()
    with pytest.raises(BrokenPipeError):
        await _export(house, ["volunteers"], log.place.clock.at.year, Form.JSONL, Broken())

    assert await log.place.count("audit WHERE action = 'exported'") == 1


def test_an_export_that_fails_leaves_the_file_of_an_earlier_one(tmp_path: Path) -> None:
    file = tmp_path / "audit-2025.csv"
    file.write_text("what was exported in January")

    with pytest.raises(Trouble):
        export(2025, out=file, data=tmp_path)

    assert {each.name: each.read_text() for each in tmp_path.iterdir()} == {file.name: "what was exported in January"}


async def test_anchors_put_away_know_of_a_cut_tail_when_the_stream_is_lost(log: Logged, tmp_path: Path) -> None:
    await log.grow(9)
    file = tmp_path / "anchors.txt"
    file.write_text("\n".join(await read_stream(log.running.nats)), "ascii")
    await cut_tail(log, 4)

    name, keys = log.running.service.name, anchor_keys(log.running.settings.secrets_dir)
    verdict = await verify(log.admin, name, of_service(name, read_file(file), keys))
    assert [(it.kind, it.place, it.until) for it in verdict.findings] == [(Kind.CUT, 5, 9)]
    assert (await verify(log.admin, name, [])).whole


@pytest.mark.parametrize("kind", Kind)
def test_every_finding_is_a_sentence_with_its_place(kind: Kind) -> None:
    verdict = Verdict("notify", 9, 9, 1, 9, 0, [Finding(kind, 3, 7, row=4)])

    [line] = sentences(verdict)
    assert line.startswith("notify: ")
    assert "#3–#7" in line
    assert told(verdict)["whole"] == (kind is Kind.RESTORED)


async def test_what_was_refused_until_the_last_moment_of_a_service_is_written_down(log: Logged) -> None:
    running = log.running
    running.start("tally", partial(running.tally.run, running))
    running.tally.note(AuditAction.ACCESS_REFUSED, OFFICER.id, reason="activities.plan")
    running.begin()

    async def answer_the_last_command() -> None:
        await asyncio.sleep(0.05)
        running.tally.note(AuditAction.ACCESS_REFUSED, OFFICER.id, reason="activities.read")
        running.end()

    await asyncio.gather(running.stop(), answer_the_last_command())

    reasons = await log.admin.fetch("SELECT reason FROM audit WHERE action = 'access-refused' ORDER BY reason")
    assert [row["reason"] for row in reasons] == ["activities.plan", "activities.read"]
