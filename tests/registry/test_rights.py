"""A person's rights over her data: corrected, restricted, erased for good, and handed out (PIPL 44 to 50)."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import nats
import pytest

from contracts.data import AgeBand
from contracts.holdings import Holdings
from contracts.refusals import Refusal, Refused
from contracts.registry.v1 import (
    Appoint,
    ConsentPurpose,
    CorrectPerson,
    CreateAccount,
    Delegate,
    EndAppointment,
    ErasePerson,
    ErasureGround,
    ErasureState,
    ExportPerson,
    GetContacts,
    GetSealingKeys,
    LiftRestriction,
    LinkIdentity,
    ListRecordAccesses,
    PersonCopy,
    PersonCorrected,
    PersonErased,
    PersonRestricted,
    PersonState,
    PostKind,
    RecordAccesses,
    RecordConsent,
    RegisterPerson,
    RestrictionGround,
    RestrictionLifted,
    RestrictPerson,
    SealingKeys,
    UnitState,
)
from contracts.volunteers.v1 import HeldByVolunteers
from deploy import by_hand, erasure
from deploy.local.person_keys import add_master_key, drop_old_master_keys
from services.chassis.cipher import Unreadable
from services.chassis.scope import EVERYWHERE, transaction
from services.chassis.transaction import Transaction
from services.keyring.sealing import derived_key, seal_values, unseal_values
from services.keyring.vault import vault
from services.registry.approvals import words
from services.registry.people.earlier import seal_logins, seal_people, seal_reasons
from services.registry.rights import rules
from services.registry.rights.copies import ask_the_others
from services.registry.rights.handlers import erase_again
from services.registry.rights.rules import Subject
from tests.registry.conftest import FENGJIE, XIAMEN, person, registered
from tests.under_test import Servers, ServiceUnderTest

IDLE = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'
"""

SERVICE: dict[str, Any] = {"actor": "service:notify", "roles": ("service",)}
CANARIES = ("鹮鹂鹨", "canary-hatches@example.org", "canary.feather", "oidc-canary-77")
ME, MOTHER = UUID(int=1), UUID(int=2)
ADULT = Subject(ME, FENGJIE, AgeBand.MIDDLE, None, None, 3, 0, False)
CHILD = replace(ADULT, age_band=AgeBand.SCHOOL, guardian_id=MOTHER)
WITHDRAWN, ENDED, DECEASED = ErasureGround.CONSENT_WITHDRAWN, ErasureGround.PURPOSE_ENDED, ErasureGround.DECEASED


@pytest.mark.parametrize(
    ("subject", "ground", "asked_by", "refused"),
    [
        (ADULT, WITHDRAWN, ME, None),
        (ADULT, WITHDRAWN, None, "not-entitled"),
        (ADULT, WITHDRAWN, MOTHER, "not-entitled"),
        (ADULT, ENDED, None, None),
        (CHILD, WITHDRAWN, MOTHER, None),
        (CHILD, WITHDRAWN, ME, "not-entitled"),
        (ADULT, DECEASED, MOTHER, None),
        (ADULT, DECEASED, ME, "not-entitled"),
        (replace(ADULT, restricted_for="legal_hold"), ENDED, None, "under-legal-hold"),
        (replace(ADULT, restricted_for="objection"), ENDED, None, None),
        (replace(ADULT, wards=2), ENDED, None, "has-wards"),
        (replace(ADULT, in_office=True), ENDED, None, "holds-office"),
    ],
)
def test_who_may_be_erased_and_who_may_ask_for_it(
    subject: Subject, ground: ErasureGround, asked_by: UUID | None, refused: str | None
) -> None:
    found = rules.may_erase(ErasePerson(person_id=ME, ground=ground, asked_by=asked_by), subject)

    assert (found.code if found else None) == refused


@pytest.mark.parametrize(
    ("subject", "correction", "refused"),
    [
        (ADULT, {"name": "王芳"}, None),
        (ADULT, {"age_band": AgeBand.TEEN}, "guardian-needed"),
        (ADULT, {"age_band": AgeBand.TEEN, "guardian_id": MOTHER}, None),
        (replace(ADULT, wards=1), {"age_band": AgeBand.TEEN, "guardian_id": MOTHER}, "has-wards"),
        (CHILD, {"guardian_id": ME}, "unknown-person"),
        (CHILD, {"guardian_id": UUID(int=9)}, "unknown-person"),
        (CHILD, {"age_band": AgeBand.YOUNG}, None),
    ],
)
def test_what_may_be_corrected(subject: Subject, correction: dict[str, Any], refused: str | None) -> None:
    mother = PersonState(person_id=MOTHER, age_band=AgeBand.MIDDLE, version=1)
    guardian = mother if correction.get("guardian_id") == MOTHER else None

    found = rules.may_correct(CorrectPerson(person_id=ME, **correction), subject, guardian)

    assert (found.code if found else None) == refused


