"""An office of three who ask for a child's record, decide on each other's requests, and read."""

from typing import Any
from uuid import UUID, uuid4

from contracts.message import Command
from contracts.refusals import Refusal
from contracts.registry.v1 import (
    AccessReason,
    ApproveRecordAccess,
    BreakGlass,
    GetPerson,
    PersonRecord,
    RefuseRecordAccess,
    RequestRecordAccess,
    ReviewRecordAccess,
)
from tests.registry.conftest import FENGJIE
from tests.under_test import ServiceUnderTest

STAFF = tuple(str(UUID(int=number, version=4)) for number in (0xA1, 0xA2, 0xA3))
ANNA, BERTA, CLARA = STAFF
OFFICE: dict[str, Any] = {"roles": ("editor", "approver"), "region": FENGJIE}


def request(person_id: UUID, id: UUID | None = None) -> RequestRecordAccess:
    return RequestRecordAccess(
        record_access_id=id or uuid4(), person_id=person_id, reason=AccessReason.CARE, reason_text="家访前核对监护人"
    )


def emergency(person_id: UUID) -> BreakGlass:
    return BreakGlass(
        record_access_id=uuid4(), person_id=person_id, reason=AccessReason.EMERGENCY, reason_text="孩子走失"
    )


def approval(access: Any) -> ApproveRecordAccess:
    return ApproveRecordAccess(record_access_id=access.record_access_id)


def refusal_of(access: Any) -> RefuseRecordAccess:
    return RefuseRecordAccess(record_access_id=access.record_access_id)


def review(access: Any, justified: bool = True) -> ReviewRecordAccess:
    return ReviewRecordAccess(record_access_id=access.record_access_id, justified=justified, note="已联系家长")


async def by(registry: ServiceUnderTest, who: str, command: Command[Any], **more: Any) -> Any:
    """What somebody of the office gets for a command: the status, or the code of the refusal."""
    outcome = await registry.ask(command, actor=who, **(OFFICE | more))
    return outcome.code if isinstance(outcome, Refusal) else outcome.status


async def reads(registry: ServiceUnderTest, who: str, person_id: UUID, **more: Any) -> PersonRecord | str:
    outcome = await registry.query(GetPerson(person_id=person_id), actor=who, **(OFFICE | more))
    return outcome.code if isinstance(outcome, Refusal) else outcome


async def written_down(registry: ServiceUnderTest, person_id: UUID) -> list[tuple[str, str, str]]:
    """The audit log about a person: action, who, reason."""
    rows = await registry.admin.fetch("SELECT action, actor, reason FROM audit WHERE about = $1 ORDER BY id", person_id)
    return [tuple(row) for row in rows]
