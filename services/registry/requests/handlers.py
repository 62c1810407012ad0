"""What registry does when a person asks about her data, is answered, or waits too long."""

from collections.abc import Sequence
from typing import Final

from contracts.audit import AuditAction
from contracts.refusals import Refusal
from contracts.registry.v1 import (
    AnswerPersonRequest,
    FilePersonRequest,
    ListPersonRequests,
    PersonRequestDueSoon,
    PersonRequestFiled,
    PersonRequestOverdue,
    PersonRequests,
    PersonRequestState,
    PersonRequestStatus,
)
from services.chassis import Due, Transaction
from services.chassis.access import Facts, decide
from services.chassis.calendar import known
from services.chassis.clock import day_of
from services.registry import registry
from services.registry.requests import rules, store
from services.registry.requests.answering import answer
from services.registry.requests.rules import PersonRequest
from services.registry.rights.store import lock_subject

REMIND: Final = "person-request-due-soon"
OVERDUE: Final = "person-request-overdue"

# An answer takes no timer back: it fires and finds nothing that waits.


@registry.decides(FilePersonRequest)
async def file_person_request(command: FilePersonRequest, tx: Transaction) -> PersonRequestState | Refusal:
    subject = await lock_subject(tx, command.person_id)
    if subject is None:
        return Refusal("unknown-person", person_id=str(command.person_id))
    today = day_of(tx.now)
    refusal = decide(tx.actor, command.contract.permission, subject.region) or rules.may_file(command, subject, today)
    if refusal:
        return refusal
    if await store.is_request(tx, command.person_request_id):
        return Refusal("person-request-exists")
    if await store.is_open(tx, command.person_id, command.kind):
        return Refusal("person-request-open")

    received = command.received_on or today
    remind_on, due_on, counted = rules.due(received, known())
    request = PersonRequest(
        person_request_id=command.person_request_id,
        person_id=command.person_id,
        region=subject.region,
        kind=command.kind,
        asked_by=command.asked_by,
        received_on=received,
        due_on=due_on,
        counted=counted,
        status=PersonRequestStatus.OPEN,
        version=1,
    )
    await store.add_request(tx, request)
    tx.set_timer(REMIND, request.person_request_id, rules.remind_at(remind_on))
    tx.set_timer(OVERDUE, request.person_request_id, rules.overdue_at(due_on))
    await tx.audit(
        AuditAction.REQUEST_FILED,
        about=request.person_id,
        thing=request.person_request_id,
        region=request.region,
        reason=request.kind.value,
    )
    fact = PersonRequestFiled(
        person_request_id=request.person_request_id, person_id=request.person_id, kind=request.kind, due_on=due_on
    )
    tx.say(fact, region=request.region, version=1)
    return request.state


@registry.decides(AnswerPersonRequest)
async def answer_person_request(command: AnswerPersonRequest, tx: Transaction) -> PersonRequestState | Refusal:
    request = next(iter(await store.lock_requests(tx, [command.person_request_id])), None)
    if request is None:
        return Refusal("unknown-person-request")
    own = tx.actor.id in (str(request.person_id), str(request.asked_by))
    refusal = decide(tx.actor, command.contract.permission, request.region, Facts(own=own))
    refusal = refusal or rules.may_answer(command, request)
    if refusal:
        return refusal
    status = PersonRequestStatus.FULFILLED if command.fulfilled else PersonRequestStatus.DECLINED
    return (await answer(tx, request, status, command.reason)).state


@registry.when_due(REMIND)
async def remind(due: Sequence[Due], tx: Transaction) -> None:
    """Says that the last day is near."""
    await _say_waiting(due, tx, PersonRequestDueSoon)


@registry.when_due(OVERDUE)
async def say_overdue(due: Sequence[Due], tx: Transaction) -> None:
    """Says that the last day is over."""
    await _say_waiting(due, tx, PersonRequestOverdue)


async def _say_waiting(
    due: Sequence[Due], tx: Transaction, kind: type[PersonRequestDueSoon | PersonRequestOverdue]
) -> None:
    for request in await store.lock_requests(tx, [each.key for each in due]):
        over = request.due_on < day_of(tx.now)  # of a letter that lay for weeks, or after an outage
        if request.status is not PersonRequestStatus.OPEN or (over and kind is PersonRequestDueSoon):
            continue
        await store.count_up(tx, request)
        fact = kind(
            person_request_id=request.person_request_id,
            person_id=request.person_id,
            kind=request.kind,
            due_on=request.due_on,
        )
        cause = tx.because_of(request.person_request_id)
        tx.say(fact, region=request.region, version=request.version + 1, cause=cause)


@registry.answers(ListPersonRequests)
async def list_person_requests(query: ListPersonRequests, tx: Transaction) -> PersonRequests:
    return PersonRequests(requests=tuple(await store.list_requests(tx, query, day_of(tx.now))))