@pytest.fixture(scope="module")
def registry(registry_of_module: ServiceUnderTest) -> ServiceUnderTest:
    return registry_of_module


def erasing(someone: RegisterPerson, **given: Any) -> ErasePerson:
    return ErasePerson(person_id=someone.person_id, **{"ground": WITHDRAWN, "asked_by": someone.person_id} | given)


async def reached(registry: ServiceUnderTest, *people: UUID) -> dict[UUID, tuple[str, str | None]]:
    found = await registry.query(GetContacts(people=people, purpose="notice"), **SERVICE)
    assert not isinstance(found, Refusal)
    return {each.person_id: (each.name, each.email) for each in found.contacts}


async def said_of(registry: ServiceUnderTest, person_id: UUID) -> list[tuple[Any, int]]:
    return [
        (each.data, each.aggversion)
        for each in await registry.said_envelopes()
        if each.aggregate_id == person_id and each.aggversion > 1
    ]


async def audited(registry: ServiceUnderTest, person_id: UUID) -> list[tuple[str, str]]:
    """The rows about her rights."""
    rows = await registry.admin.fetch(
        "SELECT action, reason FROM audit WHERE about = $1 AND action ~ '^(person|key)-' ORDER BY id", person_id
    )
    return [(row["action"], row["reason"]) for row in rows]


async def everything(database: asyncpg.Connection) -> str:
    """Every row of every table, also the archive."""
    tables = await database.fetch(
        "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' "
        "AND relnamespace::regnamespace::text !~ '^(pg_|information_schema)'"
    )
    parts = [await database.fetchval(f"SELECT string_agg(t::text, ' ') FROM {table[0]} AS t") for table in tables]
    return " ".join(filter(None, parts))


async def test_a_correction_is_what_others_are_told_from_then_on(registry: ServiceUnderTest) -> None:
    wang = await registered(registry, name="王方", email="old@example.org")

    state = await registry.ask(CorrectPerson(person_id=wang.person_id, name="王芳", no_email=True, language="en"))

    assert state == PersonState(person_id=wang.person_id, age_band=wang.age_band, version=2)
    assert await reached(registry, wang.person_id) == {wang.person_id: ("王芳", None)}
    assert await said_of(registry, wang.person_id) == [
        (PersonCorrected(person_id=wang.person_id, age_band=wang.age_band), 2)
    ]
    assert await audited(registry, wang.person_id) == [("person-corrected", "")]


async def test_a_restricted_person_is_kept_and_not_reached_until_it_is_lifted(registry: ServiceUnderTest) -> None:
    mother = await registered(registry)
    child = await registered(registry, age_band=AgeBand.EARLY, guardian_id=mother.person_id)
    both, ground = (mother.person_id, child.person_id), RestrictionGround.ACCURACY_DISPUTED
    restrict = RestrictPerson(person_id=mother.person_id, ground=ground)

    state = await registry.ask(restrict)
    again = await registry.ask(restrict)

    assert (
        state == again == PersonState(person_id=mother.person_id, age_band=mother.age_band, version=2, restricted=True)
    )
    assert await reached(registry, *both) == {}
    await registry.ask(LiftRestriction(person_id=mother.person_id))
    assert len(await reached(registry, *both)) == 2
    assert await registry.ask(LiftRestriction(person_id=mother.person_id)) == Refusal("not-restricted")
    assert await said_of(registry, mother.person_id) == [
        (PersonRestricted(person_id=mother.person_id, ground=ground), 2),
        (RestrictionLifted(person_id=mother.person_id), 3),
    ]


