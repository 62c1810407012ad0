"""Who saw a record: written down by registry, told to the person, her guardian and auditors of the region (X15)."""

from typing import Any
from uuid import UUID, uuid4

from contracts.audit import Access, AccessLog, AuditAction
from contracts.data import AgeBand
from contracts.refusals import Refusal
from contracts.registry.v1 import (
    ConsentPurpose,
    CorrectPerson,
    CreateAccount,
    GetContacts,
    ListRegistryAccesses,
    LogIn,
    RecordConsent,
)
from tests.registry.conftest import FENGJIE, XIAMEN, registered
from tests.registry.office import ANNA, by, emergency
from tests.under_test import ServiceUnderTest

SERVICE: dict[str, Any] = {"roles": ("service",), "actor": "service:notify"}
AUDITOR: dict[str, Any] = {"roles": ("auditor",), "region": FENGJIE}
NOBODY: dict[str, Any] = {"roles": ("anonymous",), "actor": "anonymous"}


async def seen(registry: ServiceUnderTest, person_id: UUID, **actor: Any) -> list[Access]:
    answer = await registry.query(ListRegistryAccesses(person_id=person_id), **actor)
    assert isinstance(answer, AccessLog), answer
    return list(answer.accesses)


async def test_a_mother_is_told_who_read_where_her_child_is_reached(registry: ServiceUnderTest) -> None:
    mother = await registered(registry)
    child = await registered(registry, age_band=AgeBand.SCHOOL, guardian_id=mother.person_id)
    await registry.query(GetContacts(people=(child.person_id,), purpose="activities"), **SERVICE)
    keeper = {"actor": str(uuid4()), "roles": ("editor",), "region": FENGJIE}
    consent = RecordConsent(
        person_id=child.person_id,
        purpose=ConsentPurpose.ACTIVITIES,
        given_by=mother.person_id,
        notice_version="privacy-1",
    )
    await registry.ask(consent, **keeper)

    rows = await seen(registry, child.person_id, actor=str(mother.person_id), roles=("reader",), region=XIAMEN)

    assert [(row.action, row.actor, row.reason, row.region) for row in rows] == [
        (AuditAction.CONSENT_RECORDED, keeper["actor"], "activities", FENGJIE),
        (AuditAction.CONTACTS_READ, "service:notify", "activities", FENGJIE),
    ]
    assert [row.action for row in await seen(registry, child.person_id, **AUDITOR)][:1] == [AuditAction.AUDIT_READ]


async def test_who_is_of_age_answers_for_herself(registry: ServiceUnderTest) -> None:
    mother = await registered(registry)
    grown = await registered(registry, age_band=AgeBand.TEEN, guardian_id=mother.person_id)
    await by(registry, ANNA, emergency(grown.person_id))
    corrected = await registry.ask(CorrectPerson(person_id=grown.person_id, age_band=AgeBand.YOUNG), actor=ANNA)
    assert not isinstance(corrected, Refusal)

    asked = ListRegistryAccesses(person_id=grown.person_id)
    refusal = await registry.query(asked, actor=str(mother.person_id), roles=("reader",))

    assert isinstance(refusal, Refusal)


async def test_nobody_else_is_told_and_the_attempt_is_counted(registry: ServiceUnderTest) -> None:
    child = (await registered(registry)).person_id
    for _ in range(3):
        refusal = await registry.query(ListRegistryAccesses(person_id=child), roles=("editor",), region=FENGJIE)
        assert isinstance(refusal, Refusal)
        assert refusal.code == "not-permitted"
    await registry.query(GetContacts(people=(child,), purpose="activities"), roles=("editor",), region=FENGJIE)
    tally = registry.running.tally
    await tally.write(registry.running, tally.take())

    rows = await seen(registry, child, **AUDITOR)

    assert [(row.action, row.reason, row.times) for row in rows] == [(AuditAction.ACCESS_REFUSED, "audit.read", 3)]
    assert await registry.count("audit WHERE reason = 'registry.contacts.read' AND times = 1") == 1


async def test_an_auditor_of_another_region_finds_nothing(registry: ServiceUnderTest) -> None:
    person = await registered(registry)
    await registry.query(GetContacts(people=(person.person_id,), purpose="activities"), **SERVICE)

    assert await seen(registry, person.person_id, roles=("auditor",), region=XIAMEN) == []
    assert AuditAction.CONTACTS_READ in [row.action for row in await seen(registry, person.person_id, **AUDITOR)]


async def test_wrong_passwords_leave_rows_of_a_known_account_and_a_count_of_unknown_ones(
    registry: ServiceUnderTest,
) -> None:
    person = await registered(registry)
    account = CreateAccount(
        account_id=uuid4(), person_id=person.person_id, login="fang", password="violet river lantern"
    )
    await registry.ask(account)
    wrong = [LogIn(login=name, password="not the one", token_hash="0" * 64) for name in ("fang", "nobody") * 6]
    await registry.ask_together(wrong, **NOBODY)
    tally = registry.running.tally
    await tally.write(registry.running, tally.take())

    rows = await seen(registry, person.person_id, **AUDITOR)

    assert [row.action for row in rows[::-1]] == [
        AuditAction.ACCOUNT_CREATED,
        *[AuditAction.LOGIN_FAILED] * 4,
        AuditAction.ACCOUNT_LOCKED,
    ]
    counted = await registry.admin.fetch("SELECT reason, times FROM audit WHERE about IS NULL ORDER BY reason")
    assert [tuple(row) for row in counted] == [("account-locked", 1), ("wrong-credentials", 6)]
