"""Consents: given by the right person, renewed, withdrawn as easily, never forgotten."""

from uuid import UUID, uuid4

import pytest

from contracts.data import AgeBand
from contracts.message import Done, Event
from contracts.refusals import Refusal
from contracts.registry.v1 import (
    ConsentGiven,
    ConsentPurpose,
    ConsentWithdrawn,
    PersonRegistered,
    RecordConsent,
    RegisterPerson,
    WithdrawConsent,
)
from services.registry.consents.rules import Subject, may_give
from tests.registry.conftest import FENGJIE, registered
from tests.under_test import ServiceUnderTest

MOTHER, CHILD = UUID(int=1), UUID(int=2)


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

    assert may_give(consent(CHILD, given_by), subject) == (None if allowed else Refusal("not-guardian"))


@pytest.fixture(scope="module")
def registry(registry_of_module: ServiceUnderTest) -> ServiceUnderTest:
    return registry_of_module


@pytest.fixture
async def mother(registry: ServiceUnderTest) -> RegisterPerson:
    return await registered(registry)


@pytest.fixture
async def child(registry: ServiceUnderTest, mother: RegisterPerson) -> RegisterPerson:
    return await registered(registry, age_band=AgeBand.SCHOOL, guardian_id=mother.person_id)


async def facts_of(registry: ServiceUnderTest, person_id: UUID) -> list[type[Event]]:
    """What was said of a person, in order; its versions count from 1 without a gap."""
    said = [each for each in await registry.said_envelopes() if getattr(each.data, "person_id", None) == person_id]
    assert [each.aggversion for each in said] == list(range(1, len(said) + 1))
    return [type(each.data) for each in said]


async def test_a_consent_is_given_renewed_withdrawn_and_kept(
    registry: ServiceUnderTest, mother: RegisterPerson, child: RegisterPerson
) -> None:
    withdrawal = WithdrawConsent(person_id=child.person_id, purpose=ConsentPurpose.ACTIVITIES)

    for command in (
        consent(child.person_id, mother.person_id),
        consent(child.person_id, mother.person_id),
        consent(child.person_id, mother.person_id, "2026-06"),
        withdrawal,
        consent(child.person_id, mother.person_id, "2026-06"),
    ):
        registry.clock.move(hours=1)
        assert await registry.ask(command) == Done()

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
        (ConsentPurpose.ACTIVITIES, Done()),
        (ConsentPurpose.ACTIVITIES, Refusal("consent-missing")),
    ):
        assert await registry.ask(WithdrawConsent(person_id=mother.person_id, purpose=purpose)) == outcome


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
    assert (withdrawn.count(Done()), withdrawn.count(Refusal("consent-missing"))) == (1, 7)
    assert await facts_of(registry, mother.person_id) == [PersonRegistered, ConsentGiven, ConsentWithdrawn]


async def test_history_cannot_be_rewritten(registry: ServiceUnderTest, mother: RegisterPerson) -> None:
    await registry.ask(consent(mother.person_id, mother.person_id))

    for rewriting in ("DELETE FROM consent", "UPDATE consent SET notice_version = 'x'"):
        with pytest.raises(Exception, match="permission denied"):
            await registry.pool.execute(rewriting)
