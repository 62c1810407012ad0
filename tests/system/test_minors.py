"""In the running house: what rested on a consent ends within a minute, and a child's record opens on approval alone."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest

from contracts.activities.v1 import Enrol
from contracts.data import AgeBand
from contracts.message import Command
from contracts.registry.v1 import (
    AccessReason,
    ConsentPurpose,
    RecordConsent,
    RegisterPerson,
    RequestRecordAccess,
    WithdrawConsent,
)
from contracts.volunteers.v1 import LegalForm, OpenShift, RegisterTeam, RegisterVolunteer, TakeShift
from services.chassis.tokens import Signer
from tests.chaos.families import COMMUNITY, do
from tests.system.conftest import House, until

MINUTE = 60.0
ACTIVE = "SELECT count(*) FROM enrolment WHERE $1 = ANY (people) AND status <> 'withdrawn'"
SERVING = """
SELECT (SELECT count(*) FROM volunteer WHERE person_id = $1 AND withdrawn_at IS NULL) AS memberships,
    (SELECT count(*) FROM assignment WHERE person_id = $1 AND active) AS places
"""
PENDING = "SELECT count(*) FROM notice WHERE recipient = $1 AND channel = 'email' AND status = 'planned'"


async def child_of(house: House, mother: UUID) -> UUID:
    child = uuid4()
    band = AgeBand.SCHOOL
    asked = RegisterPerson(person_id=child, region=COMMUNITY, name="小演示", age_band=band, guardian_id=mother)
    await do(house.desk, asked)
    return child


def consent(person: UUID, giver: UUID, purpose: ConsentPurpose) -> RecordConsent:
    return RecordConsent(person_id=person, purpose=purpose, given_by=giver, notice_version="v1")


@pytest.mark.soak
async def test_a_withdrawn_consent_stops_everywhere_within_a_minute(house: House) -> None:
    mother = await house.register("mother@example.org")
    child = await child_of(house, mother)
    await do(house.desk, consent(child, mother, ConsentPurpose.ACTIVITIES))
    await do(house.desk, consent(mother, mother, ConsentPurpose.CONTACT_EMAIL))
    enrol = Enrol(enrolment_id=uuid4(), session_id=house.town.cold[0], contact_id=mother, people=(child,))

    async def is_enrolled() -> bool:
        return (await house.desk.send(enrol)).ok

    async def is_reminded() -> bool:
        return bool((await house.fetch("notify", PENDING, mother))[0][0])

    await until(is_enrolled, MINUTE)
    await until(is_reminded, MINUTE)
    await do(house.desk, WithdrawConsent(person_id=child, purpose=ConsentPurpose.ACTIVITIES))
    await do(house.desk, WithdrawConsent(person_id=mother, purpose=ConsentPurpose.CONTACT_EMAIL))

    async def all_has_ended() -> bool:
        [active], [pending] = (
            await house.fetch("activities", ACTIVE, child),
            await house.fetch("notify", PENDING, mother),
        )
        return (active[0], pending[0]) == (0, 0)

    await until(all_has_ended, MINUTE)


@pytest.mark.soak
async def test_who_no_longer_consents_to_volunteering_serves_no_more_within_a_minute(house: House) -> None:
    helper, team, volunteer, shift = await house.register(), uuid4(), uuid4(), uuid4()
    [site] = await house.fetch("activities", "SELECT site_id FROM session WHERE session_id = $1", house.town.cold[0])
    starts = house.now + timedelta(hours=2)
    commands: list[Command[Any]] = [
        RecordConsent(
            person_id=helper, purpose=ConsentPurpose.VOLUNTEERING, given_by=helper, notice_version="v1"
        ),
        RegisterTeam(
            team_id=team, name="巾帼志愿服务队", site_id=site["site_id"], legal_form=LegalForm.FILED,
            consent_unit_id=uuid4(),
        ),
        RegisterVolunteer(volunteer_id=volunteer, team_id=team, person_id=helper),
        OpenShift(
            shift_id=shift, team_id=team, title="课后看护", starts_at=starts, ends_at=starts + timedelta(minutes=30),
            needed=1, risk_notice="接送时注意交通安全",
        ),
        TakeShift(assignment_id=uuid4(), shift_id=shift, volunteer_id=volunteer, risk_acknowledged=True),
        WithdrawConsent(person_id=helper, purpose=ConsentPurpose.VOLUNTEERING),
    ]  # fmt: skip
    for command in commands:
        await do(house.desk, command)

    async def has_ended() -> bool:
        [left] = await house.fetch("volunteers", SERVING, helper)
        return (left["memberships"], left["places"]) == (0, 0)

    await until(has_ended, MINUTE)
    effects = await house.http.get(f"{house.stack.gateway_url}/v1/people/{helper}/volunteering-effects")
    assert [len(each["assignments"]) for each in effects.json()["ended"]] == [1]


@pytest.mark.soak
async def test_a_childs_record_opens_over_http_on_approval_by_a_colleague(house: House) -> None:
    child = await child_of(house, await house.register())
    signer = Signer("gateway", house.stack.secrets_dir)
    tokens = [signer.mint(str(uuid4()), ["editor", "approver"], COMMUNITY, seconds=600) for _ in range(2)]
    anna, berta = ({"authorization": f"Bearer {token}", "idempotency-key": str(uuid4())} for token in tokens)
    asked = RequestRecordAccess(
        record_access_id=uuid4(), person_id=child, reason=AccessReason.CARE, reason_text="家访前核对监护人"
    )
    approve = f"/v1/record-accesses/{asked.record_access_id}/approve"

    async def read(who: dict[str, str]) -> httpx2.Response:
        return await house.http.get(f"{house.stack.gateway_url}/v1/people/{child}", headers=who)

    async def post(path: str, body: str, who: dict[str, str]) -> httpx2.Response:
        key = {"idempotency-key": str(uuid4())}
        return await house.http.post(f"{house.stack.gateway_url}{path}", content=body, headers=who | key)

    assert ((closed := await read(anna)).status_code, closed.json()["code"]) == (403, "approval-needed")
    body = asked.model_dump_json(exclude={"person_id"})
    assert (await post(f"/v1/people/{child}/record-accesses", body, anna)).status_code == 200
    assert (await post(approve, "{}", anna)).json()["code"] == "own-request"
    assert (await post(approve, "{}", berta)).json()["status"] == "approved"
    assert ((record := await read(anna)).status_code, record.json()["name"]) == (200, "小演示")
    assert (await read(berta)).status_code == 403
    rows = await house.fetch("registry", "SELECT action FROM audit WHERE about = $1 ORDER BY id", child)
    assert [row["action"] for row in rows if row["action"].startswith(("approval", "record"))] == [
        "approval-requested",
        "approval-granted",
        "record-read",
    ]
