"""Consents: given by the right person, renewed, withdrawn as easily, never forgotten."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.data import AgeBand
from contracts.message import Done, Event
from contracts.refusals import Refusal
from contracts.registry.v1 import (
    ConsentGiven,
    ConsentMethod,
    ConsentPurpose,
    ConsentsToRenew,
    ConsentWithdrawn,
    CorrectPerson,
    ErasePerson,
    ErasureGround,
    GetPrivacyNotice,
    ListConsentsToRenew,
    PersonRegistered,
    PrivacyNotice,
    PublishPrivacyNotice,
    RecordConsent,
    RegisterPerson,
    Withdrawal,
    WithdrawConsent,
)
from services.registry.consents.rules import EFFECTS, Subject, may_give
from services.registry.privacy_notices import handlers as privacy_notices
from tests.registry.conftest import FENGJIE, registered
from tests.under_test import ServiceUnderTest

MOTHER, CHILD = UUID(int=1), UUID(int=2)
NOON = datetime(2026, 6, 3, 4, tzinfo=UTC)


def consent(person_id: UUID, given_by: UUID, notice: str = "2026-01") -> RecordConsent:
    return RecordConsent(
        person_id=person_id, purpose=ConsentPurpose.ACTIVITIES, given_by=given_by, notice_version=notice
    )


@pytest.mark.parametrize(
    ("band", "given_by", "allowed"),
    [
        (AgeBand.EARLY, MOTHER, True),
        (AgeBand.TEEN, MOTHER, True),
        (AgeBand.TEEN, CHILD, False),
        (AgeBand.EARLY, UUID(int=3), False),
        (AgeBand.YOUNG, CHILD, True),
        (AgeBand.YOUNG, MOTHER, False),
    ],
)
def test_a_guardian_consents_for_a_minor_and_an_adult_for_herself(band: AgeBand, given_by: UUID, allowed: bool) -> None:
    subject = Subject(CHILD, FENGJIE, band, MOTHER, 1)

    outcome = may_give(consent(CHILD, given_by), subject, "somebody", None, NOON)

    assert outcome == (None if allowed else Refusal("not-guardian"))


@pytest.mark.parametrize(
    ("given", "recorder", "in_force", "refusal"),
    [
        ({}, "somebody", "2026-01", None),
        ({}, "somebody", "2026-06", Refusal("notice-outdated", notice_version="2026-06")),
        ({"method": ConsentMethod.PAPER}, "somebody", None, Refusal("evidence-needed")),
        ({"method": ConsentMethod.PAPER, "evidence": "DH-17"}, "somebody", None, None),
        ({"method": ConsentMethod.WITNESSED}, str(MOTHER), None, Refusal("own-witness")),
        ({"method": ConsentMethod.WITNESSED}, "somebody", None, None),
        ({"expires_at": NOON}, "somebody", None, Refusal("expiry-passed")),
        ({"expires_at": NOON + timedelta(days=1)}, "somebody", None, None),
    ],
)
def test_a_consent_says_how_it_was_given(
    given: dict[str, Any], recorder: str, in_force: str | None, refusal: Refusal | None
) -> None:
    asked = consent(CHILD, MOTHER).model_copy(update=given)

    assert may_give(asked, Subject(CHILD, FENGJIE, AgeBand.EARLY, MOTHER, 1), recorder, in_force, NOON) == refusal


def test_every_purpose_says_what_its_withdrawal_stops() -> None:
    assert set(EFFECTS) == set(ConsentPurpose)
    assert all(EFFECTS[purpose] for purpose in ConsentPurpose if purpose is not ConsentPurpose.UNKNOWN)


@pytest.fixture(scope="module")
def registry(registry_of_module: ServiceUnderTest) -> ServiceUnderTest:
    return registry_of_module


@pytest.fixture
async def mother(registry: ServiceUnderTest) -> RegisterPerson:
    return await registered(registry)


@pytest.fixture
async def child(registry: ServiceUnderTest, mother: RegisterPerson) -> RegisterPerson:
    return await registered(registry, age_band=AgeBand.SCHOOL, guardian_id=mother.person_id)


ENROLMENTS_END = Withdrawal(
    effects=("enrolments-withdrawn", "seats-offered-on", "enrolment-closed", "health-notes-erased")
)


def ended(outcome: Any) -> Any:
    """The outcome without the id of the consent."""
    return Withdrawal(effects=outcome.effects) if isinstance(outcome, Withdrawal) else outcome


async def facts_of(registry: ServiceUnderTest, person_id: UUID) -> list[type[Event]]:
    """What was said of a person, in order; its versions count from 1 without a gap."""
    said = [each for each in await registry.said_envelopes() if getattr(each.data, "person_id", None) == person_id]
    assert [each.aggversion for each in said] == list(range(1, len(said) + 1))
    return [type(each.data) for each in said]


async def test_a_consent_is_given_renewed_withdrawn_and_kept(
    registry: ServiceUnderTest, mother: RegisterPerson, child: RegisterPerson
) -> None:
    withdrawal = WithdrawConsent(person_id=child.person_id, purpose=ConsentPurpose.ACTIVITIES)

    for command, outcome in (
        (consent(child.person_id, mother.person_id), Done()),
        (consent(child.person_id, mother.person_id), Done()),
        (consent(child.person_id, mother.person_id, "2026-06"), Done()),
        (withdrawal, ENROLMENTS_END),
        (consent(child.person_id, mother.person_id, "2026-06"), Done()),
    ):
        registry.clock.move(hours=1)
        assert ended(await registry.ask(command)) == outcome

    assert await facts_of(registry, child.person_id) == [
        PersonRegistered, ConsentGiven, ConsentGiven, ConsentWithdrawn, ConsentGiven,
    ]  # fmt: skip
    history = await registry.admin.fetch(
        "SELECT notice_version, withdrawn_at IS NOT NULL AS withdrawn, renewed_at IS NOT NULL AS renewed"
        " FROM consent WHERE person_id = $1 ORDER BY given_at",
        child.person_id,
    )
    assert [tuple(row) for row in history] == [
        ("2026-01", False, True),
        ("2026-06", True, False),
        ("2026-06", False, False),
    ]


async def test_purposes_are_apart(registry: ServiceUnderTest, mother: RegisterPerson) -> None:
    await registry.ask(consent(mother.person_id, mother.person_id))

    for purpose, outcome in (
        (ConsentPurpose.PHOTOS, Refusal("consent-missing")),
        (ConsentPurpose.ACTIVITIES, ENROLMENTS_END),
        (ConsentPurpose.ACTIVITIES, Refusal("consent-missing")),
    ):
        assert ended(await registry.ask(WithdrawConsent(person_id=mother.person_id, purpose=purpose))) == outcome


async def test_a_stranger_cannot_consent(
    registry: ServiceUnderTest, mother: RegisterPerson, child: RegisterPerson
) -> None:
    stranger = await registered(registry)

    assert await registry.ask(consent(child.person_id, stranger.person_id)) == Refusal("not-guardian")
    assert await registry.ask(consent(mother.person_id, stranger.person_id)) == Refusal("not-guardian")
    for person_id in (child.person_id, mother.person_id):
        withdrawal = WithdrawConsent(person_id=person_id, purpose=ConsentPurpose.ACTIVITIES)
        assert await registry.ask(withdrawal) == Refusal("consent-missing")


async def test_consent_needs_a_person_in_the_own_subtree(registry: ServiceUnderTest, mother: RegisterPerson) -> None:
    unknown = uuid4()
    withdrawal = WithdrawConsent(person_id=unknown, purpose=ConsentPurpose.PHOTOS)
    for command in (consent(unknown, unknown), withdrawal):
        assert await registry.ask(command) == Refusal("unknown-person", person_id=str(unknown))

    for command in (
        consent(mother.person_id, mother.person_id),
        withdrawal.model_copy(update={"person_id": mother.person_id}),
    ):
        hidden = Refusal("unknown-person", person_id=str(mother.person_id))
        assert await registry.ask(command, region="350200000000") == hidden


async def test_rivals_give_and_withdraw_a_consent_once(registry: ServiceUnderTest, mother: RegisterPerson) -> None:
    given = await registry.ask_at_once([consent(mother.person_id, mother.person_id)] * 8)
    withdrawal = WithdrawConsent(person_id=mother.person_id, purpose=ConsentPurpose.ACTIVITIES)
    withdrawn = await registry.ask_at_once([withdrawal] * 8)

    assert given == [Done()] * 8
    assert ([ended(each) for each in withdrawn].count(ENROLMENTS_END), withdrawn.count(Refusal("consent-missing"))) == (
        1,
        7,
    )
    assert await facts_of(registry, mother.person_id) == [PersonRegistered, ConsentGiven, ConsentWithdrawn]


async def test_history_cannot_be_rewritten(registry: ServiceUnderTest, mother: RegisterPerson) -> None:
    await registry.ask(consent(mother.person_id, mother.person_id))

    for rewriting in ("DELETE FROM consent", "UPDATE consent SET notice_version = 'x'"):
        with pytest.raises(Exception, match="permission denied"):
            await registry.pool.execute(rewriting)


async def test_a_consent_ends_when_its_time_is_over(
    registry: ServiceUnderTest, mother: RegisterPerson, child: RegisterPerson
) -> None:
    until = registry.clock.now() + timedelta(days=2)
    for purpose in (ConsentPurpose.PHOTOS, ConsentPurpose.ACTIVITIES):
        asked = consent(child.person_id, mother.person_id).model_copy(update={"purpose": purpose, "expires_at": until})
        assert await registry.ask(asked) == Done()
    longer = asked.model_copy(update={"expires_at": until + timedelta(days=300)})
    assert await registry.ask(longer) == Done()

    registry.clock.move(days=2)
    await registry.fire_timers()
    await registry.fire_timers()

    assert await facts_of(registry, child.person_id) == [
        PersonRegistered, ConsentGiven, ConsentGiven, ConsentGiven, ConsentWithdrawn,
    ]  # fmt: skip
    [last] = [each for each in await registry.said(ConsentWithdrawn) if each.person_id == child.person_id]
    assert (last.purpose, last.why) == (ConsentPurpose.PHOTOS, "expired")


async def test_what_one_gave_is_not_what_her_new_guardian_or_she_herself_of_age_gives(
    registry: ServiceUnderTest, mother: RegisterPerson, child: RegisterPerson
) -> None:
    """Fault: recorded, answered with done, and written down nowhere: who is asked for a proof has another's name."""
    aunt = await registered(registry)
    await registry.ask(consent(child.person_id, mother.person_id))
    await registry.ask(CorrectPerson(person_id=child.person_id, guardian_id=aunt.person_id))

    for _ in range(2):
        assert await registry.ask(consent(child.person_id, aunt.person_id)) == Done()

    givers = await registry.admin.fetch(
        "SELECT given_by FROM consent WHERE person_id = $1 ORDER BY consent_id", child.person_id
    )
    assert [row["given_by"] for row in givers] == [mother.person_id, aunt.person_id]


