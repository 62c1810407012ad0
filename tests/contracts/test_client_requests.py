"""The typed client against a real nats-server: commands, queries and batches."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from nats.aio.client import Client as Connection
from nats.aio.msg import Msg

from contracts import wire
from contracts.activities.v1 import Enrol, EnrolmentState, EnrolmentStatus, GetSession, WithdrawEnrolment
from contracts.client import Client
from contracts.message import Command
from contracts.refusals import Refusal, Refused
from contracts.registry.v1 import GetDivision, ImportDivisions

Outcome = EnrolmentState | Refusal


def enrol(number: int = 1) -> Enrol:
    return Enrol(enrolment_id=UUID(int=number), session_id=uuid4(), contact_id=uuid4(), people=(uuid4(),))


def confirmed(fields: dict[str, Any]) -> Outcome:
    return EnrolmentState(
        enrolment_id=fields["enrolment_id"],
        session_id=fields["session_id"],
        status=EnrolmentStatus.CONFIRMED,
        seats=1,
        version=1,
    )


class Answering:
    """A service of one command that remembers what it was sent."""

    def __init__(self, decide: Callable[[dict[str, Any]], Outcome]) -> None:
        self.decide = decide
        self.headers: list[dict[str, str]] = []
        self.bodies: list[Any] = []

    async def answer(self, message: Msg) -> None:
        body = json.loads(message.data)
        self.headers.append({str(name): value for name, value in (message.headers or {}).items()})
        self.bodies.append(body)
        if isinstance(body, list):
            outcomes = [wire.outcome_to_json(self.decide(item["data"])) for item in body]
            await message.respond(b"[" + b",".join(outcomes) + b"]")
        else:
            await message.respond(wire.outcome_to_json(self.decide(body)))


async def serve(bus: Connection, subject: str, decide: Callable[[dict[str, Any]], Outcome]) -> Answering:
    service = Answering(decide)
    await bus.subscribe(subject, cb=service.answer)
    await arrived(bus)
    return service


async def arrived(bus: Connection) -> None:
    """Waits until the server has what was written: the first PING of nats-py overtakes what is still buffered."""
    await bus.flush()
    await bus.flush()


async def test_a_command_travels_with_its_key_token_deadline_and_trace(client: Client, bus: Connection) -> None:
    service = await serve(bus, "cmd.activities.enrol", confirmed)
    request, key, trace = enrol(), uuid4(), f"00-{'a' * 32}-{'b' * 16}-01"
    deadline = datetime(2026, 3, 8, 9, 0, tzinfo=UTC) + timedelta(days=365)

    state = await client.send(request, id=key, deadline=deadline, traceparent=trace)

    assert (state.enrolment_id, state.status) == (request.enrolment_id, EnrolmentStatus.CONFIRMED)
    assert Enrol.model_validate(service.bodies[0]) == request
    assert service.headers[0] == {
        "Linli-Command-Id": str(key),
        "Authorization": "Bearer a-token",
        "Linli-Deadline": deadline.isoformat(),
        "traceparent": trace,
    }


async def test_a_refusal_is_raised_with_its_parameters(client: Client, bus: Connection) -> None:
    await serve(bus, "qry.registry.get-division", lambda _: Refusal("division-code-unknown", code="350599000000"))

    with pytest.raises(Refused) as refused:
        await client.ask(GetDivision(code="350599000000"))

    assert refused.value.refusal.code == "division-code-unknown"
    assert "350599000000" in refused.value.refusal.reason.sentence("zh", refused.value.refusal.params)


async def test_a_service_that_is_not_there_is_unavailable_and_its_command_can_be_repeated(client: Client) -> None:
    key = uuid4()

    with pytest.raises(Refused) as refused:
        await client.send(enrol(), id=key)

    assert refused.value.refusal == Refusal("unavailable", service="activities", command_id=str(key))


async def test_a_service_that_does_not_answer_in_time_is_unavailable(client: Client, bus: Connection) -> None:
    async def silent(_: Msg) -> None: ...

    await bus.subscribe("qry.activities.get-session", cb=silent)
    await arrived(bus)
    impatient = Client(client.connection, "a-token", timeout=0.1)

    with pytest.raises(Refused) as refused:
        await impatient.ask(GetSession(session_id=uuid4()))

    assert refused.value.refusal.code == "unavailable"


async def test_many_commands_are_answered_one_by_one_in_order(client: Client, bus: Connection) -> None:
    full = Refusal("queue-closed")
    service = await serve(
        bus,
        "cmd.activities.enrol",
        lambda fields: full if UUID(fields["enrolment_id"]).int % 3 == 0 else confirmed(fields),
    )
    requests = [enrol(number) for number in range(1, 1202)]

    outcomes = await client.send_many(requests)

    assert [len(body) for body in service.bodies] == [500, 500, 201]
    assert [headers["Linli-Batch"] for headers in service.headers] == ["500", "500", "201"]
    for request, outcome in zip(requests, outcomes, strict=True):
        if request.enrolment_id.int % 3 == 0:
            assert outcome == full
        else:
            assert isinstance(outcome, EnrolmentState)
            assert outcome.enrolment_id == request.enrolment_id


async def test_a_sending_keeps_its_own_key_token_and_body(client: Client, bus: Connection) -> None:
    service = await serve(bus, "cmd.activities.enrol", confirmed)
    request = enrol()
    body = request.model_dump_json().encode()

    both: list[Enrol | wire.Sending] = [wire.Sending(uuid4(), request, token="of-a-parent", body=body), enrol(2)]

    await client.send_many(both)

    [first, second] = service.bodies[0]
    assert (first["token"], first["data"]) == ("of-a-parent", json.loads(body))
    assert "token" not in second
    assert service.headers[0]["Authorization"] == "Bearer a-token"


async def test_large_commands_are_cut_by_size_so_that_no_request_is_too_large(client: Client, bus: Connection) -> None:
    service = await serve(bus, "cmd.registry.import-divisions", lambda _: Refusal("division-code-unknown", code="1"))
    rows = "\n".join(f"{number:012}\t{'社' * 60}\tcommunity\t" for number in range(900))
    large = ImportDivisions.model_validate({"source": "名单", "valid_from": "2026-01-01", "rows": rows})
    assert 150_000 < len(large.model_dump_json().encode()) < wire.MAX_BYTES / 3

    outcomes = await client.send_many([large] * 8)

    assert len(service.bodies) > 1
    assert sum(len(body) for body in service.bodies) == len(outcomes) == 8


async def test_a_command_that_is_too_large_is_refused_before_it_is_sent(client: Client) -> None:
    rows = "社" * 399_999 + "\n"
    huge = ImportDivisions.model_validate({"source": "名单", "valid_from": "2026-01-01", "rows": rows})

    with pytest.raises(Refused) as refused:
        await client.send(huge)
    assert refused.value.refusal.code == "message-too-large"

    [outcome] = await client.send_many([huge])
    assert outcome == Refusal("message-too-large", limit=wire.MAX_BYTES)


async def test_a_batch_nobody_answers_is_unavailable_item_by_item(client: Client) -> None:
    outcomes = await client.send_many([enrol(1), enrol(2)])

    assert outcomes == [Refusal("unavailable", service="activities")] * 2


async def test_one_call_takes_one_kind_of_command(client: Client) -> None:
    withdrawal = WithdrawEnrolment(enrolment_id=uuid4())
    mixed: list[Command[EnrolmentState] | wire.Sending] = [enrol(), withdrawal]

    with pytest.raises(TypeError, match="one kind"):
        await client.send_many(mixed)


async def test_no_commands_need_no_request(client: Client) -> None:
    assert await client.send_many([]) == []


async def test_a_token_function_is_asked_for_every_request(client: Client, bus: Connection) -> None:
    service = await serve(bus, "cmd.activities.enrol", confirmed)
    tokens = iter(["first", "second"])
    renewing = Client(client.connection, lambda: next(tokens))

    await renewing.send(enrol(1))
    await renewing.send_many([enrol(2)])

    assert [headers["Authorization"] for headers in service.headers] == ["Bearer first", "Bearer second"]
