"""Promise 13: erasure is real. Of whoever was erased nothing can be read in any database, stream, log or file of the
house, nor in a backup from before, also once it is restored."""

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import nats
import pytest

from contracts.activities.v1 import AuthorisePickUp, Enrol, GiveHealthNote
from contracts.data import AgeBand
from contracts.registry.v1 import (
    AccessReason,
    ConsentPurpose,
    CreateAccount,
    FilePersonRequest,
    PersonRequestKind,
    RecordConsent,
    RegisterPerson,
    RequestRecordAccess,
)
from deploy.local.stack import Stack
from deploy.postgres.provision import KEYRING, database_of, dsn_in
from services.chassis.scope import UNBOUND
from services.chassis.tokens import Signer
from tests.chaos.callers import Desk, OverNats
from tests.chaos.families import COMMUNITY, do, found
from tests.system.backups import BACKUP, announce, copy_database, linli
from tests.system.canaries import Canaries, Search
from tests.system.conftest import until

APPROVER = str(uuid4())
NOTICES = "SELECT count(*) FROM notice WHERE recipient = $1 AND status = 'sent'"
KEYS = "SELECT count(*) FROM person_key WHERE person_id = $1"
NOTES = "SELECT count(*) FROM health_note WHERE child_id = $1"
SEALED = "SELECT count(*) FROM person WHERE person_id = $1 AND sealed IS NOT NULL"


@pytest.fixture
async def stack(tmp_path: Path) -> AsyncIterator[Stack]:
    with Stack(tmp_path) as running:
        yield running


@pytest.fixture
async def desk(stack: Stack) -> AsyncIterator[Desk]:
    roles = ["editor", "operator", "reader"]
    token = Signer("gateway", stack.secrets_dir).mint("system", roles, seconds=3600)
    connection = await nats.connect(stack.nats_url, max_reconnect_attempts=-1)
    yield Desk([OverNats(connection, token)], random.Random(3))
    await connection.close()


async def count(stack: Stack, database: str, sql: str, person: UUID) -> int:
    there = await asyncpg.connect(dsn_in(stack.admin_dsn, database), timeout=10, server_settings=UNBOUND)
    try:
        return int(await there.fetchval(sql, person))
    finally:
        await there.close()


async def lead_a_life(desk: Desk, canaries: Canaries) -> UUID:
    """Somebody with a name, an address and a login, who took part."""
    town = await found(desk, datetime.now(UTC))
    person, session = uuid4(), town.cold[0]
    name, email, login = canaries.name, canaries.email, canaries.login
    commands: list[Any] = [
        RegisterPerson(person_id=person, region=COMMUNITY, name=name, email=email, age_band=AgeBand.MIDDLE),
        RecordConsent(person_id=person, given_by=person, purpose=ConsentPurpose.PHOTOS, notice_version="v1"),
        CreateAccount(account_id=uuid4(), person_id=person, login=login, password=canaries.password),
        Enrol(enrolment_id=uuid4(), session_id=session, contact_id=person, people=(person,)),
    ]
    for command in commands:
        await do(desk, command)
    return person


def asked(stack: Stack, verb: str, person: UUID, *more: str) -> dict[str, Any]:
    return linli(stack, "person", verb, str(person), "--by", APPROVER, *more)


async def care_for_a_child(stack: Stack, desk: Desk, canaries: Canaries, mother: UUID) -> UUID:
    """A child with a name, of whose health something was told, and whose record somebody asked to open."""
    there = await asyncpg.connect(stack.database_dsn("activities"), timeout=10, server_settings=UNBOUND)
    site = await there.fetchval("SELECT site_id FROM session LIMIT 1")
    await there.close()
    child, later = uuid4(), datetime.now(UTC).date() + timedelta(days=9)
    told = {"child_id": child, "site_id": site, "given_by": mother}
    name, band = canaries.name, AgeBand.SCHOOL
    commands: list[Any] = [
        RegisterPerson(person_id=child, region=COMMUNITY, name=name, age_band=band, guardian_id=mother),
        AuthorisePickUp(pick_up_id=uuid4(), person_id=mother, **told),
        GiveHealthNote(note_id=uuid4(), text=canaries.words, until=later, **told),
        FilePersonRequest(person_request_id=uuid4(), person_id=child, kind=PersonRequestKind.COPY, asked_by=mother),
    ]
    for command in commands:
        await do(desk, command)
    case = RequestRecordAccess(
        record_access_id=uuid4(), person_id=child, reason=AccessReason.CARE, reason_text=canaries.words
    )
    token = Signer("gateway", stack.secrets_dir).mint(str(mother), ["editor"], COMMUNITY, seconds=600)
    connection = await nats.connect(stack.nats_url)
    assert (await Desk([OverNats(connection, token)], random.Random(4)).send(case)).ok
    await connection.close()
    return child