def notice(
    version: str, region: str = FENGJIE, purpose: ConsentPurpose = ConsentPurpose.PHOTOS
) -> PublishPrivacyNotice:
    return PublishPrivacyNotice(
        privacy_notice_id=uuid4(),
        purpose=purpose,
        notice_version=version,
        region=region,
        title="活动拍照的告知",
        text="由奉节县妇联处理,可随时撤回。",
        retention_months=24,
    )


def photos(person_id: UUID, version: str) -> RecordConsent:
    return consent(person_id, person_id, version).model_copy(update={"purpose": ConsentPurpose.PHOTOS})


async def test_a_new_notice_asks_everybody_again(registry: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(privacy_notices, "PAGE", 2)
    people = [(await registered(registry)).person_id for _ in range(5)]
    elsewhere = (await registered(registry, region="500237000000")).person_id
    for each in (*people, elsewhere):
        assert await registry.ask(photos(each, "v1")) == Done()
    registry.clock.move(minutes=1)

    published = await registry.ask(notice("v2"))

    assert isinstance(published, PrivacyNotice)
    assert await registry.query(GetPrivacyNotice(purpose=ConsentPurpose.PHOTOS, region="500236131209")) == published
    assert await registry.ask(photos(people[0], "v1")) == Refusal("notice-outdated", notice_version="v2")
    renewed, *others = people
    assert await registry.ask(photos(renewed, "v2")) == Done()
    waiting = await registry.query(ListConsentsToRenew(region=FENGJIE))
    assert isinstance(waiting, ConsentsToRenew)
    assert {(each.person_id, each.ends_at) for each in waiting.consents} == {
        (each, published.renew_until) for each in others
    }

    registry.clock.move(days=10)
    await registry.ask(notice("v3"))  # what was renewed in between has its own time
    registry.clock.move(days=20)
    await registry.fire_timers()

    outdated = [each for each in await registry.said(ConsentWithdrawn) if each.why == "outdated"]
    assert sorted(each.person_id for each in outdated) == sorted(others)
    assert await registry.ask(WithdrawConsent(person_id=renewed, purpose=ConsentPurpose.PHOTOS)) != Refusal(
        "consent-missing"
    )
    assert isinstance(
        await registry.ask(WithdrawConsent(person_id=elsewhere, purpose=ConsentPurpose.PHOTOS)), Withdrawal
    )


async def test_a_version_is_published_once_and_by_whoever_may_there(registry: ServiceUnderTest) -> None:
    purpose = ConsentPurpose.SHARE_HOST_SITE
    asked = notice("v1", purpose=purpose)

    answers = await registry.ask_at_once([asked.model_copy(update={"privacy_notice_id": uuid4()}) for _ in range(6)])

    assert sum(isinstance(each, PrivacyNotice) for each in answers) == 1
    assert answers.count(Refusal("privacy-notice-exists")) == 5
    for actor in ({"region": "350200000000"}, {"roles": ("editor",)}):
        refusal = await registry.ask(notice("v9", purpose=purpose), **actor)
        assert isinstance(refusal, Refusal)
        assert refusal.code == "not-permitted"
    nowhere = GetPrivacyNotice(purpose=purpose, region="350200000000")
    assert await registry.query(nowhere) == Refusal("unknown-privacy-notice")


async def test_whoever_was_erased_holds_up_nobodys_consent(registry: ServiceUnderTest) -> None:
    """Fault: her consents stood, and neither an expiry nor a notice that outdates them could be gone through again."""
    stays, gone, long_gone = [(await registered(registry)).person_id for _ in range(3)]
    until = registry.clock.now() + timedelta(days=1)
    for each in (stays, gone, long_gone):
        given = photos(each, "v3").model_copy(update={"purpose": ConsentPurpose.VOLUNTEERING, "expires_at": until})
        for asked in (consent(each, each), given):
            assert await registry.ask(asked) == Done()
    registry.clock.move(minutes=1)
    await registry.ask(notice("v9", purpose=ConsentPurpose.ACTIVITIES))
    for each in (gone, long_gone):
        await registry.ask(ErasePerson(person_id=each, ground=ErasureGround.PURPOSE_ENDED))
    standing = "SELECT count(*) FROM consent WHERE person_id = $1 AND withdrawn_at IS NULL"
    assert await registry.admin.fetchval(standing, gone) == 0
    await registry.admin.execute("UPDATE consent SET withdrawn_at = NULL WHERE person_id = $1", long_gone)  # as it was

    waiting = await registry.query(ListConsentsToRenew(region=FENGJIE, limit=500))
    registry.clock.move(days=31)
    await registry.fire_timers()

    assert isinstance(waiting, ConsentsToRenew)
    assert not {gone, long_gone} & {each.person_id for each in waiting.consents}
    ended = [(each.person_id, each.why) for each in await registry.said(ConsentWithdrawn)]
    assert {(stays, "expired"), (stays, "outdated")} <= set(ended)
    assert not {gone, long_gone} & {person_id for person_id, _ in ended}
    assert await registry.admin.fetchval("SELECT count(*) FROM timer WHERE attempts > 0") == 0


async def test_the_paper_that_proves_a_consent_is_kept_though_it_comes_later(
    registry: ServiceUnderTest, mother: RegisterPerson
) -> None:
    """Fault: recorded after the same consent in the app, it was answered with done and its number let go."""
    asked = consent(mother.person_id, mother.person_id).model_copy(update={"purpose": ConsentPurpose.CONTACT_EMAIL})
    paper = asked.model_copy(update={"method": ConsentMethod.PAPER, "evidence": "DH-17"})

    for each in (asked, paper, paper, asked):
        assert await registry.ask(each) == Done()

    kept = await registry.admin.fetch(
        "SELECT evidence FROM consent WHERE person_id = $1 ORDER BY consent_id", mother.person_id
    )
    assert [row["evidence"] for row in kept] == [None, "DH-17"]


async def test_a_page_of_whom_to_ask_again_holds_all_that_one_person_gave(
    registry: ServiceUnderTest, mother: RegisterPerson
) -> None:
    """Fault: where a page ended between two of her consents, the next one began behind both."""
    given = {ConsentPurpose.CONTACT_EMAIL, ConsentPurpose.VOLUNTEERING}
    until = registry.clock.now() + timedelta(days=2)
    for purpose in given:
        asked = consent(mother.person_id, mother.person_id)
        await registry.ask(asked.model_copy(update={"purpose": purpose, "expires_at": until}))

    before = UUID(int=mother.person_id.int - 1)
    page = await registry.query(ListConsentsToRenew(region=FENGJIE, after=before, limit=1))

    assert isinstance(page, ConsentsToRenew)
    assert {(each.person_id, each.purpose) for each in page.consents} == {(mother.person_id, each) for each in given}
