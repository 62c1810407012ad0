"""Persons: registered once, reached by services alone, and nowhere else named."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.data import AgeBand
from contracts.refusals import Refusal
from contracts.registry.v1 import (
    Contact,
    Contacts,
    GetContacts,
    PersonRegistered,
    PersonState,
)
from services.chassis.access import GRANTS
from services.registry.people.rules import may_register
from tests.registry.conftest import FENGJIE, person, registered
from tests.under_test import ServiceUnderTest

SERVICE: dict[str, Any] = {"actor": "service:notify", "roles": ("service",)}
ADULT = PersonState(person_id=UUID(int=1), age_band=AgeBand.MIDDLE, version=1)
TEEN = PersonState(person_id=UUID(int=2), age_band=AgeBand.TEEN, version=1)


@pytest.mark.parametrize(
    ("band", "guardian_id", "guardian", "refusal"),
    [
        (AgeBand.YOUNG, None, None, None),
        (AgeBand.SENIOR, ADULT.person_id, ADULT, None),
        (AgeBand.EARLY, None, None, Refusal("guardian-needed")),
        (AgeBand.TEEN, None, None, Refusal("guardian-needed")),
        (AgeBand.SCHOOL, ADULT.person_id, ADULT, None),
        (AgeBand.SCHOOL, UUID(int=9), None, Refusal("unknown-person", person_id=str(UUID(int=9)))),
        (AgeBand.SCHOOL, TEEN.person_id, TEEN, Refusal("guardian-is-minor")),
        (AgeBand.YOUNG, TEEN.person_id, TEEN, Refusal("guardian-is-minor")),
    ],
)
def test_a_minor_has_a_guardian_of_age(
    band: AgeBand, guardian_id: UUID | None, guardian: PersonState | None, refusal: Refusal | None
) -> None:
    known = {guardian.person_id: guardian} if guardian else {}

    assert may_register(person(age_band=band, guardian_id=guardian_id), known) == refusal


@pytest.fixture(scope="module")
def registry(registry_of_module: ServiceUnderTest) -> ServiceUnderTest:
    return registry_of_module


async def test_a_person_is_registered_once(registry: ServiceUnderTest) -> None:
    asked = person()

    answers = await registry.ask_at_once([asked] * 8)

    assert answers.count(Refusal("person-exists", person_id=str(asked.person_id))) == 7
    assert [answer for answer in answers if isinstance(answer, PersonState)] == [
        PersonState(person_id=asked.person_id, age_band=AgeBand.YOUNG, version=1)
    ]
    assert [said for said in await registry.said(PersonRegistered) if said.person_id == asked.person_id] == [
        PersonRegistered(person_id=asked.person_id, age_band=AgeBand.YOUNG, guardian_id=None)
    ]


async def test_what_is_said_and_kept_of_a_person_names_nobody(registry: ServiceUnderTest) -> None:
    mother = await registered(registry, name="金丝雀", email="canary@example.org")
    await registered(registry, name="小金丝雀", age_band=AgeBand.EARLY, guardian_id=mother.person_id)

    for table in ("outbox", "command_log", "consent", "timer"):
        rows = await registry.admin.fetchval(
            f"SELECT coalesce(string_agg(row_to_json({table})::text, ''), '') FROM {table}"
        )
        assert "金丝雀" not in rows
        assert "canary" not in rows
    assert "金丝雀" not in await registry.admin.fetchval("SELECT string_agg(person::text, '') FROM person")


async def test_nobody_registers_people_outside_the_own_subtree(registry: ServiceUnderTest) -> None:
    asked = person()

    refusal = await registry.ask(asked, region="350200000000")

    assert refusal == Refusal(
        "not-permitted", permission="registry.people.register", region=FENGJIE, functions="editor"
    )
    assert await registry.query(GetContacts(people=(asked.person_id,), purpose="activities"), **SERVICE) == Contacts(
        contacts=()
    )


async def test_a_message_for_a_child_reaches_the_guardian(registry: ServiceUnderTest) -> None:
    mother = await registered(registry, name="王芳", email="wangfang@example.org", language="en")
    child = await registered(registry, name="王小明", age_band=AgeBand.SCHOOL, guardian_id=mother.person_id)
    teen = await registered(registry, name="王大明", age_band=AgeBand.TEEN, guardian_id=mother.person_id)
    uncle = await registered(registry, name="李强", guardian_id=mother.person_id)

    asked = (child.person_id, uuid4(), uncle.person_id, teen.person_id, mother.person_id)
    contacts = await registry.query(GetContacts(people=asked, purpose="activities"), **SERVICE)

    reached = {"name": "王芳", "email": "wangfang@example.org", "language": "en"}
    assert contacts == Contacts(
        contacts=(
            Contact(person_id=child.person_id, **reached),
            Contact(person_id=uncle.person_id, name="李强", email=None, language="zh"),
            Contact(person_id=teen.person_id, **reached),
            Contact(person_id=mother.person_id, **reached),
        )
    )


async def test_only_services_get_contacts(registry: ServiceUnderTest) -> None:
    for role in set(GRANTS) - {"service"}:
        asked: dict[str, Any] = {"roles": (role,)} | ({"actor": "service:doorkeeper"} if role == "door" else {})
        refusal = await registry.query(GetContacts(people=(uuid4(),), purpose="activities"), **asked)

        assert isinstance(refusal, Refusal), role
        assert refusal.code == "not-permitted", role
