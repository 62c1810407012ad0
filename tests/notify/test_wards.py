"""A guardian asks who looked at what is kept of her child, in each service that keeps something (X15, PIPL 31, 44)."""

from typing import Any
from uuid import uuid4

import pytest

from contracts.audit import AccessLog, AuditAction
from contracts.data import AgeBand
from contracts.message import Query
from contracts.notify.v1 import GetInbox, ListNotifyAccesses
from contracts.refusals import Refusal
from contracts.registry.v1 import PersonCorrected, PersonErased, PersonRegistered
from contracts.volunteers.v1 import ListVolunteersAccesses
from tests.under_test import Servers, ServiceUnderTest


async def told(service: ServiceUnderTest, query: Query[AccessLog], who: Any) -> list[AuditAction] | str:
    answer = await service.query(query, actor=str(who), roles=("reader",))
    return answer.code if isinstance(answer, Refusal) else [each.action for each in answer.accesses]


@pytest.mark.parametrize(("name", "query"), [("notify", ListNotifyAccesses), ("volunteers", ListVolunteersAccesses)])
async def test_the_guardian_is_told_as_long_as_she_answers_for_the_child(
    servers: Servers, name: str, query: type[ListNotifyAccesses | ListVolunteersAccesses]
) -> None:
    async with ServiceUnderTest.started(name, servers) as service:
        mother, father, teen = uuid4(), uuid4(), uuid4()
        asked = query(person_id=teen)
        await service.hear(PersonRegistered(person_id=teen, age_band=AgeBand.TEEN, guardian_id=mother))
        if name == "notify":
            await service.query(GetInbox(person_id=teen))
            assert await told(service, asked, mother) == [AuditAction.RECORD_READ]
        assert await told(service, asked, mother) != "not-permitted"
        assert await told(service, asked, father) == "not-permitted"

        await service.hear(PersonCorrected(person_id=teen, age_band=AgeBand.TEEN, guardian_id=father), version=2)
        assert await told(service, asked, mother) == "not-permitted"
        assert await told(service, asked, father) != "not-permitted"
        await service.hear(PersonCorrected(person_id=teen, age_band=AgeBand.YOUNG, guardian_id=father), version=3)
        assert await told(service, asked, father) == "not-permitted", "who is of age answers for herself"
        await service.hear(PersonErased(person_id=teen), version=4)
        assert await told(service, asked, father) == "not-permitted"
