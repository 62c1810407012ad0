"""Nobody writes to whoever is restricted or erased; of the erased no notice is left."""

from typing import Any
from uuid import UUID

import pytest

from contracts.holdings import Holdings
from contracts.notify.v1 import HeldByNotify, NoticeCancelled
from contracts.registry.v1 import PersonErased, PersonRestricted, RestrictionGround, RestrictionLifted
from services.notify.delivery.worker import deliver_due
from tests.notify.conftest import inbox_of, until_quiet
from tests.notify.story import ClassOf20, Family
from tests.under_test import ServiceUnderTest

SERVICE: dict[str, Any] = {"actor": "service:notify", "roles": ("service",)}


async def deliver(notify: ServiceUnderTest) -> int:
    return await until_quiet(lambda: deliver_due(notify.running))


def restricted(person: UUID) -> PersonRestricted:
    return PersonRestricted(person_id=person, ground=RestrictionGround.OBJECTION)


async def held_of(notify: ServiceUnderTest, person: UUID) -> list[str]:
    told = await notify.query(HeldByNotify(person_id=person), **SERVICE)
    assert isinstance(told, Holdings)
    return sorted(record.kind for record in told.records)


@pytest.mark.parametrize("word", [restricted, lambda person: PersonErased(person_id=person)])
async def test_what_waits_is_cancelled_and_nothing_is_planned(notify: ServiceUnderTest, word: object) -> None:
    course = await ClassOf20(notify).scheduled()
    family = await Family(course).confirmed()

    await notify.hear(word(family.contact), version=2)  # type: ignore[operator]
    await Family(course, family.contact).confirmed()
    await deliver(notify)

    assert await inbox_of(notify, family.contact) == []
    assert len(await notify.said(NoticeCancelled)) == 4, "a confirmation and a reminder on two channels"


async def test_of_the_erased_no_text_is_left(notify: ServiceUnderTest) -> None:
    family = await Family(await ClassOf20(notify).scheduled()).confirmed()
    await deliver(notify)
    assert len(await inbox_of(notify, family.contact)) == 1
    assert "notice" in await held_of(notify, family.contact)

    await notify.hear(PersonErased(person_id=family.contact), version=2)

    assert await held_of(notify, family.contact) == ["silence"]
    assert await notify.count("notice") == 0


async def test_the_last_word_counts_in_whatever_order_it_is_heard(notify: ServiceUnderTest) -> None:
    course = await ClassOf20(notify).scheduled()
    freed, erased = Family(course), Family(course)
    await notify.hear(RestrictionLifted(person_id=freed.contact), version=3)
    await notify.hear(restricted(freed.contact), version=2)
    await notify.hear(PersonErased(person_id=erased.contact), version=3)
    await notify.hear(RestrictionLifted(person_id=erased.contact), version=2)
    for family in (freed, erased):
        await family.confirmed()

    await deliver(notify)

    assert len(await inbox_of(notify, freed.contact)) == 1
    assert await inbox_of(notify, erased.contact) == []


async def test_what_was_planned_in_the_same_moment_is_not_sent(notify: ServiceUnderTest) -> None:
    """A planner that did not see her silence: her notice is ended by whoever would send it."""
    family = await Family(await ClassOf20(notify).scheduled()).confirmed()
    await notify.admin.execute(
        "INSERT INTO silenced (person_id, state, epoch, version) VALUES ($1, 'erased', 1, 2)", family.contact
    )

    await deliver(notify)

    assert await inbox_of(notify, family.contact) == []