async def lived(registry: ServiceUnderTest) -> RegisterPerson:
    """Somebody who left a trace in every table that is for people."""
    name, email, login, subject = CANARIES
    someone = await registered(registry, name=name, email=email)
    account = CreateAccount(
        account_id=uuid4(), person_id=someone.person_id, login=login, password="violet river lantern"
    )
    link = LinkIdentity(account_id=account.account_id, issuer="https://login.example.org", subject=subject)
    for command in (
        account,
        link,
        CorrectPerson(person_id=someone.person_id, name=name + "鹬"),
        RecordConsent(
            person_id=someone.person_id, purpose=ConsentPurpose.PHOTOS, given_by=someone.person_id, notice_version="v1"
        ),
    ):
        outcome: Any = await registry.ask(command)
        assert not isinstance(outcome, Refusal), outcome
    await registry.admin.execute(
        "INSERT INTO record_access (record_access_id, person_id, region, requester_id, reason, reason_text, minutes, "
        "status, asked_at, version) VALUES ($1, $2, $3, $1, 'care', $4, 30, 'requested', now(), 1)",
        *(uuid4(), someone.person_id, FENGJIE, f"问 {name} 的家访"),
    )
    return someone


async def test_of_the_erased_nothing_can_be_read_in_no_database_and_no_backup(
    registry: ServiceUnderTest, servers: Servers
) -> None:
    """Saboteur: keep-key."""
    someone = await lived(registry)
    backup = await registry.admin.fetchrow("SELECT * FROM person WHERE person_id = $1", someone.person_id)
    assert backup is not None
    [key] = (await vault.keys_of([someone.person_id])).values()
    assert unseal_values(key, someone.person_id, backup["sealed"])["name"] == "鹮鹂鹨鹬"

    state = await registry.ask(erasing(someone))
    await registry.fire_timers()

    assert state == ErasureState(person_id=someone.person_id, at=registry.clock.now(), kept=rules.KEPT)
    assert await vault.keys_of([someone.person_id]) == {}, "what a backup holds can still be opened"
    keyring = await asyncpg.connect(servers.postgres_dsn.rpartition("/")[0] + "/linli_keyring")
    stored = await everything(registry.admin) + await everything(keyring) + str(dict(backup))
    await keyring.close()
    assert str(someone.person_id) in stored
    for canary in CANARIES:
        assert canary not in stored
        assert canary.encode().hex() not in stored
    assert await audited(registry, someone.person_id) == [
        ("person-corrected", ""), ("person-erased", "consent_withdrawn"), ("key-deleted", ""),
    ]  # fmt: skip
    await is_gone(registry, someone)


async def is_gone(registry: ServiceUnderTest, someone: RegisterPerson) -> None:
    """Her id is taken for ever and means nobody."""
    unknown = Refusal("unknown-person", person_id=str(someone.person_id))
    consent = RecordConsent(
        person_id=someone.person_id, purpose=ConsentPurpose.PHOTOS, given_by=someone.person_id, notice_version="v2"
    )
    account = CreateAccount(
        account_id=uuid4(), person_id=someone.person_id, login="another.login", password="violet river lantern"
    )
    ward = person(age_band=AgeBand.EARLY, guardian_id=someone.person_id)
    for command in (consent, account, ward, erasing(someone), CorrectPerson(person_id=someone.person_id, name="王芳")):
        outcome: Any = await registry.ask(command)
        assert outcome == unknown, command
    assert await registry.ask(someone) == Refusal("person-exists", person_id=str(someone.person_id))
    assert await reached(registry, someone.person_id) == {}
    assert await registry.query(ExportPerson(person_id=someone.person_id)) == unknown


async def test_a_restored_backup_brings_nobody_back(registry: ServiceUnderTest) -> None:
    someone = await registered(registry, name=CANARIES[0])
    sealed = await registry.admin.fetchval("SELECT sealed FROM person WHERE person_id = $1", someone.person_id)
    await registry.ask(erasing(someone))
    await registry.fire_timers()
    await registry.admin.execute(
        "UPDATE person SET sealed = $2, erased_at = NULL, erased_for = NULL WHERE person_id = $1",
        *(someone.person_id, sealed),
    )
    assert await reached(registry, someone.person_id) == {}, "even before anybody noticed the restore"

    for expected in ([someone.person_id], []):
        async with registry.pool.acquire() as connection, transaction(connection, EVERYWHERE):
            running = registry.running
            tx = Transaction(connection, running.clock.now(), running.actor, running.own_cause())
            assert await erase_again(tx, [someone.person_id]) == expected
            await tx.flush(wake_relay=False)

    assert [fact for fact, _ in await said_of(registry, someone.person_id)] == [
        PersonErased(person_id=someone.person_id)
    ] * 2
    await is_gone(registry, someone)


