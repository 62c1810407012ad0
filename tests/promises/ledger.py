"""Messages of every kind of trouble for every durable of the house, and what became of each of them."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import contracts
from contracts.activities.v1 import (
    AttendanceCertificateRequested,
    ChildOverdue,
    FollowUpOverdue,
    SessionScheduled,
    StandingChanged,
)
from contracts.envelope import subject_of
from contracts.message import Event
from contracts.registry.v1 import (
    ClientRevoked,
    ConsentGiven,
    PersonAppointed,
    PersonErased,
    PersonRegistered,
    SiteOpened,
)
from contracts.volunteers.v1 import HoursCredited, ShiftOpened
from deploy.nats.topology import kept, service_of
from tests.promises.conftest import House
from tests.promises.troubled import MARK

SAMPLES: Final = Path(contracts.__file__).parent / "samples"
REGION: Final = "350503001001"
KINDS: Final[dict[type[Event], str]] = {
    PersonRegistered: "age_band",
    SiteOpened: "site_type",
    SessionScheduled: "audience",
    ShiftOpened: "",
    HoursCredited: "grade",
    PersonAppointed: "",
    PersonErased: "",
    ConsentGiven: "",
    ClientRevoked: "",
    AttendanceCertificateRequested: "",
    ChildOverdue: "",
    FollowUpOverdue: "",
    StandingChanged: "",
}
"""Kinds by which every durable is reached, each with its field of an open list of codes; the first fact of its
aggregate, so that a gate lets it pass."""
QUARANTINED: Final = ("raise", "hang", "cancel", "bad-json", "binary", "wrong-schema", "no-object")
APPLIED: Final = ("none", "unknown-code", "raise:2", "cancel:2", "hang:1")
BODIES: Final = {
    "bad-json": b'{"specversion":',
    "binary": bytes(range(256)) * 16,
    "no-object": b"[]",
}

CONSUMERS: Final = {each["durable"]: each for each in kept().consumers}
IN_ORDER: Final = {
    hearing.durable: hearing.in_order
    for service in {each["service"] for each in CONSUMERS.values()}
    for hearing in service_of(service).hearings
}


@dataclass(frozen=True, slots=True)
class Sent:
    """One message in a stream."""

    kind: type[Event]
    fault: str
    event_id: UUID
    aggregate_id: UUID
    body: bytes
    stream: str
    seq: int

    @property
    def subject(self) -> str:
        return subject_of(self.kind, REGION)

    def heard_by(self, durable: str) -> bool:
        filters = CONSUMERS[durable]["filters"]
        return any(self.subject.startswith(pattern.removesuffix(">")) for pattern in filters)


@dataclass(frozen=True, slots=True)
class Line:
    """What became of the messages that one durable hears, by fault; `pending` as the server counts."""

    durable: str
    published: Counter[str]
    applied: Counter[str]
    quarantined: Counter[str]
    pending: int
    altered: list[str]

    @property
    def adds_up(self) -> bool:
        return sum(self.published.values()) == (
            sum(self.applied.values()) + sum(self.quarantined.values()) + self.pending
        )


async def send(house: House, kind: type[Event], fault: str) -> Sent:
    """Puts one message into its stream, as an owner that has gone mad might."""
    contract, event_id, aggregate_id = kind.contract, uuid4(), uuid4()
    event = json.loads((SAMPLES / f"{contract.type}.json").read_text("utf-8"))
    event |= {"id": str(event_id), "subject": str(aggregate_id), "aggversion": 1, "region": REGION}
    event["data"][contract.aggregate_field] = str(aggregate_id)
    event["time"] = datetime.now(UTC).isoformat()  # what is older than its stream keeps it leaves the inbox
    del event["traceparent"]
    if fault == "unknown-code":
        old = event["data"][KINDS[kind]]
        event["data"][KINDS[kind]] = ["of-tomorrow"] if isinstance(old, list) else "of-tomorrow"
    elif fault == "wrong-schema":
        event["data"] = {"something": "else"}
    elif fault != "none":
        event["actor"] = MARK + fault
    body = BODIES.get(fault) or json.dumps(event, ensure_ascii=False).encode()
    ack = await house.jetstream.publish(
        subject_of(kind, REGION), body, stream=contract.stream, headers={"Nats-Msg-Id": str(event_id)}
    )
    return Sent(kind, fault, event_id, aggregate_id, body, contract.stream, ack.seq)


async def send_all(house: House, faults: Iterable[str], kinds: Iterable[type[Event]] = tuple(KINDS)) -> list[Sent]:
    """Each fault once in each of the kinds that has it."""
    return [
        await send(house, kind, fault) for fault in faults for kind in kinds if KINDS[kind] or fault != "unknown-code"
    ]


async def pending(house: House, durable: str) -> int:
    """What the server still holds for a durable."""
    info = await house.jetstream.consumer_info(CONSUMERS[durable]["stream"], durable)
    return (info.num_pending or 0) + (info.num_ack_pending or 0)


async def all_settled(house: House) -> bool:
    """Whether no durable has anything left to do."""
    return not any([await pending(house, durable) for durable in CONSUMERS])


async def draw_up(house: House, durable: str, sent: Sequence[Sent]) -> Line:
    """The account of one durable over what it hears of `sent`."""
    mine = [each for each in sent if each.heard_by(durable)]
    service = CONSUMERS[durable]["service"]
    buried = await _buried(house, service, durable)
    applied = await _applied(house, service, durable, mine)
    held = [each for each in mine if each.seq in buried]
    return Line(
        durable,
        Counter(each.fault for each in mine),
        Counter(each.fault for each in mine if each.event_id in applied),
        Counter(each.fault for each in held),
        await pending(house, durable),
        [each.fault for each in held if buried[each.seq]["body"] != each.body or not buried[each.seq]["reason"]],
    )


async def _buried(house: House, service: str, durable: str) -> dict[int, Any]:
    rows = await house.fetch(
        service, "SELECT id, stream_seq, body, reason, attempts FROM quarantine WHERE consumer = $1", durable
    )
    return {row["stream_seq"]: row for row in rows}


async def _applied(house: House, service: str, durable: str, sent: Sequence[Sent]) -> set[UUID]:
    """The event ids that the durable took: by the gate where every step counts, else by the inbox."""
    if IN_ORDER[durable]:
        rows = await house.fetch(
            service, "SELECT aggregate_id FROM order_gate WHERE consumer = $1 AND version = 1", durable
        )
        passed = {row["aggregate_id"] for row in rows}
        return {each.event_id for each in sent if each.aggregate_id in passed}
    rows = await house.fetch(service, "SELECT event_id FROM inbox WHERE consumer = $1", durable)
    return {each.event_id for each in sent} & {row["event_id"] for row in rows}
