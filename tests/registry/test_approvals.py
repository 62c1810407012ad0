"""A minor's record opens on approval by somebody else, or by break-glass; each opening is written down (promise 12).

Saboteurs: self-approval, audit-after-commit.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import nats
import pytest

from contracts.audit import AccessLog
from contracts.data import AgeBand
from contracts.refusals import Refusal
from contracts.registry.v1 import (
    AccessStatus,
    AnswerPersonRequest,
    ConsentMethod,
    ConsentPurpose,
    CorrectPerson,
    ExportPerson,
    FilePersonRequest,
    GlassBroken,
    ListRecordAccesses,
    ListRegistryAccesses,
    PersonCopy,
    PersonRecord,
    PersonRequestKind,
    PostKind,
    RecordAccessApproved,
    RecordAccesses,
    RecordAccessRefused,
    RecordAccessRequested,
    RecordAccessReviewDue,
    RecordAccessReviewed,
    RecordConsent,
    RegisterPerson,
    WithdrawConsent,
)
from deploy.audit.log import list_between
from services.registry.approvals.rules import Access, Authority, is_own, may_decide, may_review
from tests.registry.conftest import FENGJIE, XIAMEN, registered
from tests.registry.office import (
    ANNA,
    BERTA,
    CLARA,
    OFFICE,
    approval,
    by,
    emergency,
    reads,
    refusal_of,
    request,
    review,
    written_down,
)
from tests.registry.saboteurs import sabotage
from tests.under_test import Servers, ServiceUnderTest

NOW = datetime(2026, 6, 3, 4, tzinfo=UTC)
CASE = Access(
    UUID(int=1), UUID(int=2), FENGJIE, UUID(ANNA), "care", 60, AccessStatus.REQUESTED, NOW, None, False, 1
)  # fmt: skip


@pytest.mark.parametrize(
    ("decider", "authorities", "own"),
    [
        (ANNA, [], True),
        (BERTA, [], False),
        (BERTA, [Authority(FENGJIE, PostKind.CHAIR, None)], False),
        (BERTA, [Authority(FENGJIE, PostKind.CHAIR, UUID(ANNA))], True),
        (BERTA, [Authority(FENGJIE, PostKind.CHAIR, UUID(CLARA))], False),
        (BERTA, [Authority(FENGJIE, PostKind.CHAIR, UUID(ANNA)), Authority(FENGJIE, PostKind.CHAIR, None)], False),
        (BERTA, [Authority(FENGJIE, PostKind.CHAIR, UUID(ANNA)), Authority(FENGJIE, PostKind.OFFICER, None)], True),
        (BERTA, [Authority(FENGJIE, PostKind.CHAIR, UUID(ANNA)), Authority(XIAMEN, PostKind.CHAIR, None)], True),
        (ANNA, [Authority(FENGJIE, PostKind.CHAIR, None)], True),
    ],
)
def test_nobody_decides_on_her_own_request_nor_by_the_duty_of_whoever_asks(
    decider: str, authorities: list[Authority], own: bool
) -> None:
    assert is_own(CASE, UUID(decider), authorities) == own


def test_a_request_is_decided_once_and_stands_for_three_days() -> None:
    approved, opened = (
        Access(*(CASE.record_access_id, CASE.person_id, FENGJIE, UUID(ANNA), "care", 60, status, NOW, NOW, False, 2))
        for status in (AccessStatus.APPROVED, AccessStatus.OPENED)
    )

    for moment, approving, refusal in (
        (NOW + timedelta(days=3, seconds=-1), True, None),
        (NOW + timedelta(days=3), True, Refusal("request-lapsed")),
        (NOW + timedelta(days=3), False, None),
    ):
        assert may_decide(CASE, moment, approving=approving) == refusal
    assert may_decide(approved, NOW, approving=False) == Refusal("access-decided")
    assert may_review(approved) == Refusal("nothing-to-review")
    assert may_review(opened) is None


@pytest.fixture(scope="module")
async def registry(registry_of_module: ServiceUnderTest) -> AsyncIterator[ServiceUnderTest]:
    with pytest.MonkeyPatch.context() as patch:
        await sabotage(registry_of_module, os.environ.get("LINLI_SABOTAGE", "").split(","), patch)
        yield registry_of_module


@pytest.fixture
async def mother(registry: ServiceUnderTest) -> RegisterPerson:
    return await registered(registry, name="陈静", email="chenjing@example.org")


@pytest.fixture
async def child(registry: ServiceUnderTest, mother: RegisterPerson) -> UUID:
    child = await registered(registry, name="陈小雨", age_band=AgeBand.SCHOOL, guardian_id=mother.person_id)
    return child.person_id


async def test_a_record_opens_on_somebody_elses_approval_until_it_expires(
    registry: ServiceUnderTest, mother: RegisterPerson, child: UUID
) -> None:
    given = RecordConsent(
        person_id=child,
        purpose=ConsentPurpose.PHOTOS,
        given_by=mother.person_id,
        notice_version="v1",
        method=ConsentMethod.PAPER,
        evidence="FJ-17",
    )
    await registry.ask(given, actor=ANNA, **OFFICE)
    await registry.ask(WithdrawConsent(person_id=child, purpose=ConsentPurpose.PHOTOS), actor=ANNA, **OFFICE)
    asked = request(child)

    assert await reads(registry, ANNA, child) == "approval-needed"
    assert await by(registry, ANNA, asked) == "requested"
    assert await reads(registry, ANNA, child) == "approval-needed"
    assert await by(registry, ANNA, approval(asked)) == "own-request"
    assert await by(registry, BERTA, approval(asked)) == "approved"
    assert await reads(registry, BERTA, child) == "approval-needed"
    record = await reads(registry, ANNA, child)
    registry.clock.move(minutes=60)
    assert await reads(registry, ANNA, child) == "approval-needed"

    refused = {
        (kind.actor, kind.reason): times for kind, times in registry.running.tally.take().items() if kind.about == child
    }
    assert refused == {(ANNA, "registry.records.read"): 3, (BERTA, "registry.records.read"): 1}
    assert isinstance(record, PersonRecord)
    assert (record.name, record.region, record.record_access_id) == ("陈小雨", FENGJIE, asked.record_access_id)
    assert [(each.name, each.email) for each in record.guardians] == [("陈静", "chenjing@example.org")]
    [photos] = record.consents
    assert (photos.method, photos.evidence, photos.given_by) == (ConsentMethod.PAPER, "FJ-17", mother.person_id)
    assert (photos.recorded_by, photos.ended_why, photos.effects) == (ANNA, "withdrawn", ("photo-mark-cleared",))
    assert await written_down(registry, child) == [
        ("consent-recorded", ANNA, "photos"),
        ("consent-withdrawn", ANNA, "photos"),
        ("approval-requested", ANNA, "care"),
        ("approval-granted", BERTA, "care"),
        ("record-read", ANNA, "approval"),
    ]


async def test_a_reading_that_cannot_be_written_down_shows_nothing(registry: ServiceUnderTest, child: UUID) -> None:
    """Saboteur: audit-after-commit."""
    asked = request(child)
    await by(registry, ANNA, asked)
    await by(registry, BERTA, approval(asked))
    await registry.admin.execute(
        "CREATE FUNCTION no_more() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'full'; END $$;"
        "CREATE TRIGGER no_more BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION no_more()"
    )
    try:
        assert await reads(registry, ANNA, child) == "internal-error"
    finally:
        await registry.admin.execute("DROP FUNCTION no_more CASCADE")

    assert isinstance(await reads(registry, ANNA, child), PersonRecord)


async def test_the_guardian_the_auditor_and_the_yearly_export_tell_who_read_a_childs_record(
    registry: ServiceUnderTest, mother: RegisterPerson, child: UUID
) -> None:
    await by(registry, ANNA, emergency(child))
    await reads(registry, ANNA, child)

    for actor in (
        {"actor": str(mother.person_id), "roles": ("reader",), "region": XIAMEN},
        {"actor": CLARA, "roles": ("auditor",), "region": FENGJIE},
    ):
        told = await registry.query(ListRegistryAccesses(person_id=child), **actor)
        assert isinstance(told, AccessLog), told
        seen = [(each.action.value, each.actor, each.reason) for each in told.accesses if each.actor == ANNA]
        assert seen == [("record-read", ANNA, "break-glass"), ("glass-broken", ANNA, "emergency")]
    year = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    exported = [row async for page in list_between(registry.admin, *year) for row in page if row["about"] == str(child)]
    assert [row["action"] for row in exported] == ["glass-broken", "record-read", "audit-read", "audit-read"]


async def test_broken_glass_opens_at_once_and_somebody_else_looks_at_it_later(
    registry: ServiceUnderTest, child: UUID
) -> None:
    broken, other = emergency(child), emergency(child)

    assert await by(registry, ANNA, broken) == "opened"
    assert isinstance(await reads(registry, ANNA, child), PersonRecord)
    assert await reads(registry, BERTA, child) == "approval-needed"
    registry.clock.move(minutes=15)
    assert await reads(registry, ANNA, child) == "approval-needed"
    assert await by(registry, BERTA, other) == "opened"
    assert await by(registry, ANNA, review(broken)) == "own-request"
    assert await by(registry, BERTA, review(broken, justified=False)) == "opened"
    assert await by(registry, CLARA, review(broken)) == "access-reviewed"
    assert await by(registry, CLARA, approval(broken)) == "access-decided"
    registry.clock.move(days=1)
    await registry.fire_timers()

    [due] = [each for each in await registry.said(RecordAccessReviewDue) if each.requester_id == UUID(BERTA)]
    assert due.record_access_id == other.record_access_id
    assert await facts_of(registry, other.record_access_id) == [GlassBroken, RecordAccessReviewDue]
    assert await facts_of(registry, broken.record_access_id) == [GlassBroken, RecordAccessReviewed]
    assert [each for each in await written_down(registry, child) if each[0].startswith(("glass", "record"))] == [
        ("glass-broken", ANNA, "emergency"),
        ("record-read", ANNA, "break-glass"),
        ("glass-broken", BERTA, "emergency"),
        ("glass-reviewed", BERTA, "not-justified"),
    ]
    waiting = await registry.query(ListRecordAccesses(region=FENGJIE), actor=CLARA, roles=("auditor",), region=FENGJIE)
    assert isinstance(waiting, RecordAccesses)
    assert [each.record_access_id for each in waiting.accesses if each.person_id == child] == [other.record_access_id]


async def facts_of(registry: ServiceUnderTest, record_access_id: UUID) -> list[type]:
    """What was said of a case, in order; its versions count from 1 without a gap."""
    said = [each for each in await registry.said_envelopes() if each.aggregate_id == record_access_id]
    assert [each.aggversion for each in said] == list(range(1, len(said) + 1))
    return [type(each.data) for each in said]


async def test_of_rivals_one_decides(registry: ServiceUnderTest, child: UUID) -> None:
    asked = request(child)
    await by(registry, ANNA, asked)
    rivals = [approval(asked), refusal_of(asked)] * 4

    outcomes = await asyncio.gather(
        *(by(registry, who, each) for who, each in zip((BERTA, CLARA) * 4, rivals, strict=True))
    )

    assert sum(each in ("approved", "refused") for each in outcomes) == 1
    assert outcomes.count("access-decided") == 7
    decided = RecordAccessApproved if "approved" in outcomes else RecordAccessRefused
    assert await facts_of(registry, asked.record_access_id) == [RecordAccessRequested, decided]


async def test_an_adults_record_needs_no_approval_and_is_written_down(
    registry: ServiceUnderTest, mother: RegisterPerson
) -> None:
    record = await reads(registry, ANNA, mother.person_id)

    assert isinstance(record, PersonRecord)
    assert (record.email, record.guardians, record.record_access_id) == ("chenjing@example.org", (), None)
    assert await written_down(registry, mother.person_id) == [("record-read", ANNA, "of-age")]
    for command in (request(mother.person_id), emergency(mother.person_id)):
        assert await by(registry, ANNA, command) == "approval-not-needed"


async def test_nobody_opens_a_record_outside_the_own_subtree_or_without_the_function(
    registry: ServiceUnderTest, child: UUID
) -> None:
    asked = request(child)
    assert await by(registry, ANNA, asked) == "requested"
    away: dict[str, Any] = {"region": XIAMEN}

    assert await reads(registry, BERTA, child, **away) == "unknown-person"
    assert await by(registry, BERTA, emergency(child), **away) == "unknown-person"
    assert await by(registry, BERTA, approval(asked), **away) == "unknown-record-access"
    assert await by(registry, BERTA, approval(asked), roles=("editor", "reader")) == "not-permitted"
    assert await by(registry, BERTA, emergency(child), roles=("auditor",)) == "not-permitted"
    assert await reads(registry, BERTA, child, roles=("reader",)) == "not-permitted"
    assert await by(registry, BERTA, request(uuid4())) == "unknown-person"
    assert await by(registry, BERTA, request(child, asked.record_access_id)) == "record-access-exists"
    assert await by(registry, "service:notify", request(child)) == "not-permitted"


async def test_no_reason_is_said_or_rewritten(registry: ServiceUnderTest, child: UUID) -> None:
    asked, broken = request(child), emergency(child)
    for command in (asked, broken):
        await by(registry, ANNA, command)
    await by(registry, BERTA, review(broken))

    for table in ("outbox", "command_log", "audit", "timer", "record_access"):
        rows = await registry.admin.fetchval(
            f"SELECT coalesce(string_agg(row_to_json({table})::text, ''), '') FROM {table}"
        )
        spellings = [spelling for word in ("家访", "走失", "已联系") for spelling in (word, word.encode().hex())]
        assert not any(spelling in rows for spelling in spellings), table
    listed = await registry.query(
        ListRecordAccesses(region=FENGJIE, waiting=False), actor=CLARA, roles=("auditor",), region=FENGJIE
    )
    assert isinstance(listed, RecordAccesses)
    reasons = {each.reason_text for each in listed.accesses if each.person_id == child}
    assert reasons == {"家访前核对监护人", "孩子走失"}, "who decides reads them"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await registry.pool.execute("DELETE FROM record_access")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await registry.admin.execute("UPDATE record_access SET reason_text = 'x'")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await registry.admin.execute("UPDATE record_access SET reason_sealed = 'x'")


@pytest.fixture
async def bus(registry: ServiceUnderTest, servers: Servers, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """By it a copy asks the other services: none answers here, and each is named in it."""
    connection = await nats.connect(servers.nats_url)
    monkeypatch.setattr(registry.running, "nats", connection)
    yield
    await connection.close()


@pytest.mark.usefixtures("bus")
async def test_no_way_round_leads_one_alone_to_a_childs_record(registry: ServiceUnderTest, child: UUID) -> None:
    """Fault: she called the child an adult, read, and called her a child again; or took the copy of everything."""
    grown = CorrectPerson(person_id=child, age_band=AgeBand.YOUNG)

    async def code(asked: CorrectPerson | ExportPerson) -> str:
        ask: Any = registry.ask if isinstance(asked, CorrectPerson) else registry.query
        outcome = await ask(asked, actor=ANNA, **OFFICE)
        return outcome.code if isinstance(outcome, Refusal) else "done"

    assert await code(grown) == "approval-needed"
    assert await code(ExportPerson(person_id=child)) == "request-needed"
    assert await code(CorrectPerson(person_id=child, age_band=AgeBand.TEEN)) == "done"
    asked = request(child)
    assert [await by(registry, ANNA, asked), await by(registry, BERTA, approval(asked))] == ["requested", "approved"]
    assert await code(ExportPerson(person_id=child)) == "done"
    assert await code(grown) == "done"


@pytest.mark.usefixtures("bus")
async def test_a_childs_copy_is_handed_out_where_her_mother_asked_and_somebody_else_wrote_that_down(
    registry: ServiceUnderTest, mother: RegisterPerson, child: UUID
) -> None:
    def ask(kind: PersonRequestKind) -> FilePersonRequest:
        return FilePersonRequest(person_request_id=uuid4(), person_id=child, kind=kind, asked_by=mother.person_id)

    async def copied(by_whom: str) -> bool:
        outcome = await registry.query(
            ExportPerson(person_id=child), actor=by_whom, roles=("approver",), region=FENGJIE
        )
        assert isinstance(outcome, PersonCopy) or outcome.code == "request-needed"
        return isinstance(outcome, PersonCopy)

    assert await by(registry, BERTA, ask(PersonRequestKind.CORRECTION)) == "open"
    assert not await copied(ANNA), "she asked something else"
    asked = ask(PersonRequestKind.COPY)
    assert await by(registry, ANNA, asked) == "open"
    assert not await copied(ANNA), "she wrote it down herself"
    assert await copied(BERTA)
    answer = AnswerPersonRequest(person_request_id=asked.person_request_id, fulfilled=True)
    assert await by(registry, BERTA, answer) == "fulfilled"
    assert not await copied(BERTA), "it is answered"