async def test_nobody_is_erased_from_under_a_child_or_out_of_an_office(
    registry: ServiceUnderTest, federation_of_module: UnitState
) -> None:
    mother, chair = await registered(registry), await registered(registry)
    wards = [person(age_band=AgeBand.EARLY, guardian_id=mother.person_id) for _ in range(6)]
    post = Appoint(
        appointment_id=uuid4(), unit_id=federation_of_module.unit_id, person_id=chair.person_id,
        post=PostKind.EXECUTIVE_MEMBER, since=registry.clock.now().date(),
    )  # fmt: skip
    for victim, leaning in ((mother, wards), (chair, [post])):
        rivals: Sequence[Any] = [*leaning[:3], erasing(victim), *leaning[3:]]

        outcomes = await registry.ask_at_once(rivals)

        begun = [outcome for outcome in outcomes if isinstance(outcome, Refusal | ErasureState)]
        erased = any(isinstance(outcome, ErasureState) for outcome in outcomes)
        assert erased == (len(begun) == len(rivals)), "both an erasure and something that leans on her were accepted"
    orphans = await registry.admin.fetchval(
        "SELECT count(*) FROM person AS ward JOIN person AS guardian ON guardian.person_id = ward.guardian_id "
        "WHERE guardian.erased_at IS NOT NULL AND ward.erased_at IS NULL"
    )
    assert orphans == 0


async def test_a_legal_hold_is_lifted_and_not_lost(registry: ServiceUnderTest) -> None:
    """Fault: an objection took its place, and what an inquiry needed could be erased."""
    someone = await registered(registry)
    for ground in (RestrictionGround.OBJECTION, RestrictionGround.LEGAL_HOLD):
        await registry.ask(RestrictPerson(person_id=someone.person_id, ground=ground))

    objection = RestrictPerson(person_id=someone.person_id, ground=RestrictionGround.OBJECTION)
    assert await registry.ask(objection) == Refusal("under-legal-hold")
    assert await registry.ask(erasing(someone)) == Refusal("under-legal-hold")
    await registry.ask(LiftRestriction(person_id=someone.person_id))
    assert isinstance(await registry.ask(erasing(someone)), ErasureState)


async def test_whoever_stood_in_for_a_post_that_ended_may_be_erased(
    registry: ServiceUnderTest, federation_of_module: UnitState
) -> None:
    """Fault: refused as in office, which nobody could see her to be, until the last day of her delegation."""
    holder, deputy = await registered(registry), await registered(registry)
    today = registry.clock.now().date()
    post = Appoint(
        appointment_id=uuid4(), unit_id=federation_of_module.unit_id, person_id=holder.person_id,
        post=PostKind.EXECUTIVE_MEMBER, since=today - timedelta(days=9),
    )  # fmt: skip
    leave = Delegate(
        delegation_id=uuid4(), appointment_id=post.appointment_id, person_id=deputy.person_id,
        since=today, until=today + timedelta(days=60),
    )  # fmt: skip
    for command in (post, leave):
        assert not isinstance(await registry.ask(command), Refusal)
    assert await registry.ask(erasing(deputy)) == Refusal("holds-office")

    await registry.ask(EndAppointment(appointment_id=post.appointment_id, until=today - timedelta(days=1)))

    assert isinstance(await registry.ask(erasing(deputy)), ErasureState)


async def test_erasure_is_for_approvers_of_her_own_region(registry: ServiceUnderTest) -> None:
    someone = await registered(registry)

    as_editor = await registry.ask(erasing(someone), roles=("editor",))
    elsewhere = await registry.ask(erasing(someone), roles=("approver",), region=XIAMEN)
    copy = await registry.query(ExportPerson(person_id=someone.person_id), roles=("reader", "editor"))

    assert isinstance(as_editor, Refusal)
    assert (as_editor.code, as_editor.params["functions"]) == ("not-permitted", "approver")
    assert elsewhere == Refusal("unknown-person", person_id=str(someone.person_id))
    assert isinstance(copy, Refusal)
    assert copy.code == "not-permitted"


