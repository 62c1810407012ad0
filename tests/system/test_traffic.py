"""What flows through the whole system: one trace, bad messages, and a stream that was lost."""

import asyncio
import json
import secrets
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import nats
import pytest

from contracts.activities.v1 import Enrol
from contracts.catalogue import SERVICES
from contracts.envelope import subject_of
from contracts.registry.v1 import PersonRegistered
from deploy.local.migrator import migrate
from deploy.local.service import Process
from deploy.nats.topology import kept
from tests import commands
from tests.chaos.families import COMMUNITY
from tests.system.conftest import House, until

SUBJECT = subject_of(PersonRegistered, COMMUNITY)
HEARD_BY = {
    each["durable"]
    for each in kept().consumers
    if any(SUBJECT.startswith(pattern.removesuffix(">")) for pattern in each["filters"])
}


def spans_of(directory: Path, trace_id: str) -> list[dict[str, Any]]:
    """The spans of one trace, from every process of the stack."""
    found: list[dict[str, Any]] = []
    for file in (directory / "traces").glob("*.jsonl"):
        for line in file.read_text("utf-8").splitlines():
            for resource in json.loads(line)["resourceSpans"]:
                for scope in resource["scopeSpans"]:
                    found += [span for span in scope["spans"] if span["traceId"] == trace_id]
    return found


async def test_a_command_over_http_ends_as_one_trace_in_a_sent_mail(house: House) -> None:
    person = await house.register(email="trace@example.org")
    await house.enrol(person)
    trace_id, caller = secrets.token_hex(16), secrets.token_hex(8)
    session = house.town.hot[0]
    command = Enrol(enrolment_id=uuid4(), session_id=session, contact_id=person, people=(person,))
    already = len(house.mailbox.to("trace@example.org"))

    answer = await house.post(command, f"/v1/sessions/{session}/enrolments", traceparent=f"00-{trace_id}-{caller}-01")

    assert answer.status_code == 200, answer.text
    chain = [
        ("POST /v1/sessions/{session_id}/enrolments", caller),
        ("decide cmd.activities.enrol", ""),
        ("process notify-tell-families", ""),
        ("send ", ""),
    ]

    async def complete() -> bool:
        names = [span["name"] for span in spans_of(house.stack.directory, trace_id)]
        spoken = all(any(name.startswith(start) for name in names) for start, _ in chain)
        return spoken and len(house.mailbox.to("trace@example.org")) > already

    await until(complete, 20)
    parent = caller
    for start, _ in chain:
        steps = [span for span in spans_of(house.stack.directory, trace_id) if span["name"].startswith(start)]
        assert parent in {span["parentSpanId"] for span in steps}, f"{start} does not follow its cause"
        parent = next(span["spanId"] for span in steps if span["parentSpanId"] == parent)


async def test_bytes_that_are_no_event_end_in_quarantine_of_all_who_hear_them_and_good_ones_flow(
    house: House,
) -> None:
    connection = await nats.connect(house.stack.nats_url)
    await connection.jetstream().publish(SUBJECT, b"\xff\x00 no event", headers={"Content-Type": "text/plain"})
    await connection.close()
    person = await house.register()

    await house.enrol(person)

    async def buried() -> bool:
        return {row["consumer"] for row in await dead(house)} == HEARD_BY

    await until(buried, 10)
    assert {row["subject"] for row in await dead(house)} == {SUBJECT}
    stored = await house.fetch("activities", "SELECT body, reason, attempts FROM quarantine WHERE ended_at IS NULL")
    assert [(row["body"], row["attempts"]) for row in stored] == [(b"\xff\x00 no event", 1)]


async def dead(house: House) -> list[dict[str, Any]]:
    """What `./linli dead list --json` says."""
    done = await asyncio.to_thread(commands.linli, "dead", "list", "--json", "--data", str(house.stack.directory))
    found: list[dict[str, Any]] = json.loads(done.stdout)["quarantined"]
    return found


@pytest.mark.soak
async def test_a_lost_stream_made_anew_by_the_migrator_is_refilled_and_nothing_is_applied_twice(house: House) -> None:
    people = [await house.register() for _ in range(5)]
    await house.enrol(people[-1])
    before = await replicas(house)
    connection = await nats.connect(house.stack.nats_url)
    await connection.jetstream().delete_stream("EVT_REGISTRY")

    stack = house.stack
    await asyncio.to_thread(migrate, stack.admin_dsn, stack.nats_url, stack.secrets_dir, stack.directory / "again.log")
    late = await house.register()
    # Whoever takes the relay's turn looks at once, not after its 20 s.
    await asyncio.gather(*(asyncio.to_thread(stack.restart, name) for name in ("registry-1", "registry-2")))
    [row] = await house.fetch("registry", "SELECT count(*) FROM outbox")

    async def refilled() -> bool:
        info = await connection.jetstream().stream_info("EVT_REGISTRY")
        return bool(info.state.messages == row["count"])

    async def heard_to_the_end() -> bool:
        infos = [
            await connection.jetstream().consumer_info(each["stream"], each["durable"])
            for each in kept().consumers
            if each["stream"] == "EVT_REGISTRY"
        ]
        return not any(info.num_pending or info.num_ack_pending for info in infos)

    await until(refilled, 20)
    await house.enrol(late)
    await until(heard_to_the_end, 20)
    after = await replicas(house)
    assert {key: after[key] for key in before} == before
    await connection.close()


async def replicas(house: House) -> dict[tuple[str, UUID], int]:
    """How far each consumer of registry's events is with each of its aggregates."""
    rows = [
        row
        for service in ("activities", "volunteers")
        for row in await house.fetch(service, "SELECT consumer, aggregate_id, version FROM order_gate")
    ]
    return {(row["consumer"], row["aggregate_id"]): row["version"] for row in rows}


async def test_versions_of_every_aggregate_are_contiguous_after_all_this(house: House) -> None:
    for _ in range(12):
        await house.register()
    for service in SERVICES:
        gaps = await house.fetch(
            service,
            "SELECT aggregate, aggregate_id FROM outbox GROUP BY 1, 2 "
            "HAVING count(*) <> max(version) OR min(version) <> 1",
        )
        assert gaps == [], f"{service} skipped a version"
    [row] = await house.fetch("registry", "SELECT count(*) FROM outbox")
    assert row["count"] > 12


async def test_no_process_oversteps_its_rights_on_the_bus(house: House) -> None:
    person = await house.register()
    await house.enrol(person)
    programs = [keeper.program for keeper in house.stack.processes.values()]
    instances = [each for each in programs if isinstance(each, Process) and each.url]
    assert len(instances) >= len(SERVICES)

    metrics = {each.name: (await house.http.get(f"{each.url}/metrics")).text for each in instances}

    overstepped = [name for name, text in metrics.items() if "linli_bus_refused_total{" in text]
    assert overstepped == []
