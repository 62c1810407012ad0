"""How a request about somebody's data is answered, by whatever answers it: once, written down, and said."""

from collections.abc import Collection
from dataclasses import replace
from uuid import UUID

from contracts.audit import AuditAction
from contracts.registry.v1 import PersonRequestAnswered, PersonRequestKind, PersonRequestStatus
from services.chassis import Transaction
from services.registry.requests import store
from services.registry.requests.rules import PersonRequest

ALL = tuple(kind for kind in PersonRequestKind if kind is not PersonRequestKind.UNKNOWN)


async def answer(
    tx: Transaction, request: PersonRequest, status: PersonRequestStatus, reason: str | None = None
) -> PersonRequest:
    """`request` is open and locked; returns it as it is from now on."""
    await store.set_answered(tx, request, status, reason)
    answered = replace(request, status=status, version=request.version + 1)
    action = AuditAction.REQUEST_ANSWERED
    await tx.audit(
        action, about=request.person_id, thing=request.person_request_id, region=request.region, reason=status.value
    )
    fact = PersonRequestAnswered(
        person_request_id=request.person_request_id,
        person_id=request.person_id,
        kind=request.kind,
        status=status,
        reason=reason,
    )
    tx.say(fact, region=request.region, version=answered.version)
    return answered


async def settle(tx: Transaction, person_id: UUID, kinds: Collection[PersonRequestKind]) -> None:
    """What was asked of these kinds is done: the requests that wait for it are fulfilled. The person is locked."""
    for request in await store.lock_open_of(tx, person_id, kinds):
        await answer(tx, request, PersonRequestStatus.FULFILLED)