async def test_a_copy_holds_what_is_kept_and_names_whoever_did_not_answer(
    registry: ServiceUnderTest, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    bus = await nats.connect(servers.nats_url)
    monkeypatch.setattr(registry.running, "nats", bus)
    name, email, login, _ = CANARIES
    someone = await registered(registry, name=name, email=email)
    await registry.ask(
        CreateAccount(account_id=uuid4(), person_id=someone.person_id, login=login, password="violet river lantern")
    )
    case = uuid4()
    reason = await words.seal_words(someone.person_id, case, words.REASON, "为办理转介", registry.clock.now())
    await registry.admin.execute(
        "INSERT INTO record_access (record_access_id, person_id, region, requester_id, reason, reason_text, "
        "reason_sealed, minutes, status, asked_at, version) "
        "VALUES ($1, $2, $3, $1, 'care', '-', $4, 30, 'requested', now(), 1)",
        *(case, someone.person_id, FENGJIE, reason),
    )

    copy = await registry.query(ExportPerson(person_id=someone.person_id))

    assert isinstance(copy, PersonCopy)
    assert copy.missing == ("activities", "volunteers", "notify"), "nobody else runs here"
    [own] = copy.holdings
    facts = {(record.kind, fact.name): fact.value for record in own.records for fact in record.facts}
    assert (facts["person", "name"], facts["person", "email"], facts["person", "login"]) == (name, email, login)
    assert {record.kind for record in own.records} == {"person", "account", "record_access"}
    assert facts["record_access", "reason_text"] == "为办理转介"
    assert await audited(registry, someone.person_id) == [("person-exported", "")]

    async def ask(query: Any) -> Holdings:
        if isinstance(query, HeldByVolunteers):
            raise Refused("unavailable", service="volunteers")
        return Holdings(service=query.contract.service, records=())

    whole = await ask_the_others(copy.model_copy(update={"missing": ()}), ask)
    assert [each.service for each in whole.holdings] == ["registry", "activities", "notify"]
    assert whole.missing == ("volunteers",)
    await registry.ask(erasing(someone))
    await bus.close()


async def test_a_master_key_is_changed_under_everybody_and_the_old_one_opens_nothing(
    registry: ServiceUnderTest, servers: Servers
) -> None:
    someone = await registered(registry, name="王芳")
    old = vault.masters
    add_master_key(servers.secrets)
    later = await registered(registry, name="李强")
    assert vault.masters.newest != old.newest

    while await vault.rewrap(500):
        pass
    drop_old_master_keys(servers.secrets)

    assert list(vault.masters.keys) != list(old.keys)
    assert len(await reached(registry, someone.person_id, later.person_id)) == 2
    with pytest.raises(Unreadable):
        vault.masters.named(old.newest)


async def test_whoever_waits_for_the_keyring_while_the_master_key_is_changed_reads_what_she_asked_for(
    registry: ServiceUnderTest, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    someone = await registered(registry, name="王芳")
    found = await vault.keys_of([someone.person_id])
    database = await vault._database()

    class Busy:
        """Gives a connection only when everything is wrapped anew."""

        async def fetch(self, *asked: Any) -> Any:
            monkeypatch.undo()
            add_master_key(servers.secrets)
            while await vault.rewrap(500):
                pass
            return await database.fetch(*asked)

    async def busy(_: object) -> Any:
        return Busy()

    monkeypatch.setattr(type(vault), "_database", busy)
    assert await vault.keys_of([someone.person_id]) == found


async def test_what_an_earlier_release_kept_open_is_sealed(registry: ServiceUnderTest) -> None:
    someone, account_id = uuid4(), uuid4()
    await registry.admin.execute(
        "INSERT INTO person (person_id, region, name, email, language, age_band, version) "
        "VALUES ($1, $2, '王芳', 'wang@example.org', 'zh', '35-59', 1)",
        *(someone, FENGJIE),
    )
    await registry.admin.execute(
        "INSERT INTO account (account_id, person_id, login, password_hash, version) "
        "VALUES ($1, $2, 'wang.old', '-', 1)",
        *(account_id, someone),
    )
    assert await reached(registry, someone) == {someone: ("王芳", "wang@example.org")}
    await registry.admin.execute(
        "INSERT INTO record_access (record_access_id, person_id, region, requester_id, reason, reason_text, minutes, "
        "status, asked_at, version) VALUES ($1, $2, $3, $1, 'care', '问王芳的家访', 30, 'requested', now(), 1)",
        *(uuid4(), someone, FENGJIE),
    )

    running = registry.running
    async with registry.pool.acquire() as connection, transaction(connection, EVERYWHERE):
        tx = Transaction(connection, running.clock.now(), running.actor, running.own_cause())
        assert (await seal_people(tx), await seal_logins(tx), await seal_reasons(tx)) == (1, 1, 1)
        assert (await seal_people(tx), await seal_logins(tx), await seal_reasons(tx)) == (0, 0, 0)

    assert await reached(registry, someone) == {someone: ("王芳", "wang@example.org")}
    stored = await everything(registry.admin)
    assert "wang@example.org" not in stored
    assert "wang.old" not in stored
    assert "家访" not in stored
    listed = await registry.query(ListRecordAccesses(region=FENGJIE), roles=("auditor",), region=FENGJIE)
    assert isinstance(listed, RecordAccesses)
    assert [each.reason_text for each in listed.accesses if each.person_id == someone] == ["问王芳的家访"]


async def test_each_service_is_lent_a_key_of_its_own_until_the_person_is_erased(registry: ServiceUnderTest) -> None:
    someone = (await registered(registry)).person_id

    async def lent(purpose: str = "health-note") -> list[str]:
        query = GetSealingKeys(people=(someone, uuid4()), purpose=purpose)
        found = await registry.query(query, **SERVICE)
        assert isinstance(found, SealingKeys), found
        return [each.sealing_key for each in found.keys]

    first = await lent()
    assert len(first) == 1
    assert await lent() == first
    assert derived_key(b"k", "service:notify", "x") != derived_key(b"k", "service:activities", "x")
    assert await lent(purpose="other") != first
    assert bytes.fromhex(first[0]) not in (await vault.keys_of([someone])).values()
    refused = await registry.query(GetSealingKeys(people=(someone,), purpose="health-note"))
    assert isinstance(refused, Refusal)
    await registry.ask(ErasePerson(person_id=someone, ground=ENDED))
    assert await lent() == [], "already before the key is destroyed"
    await registry.fire_timers()
    assert await lent() == []


def test_what_is_sealed_opens_for_its_own_row_alone() -> None:
    key = b"k" * 32
    sealed = seal_values(key, ME, {"name": "王芳"})

    assert unseal_values(key, ME, sealed) == {"name": "王芳"}
    for other_key, row, changed in (
        (b"o" * 32, ME, sealed),
        (key, MOTHER, sealed),
        (key, ME, sealed[:-1] + bytes([sealed[-1] ^ 1])),
        (key, ME, sealed[:9]),
    ):
        with pytest.raises(Unreadable):
            unseal_values(other_key, row, changed)


async def test_rivals_get_one_key(servers: Servers, registry: ServiceUnderTest) -> None:
    someone, now = uuid4(), registry.clock.now()

    keys = await asyncio.gather(*(vault.make_keys([someone], now) for _ in range(8)))

    assert len({found[someone] for found in keys}) == 1
    await vault.destroy(someone, now)
    assert await vault.make_keys([someone], now) == {}, "who was erased gets no other key"


async def test_nobody_gets_another_key_while_hers_is_destroyed(servers: Servers, registry: ServiceUnderTest) -> None:
    people, now = [uuid4() for _ in range(20)], registry.clock.now()
    await vault.make_keys(people, now)

    for each in people:
        await asyncio.gather(vault.destroy(each, now), *(vault.make_keys([each], now) for _ in range(3)))

    assert await vault.keys_of(people) == {}


async def test_erasures_are_repeated_though_there_are_so_many_that_their_keys_take_long_to_destroy(
    registry: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A transaction that stands idle meanwhile is ended by the server: the people would never be erased again."""
    back, gone = await registered(registry), await registered(registry)
    await registry.ask(erasing(gone))
    destroyed, idle = [], []

    class Keys:
        async def list_erased(self) -> list[UUID]:
            return [back.person_id]

        async def destroy(self, person_id: UUID, _: Any) -> None:
            destroyed.append(person_id)
            idle.append(await registry.admin.fetchval(IDLE))

    @asynccontextmanager
    async def keyring_of(_: Any) -> AsyncIterator[Keys]:
        yield Keys()

    @asynccontextmanager
    async def opened(_: Any, __: str) -> AsyncIterator[Any]:
        yield registry.running

    monkeypatch.setattr(erasure, "keyring_of", keyring_of)
    monkeypatch.setattr(by_hand, "opened", opened)
    record: Any = None

    assert await erasure.repeat_erasures(record) == 1

    assert {gone.person_id} <= {*destroyed}
    assert {*idle} == {0}
    assert await reached(registry, back.person_id) == {}