@pytest.mark.soak
async def test_of_an_erased_child_nothing_can_be_read_in_a_backup_of_whoever_looked_after_it(
    stack: Stack, desk: Desk
) -> None:
    """Saboteur: keep-key."""
    canaries = Canaries.drawn(random.Random(13))
    mother = await lead_a_life(desk, canaries)
    child = await care_for_a_child(stack, desk, canaries, mother)
    home = database_of("activities")
    copy = await asyncio.to_thread(asked, stack, "export", child)
    facts = [fact["value"] for held in copy["holdings"] for record in held["records"] for fact in record["facts"]]
    assert facts.count(canaries.words) == 2, "what was told of its health, and why its record was opened"
    await copy_database(stack, home, BACKUP, "activities")

    ground = ("--ground", "consent_withdrawn", "--asked-by", str(mother))
    await asyncio.to_thread(asked, stack, "erase", child, *ground)
    assert await count(stack, home, NOTES, child) == 0
    await copy_database(stack, BACKUP, home, "activities")
    assert await count(stack, home, NOTES, child) == 1, "the backup brought the note back"
    assert await count(stack, database_of(KEYRING), KEYS, child) == 0, "and the key to open it is still there"
    search = Search(canaries)
    search.look_into_files(stack.directory, without=stack.directory / "nowhere")
    await search.look_into_databases(stack.admin_dsn)
    assert search.found == [], "and nobody can read it"

    await asyncio.to_thread(announce, stack, "activities")

    async def forgotten() -> bool:
        return await count(stack, home, NOTES, child) == 0

    await until(forgotten, 30)


@pytest.mark.soak
async def test_of_the_erased_nothing_can_be_read_here_nor_in_a_backup_that_is_restored(
    stack: Stack, desk: Desk
) -> None:
    """Saboteurs: keep-key, log-body."""
    canaries = Canaries.drawn(random.Random(11))
    person = await lead_a_life(desk, canaries)

    async def told() -> bool:
        return await count(stack, database_of("notify"), NOTICES, person) == 1

    await until(told, 30)
    copy = await asyncio.to_thread(asked, stack, "export", person)
    assert copy["missing"] == []
    assert {canaries.name, canaries.email, canaries.login} <= {
        fact["value"] for held in copy["holdings"] for record in held["records"] for fact in record["facts"]
    }, "what cannot be found later is there now"
    assert {held["service"]: bool(held["records"]) for held in copy["holdings"]} == {
        "registry": True, "activities": True, "volunteers": True, "notify": True,
    }  # fmt: skip
    await copy_database(stack, database_of("registry"), BACKUP)

    ground = ("--ground", "consent_withdrawn", "--asked-by", str(person))
    erased = await asyncio.to_thread(asked, stack, "erase", person, *ground)
    assert "service_hours" in erased["kept"]
    await copy_database(stack, BACKUP, database_of("registry"))
    assert await count(stack, database_of("registry"), SEALED, person) == 1, "the backup brought her row back"
    assert await count(stack, database_of(KEYRING), KEYS, person) == 0, "and her key is still there to open it"
    restored = await asyncio.to_thread(announce, stack)

    assert restored["erased_again"] == 1
    assert await count(stack, database_of("registry"), SEALED, person) == 0
    assert await count(stack, database_of("notify"), NOTICES, person) == 0
    search = Search(canaries)
    search.look_into_files(stack.directory, without=stack.directory / "nowhere")
    await search.look_into_databases(stack.admin_dsn)
    assert search.read > 10_000_000, "hardly anything was searched"
    assert search.found == []
