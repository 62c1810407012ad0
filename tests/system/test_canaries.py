"""Promise 13: what belongs to a person is found nowhere as it is: at its home in registry it is sealed with her key."""

import asyncio
import json
import random
import secrets
from datetime import timedelta
from itertools import cycle
from typing import Any
from uuid import UUID, uuid4

import httpx2
import nats
import pytest

from contracts import wire
from contracts.activities.v1 import AuthorisePickUp, Enrol, GiveHealthNote, WithdrawEnrolment
from contracts.catalogue import COMMANDS
from contracts.data import AgeBand
from contracts.message import Command, Request
from contracts.notify.v1 import RegisterEndpoint
from contracts.registry.v1 import (
    AccessReason,
    Appoint,
    BreakGlass,
    ConsentPurpose,
    CreateAccount,
    LogIn,
    PostKind,
    RecordConsent,
    RegisterPerson,
    RegisterUnit,
    RequestRecordAccess,
    ResetPassword,
    UnitKind,
    UnitLevel,
)
from deploy.local.service import Process
from services.chassis.tokens import Signer
from services.gateway.minting import digest
from tests.chaos.families import COMMUNITY, DISTRICT, do
from tests.notify.receiver import receiving
from tests.system.canaries import Canaries, Search, tampered
from tests.system.conftest import House, until
from tests.system.test_traffic import spans_of

AT_ONCE = 8
SEED = 7


@pytest.mark.parametrize("thorough", [False, pytest.param(True, marks=pytest.mark.soak)])
async def test_what_belongs_to_a_person_can_be_read_nowhere(house: House, thorough: bool) -> None:
    canaries = Canaries.drawn(random.Random(SEED + thorough))
    search = Search(canaries)
    async with receiving() as sink:
        await do(house.desk, RegisterEndpoint(endpoint_id=uuid4(), name="中心平台", url=sink.url, region=DISTRICT))
        await lead_ordinary_lives(house, canaries, search)
        await send_all_that_is_wrong(house, canaries, search, thorough)
        await put_it_in_wrong_places(house, canaries, search, thorough)
        await speak_past_the_gateway(house, canaries, search)
        last = await enrol_traced(house, await registered(house, canaries.name, canaries.email))

        async def all_told() -> bool:
            return bool(house.mailbox.to(canaries.email)) and any(str(last) in taken.body for taken in sink.taken)

        await until(all_told, 15)
    for taken in sink.taken:
        search.look("webhook", f"{taken.path} {taken.headers} {taken.body}".encode())
    await look_everywhere(house, canaries, search)

    assert search.found == [], sorted(set(search.found))
    assert search.read > 1_000_000, "hardly anything was searched"
    stored = (house.stack.directory / "nats").rglob("*.blk")
    assert any(str(last).encode() in file.read_bytes() for file in stored), "the search cannot read what streams hold"


async def lead_ordinary_lives(house: House, canaries: Canaries, search: Search) -> None:
    """What the fields for people are for, and what goes wrong with it on an ordinary day."""
    person = await registered(house, canaries.name, canaries.email)
    for name in (canaries.phone, canaries.address, canaries.birth_date):
        await registered(house, name)
    unit = RegisterUnit(
        unit_id=uuid4(), name="社区妇联", kind=UnitKind.FEDERATION, level=UnitLevel.COMMUNITY, region=COMMUNITY
    )
    account = CreateAccount(account_id=uuid4(), person_id=person, login=canaries.login, password=canaries.password)
    session = house.town.cold[-1]
    enrolment = Enrol(enrolment_id=uuid4(), session_id=session, contact_id=person, people=(person,))
    for command in (
        unit,
        Appoint(
            appointment_id=uuid4(), unit_id=unit.unit_id, person_id=person, post=PostKind.CHAIR,
            since=house.now.date() - timedelta(days=9),
        ),
        RecordConsent(person_id=person, given_by=person, purpose=ConsentPurpose.PHOTOS, notice_version="v1"),
        account,
        enrolment,
        WithdrawEnrolment(enrolment_id=enrolment.enrolment_id),
    ):  # fmt: skip
        await do(house.desk, command)
    await care_for_a_child(house, canaries, person)
    repeated: list[Command[Any]] = [
        account.model_copy(update={"account_id": uuid4()}),
        RegisterPerson(person_id=person, region=COMMUNITY, name=canaries.name, age_band=AgeBand.SENIOR),
        ResetPassword(login=canaries.login, code_hash=digest("no code"), password=canaries.password),
        *(
            LogIn(login=login, password=password, token_hash=digest(login + password))
            for login in (canaries.login, canaries.phone)
            for password in (canaries.password, canaries.phone)
        ),
    ]
    for again in repeated:
        await send(house, search, type(again), json.loads(wire.body_of(again)))


async def care_for_a_child(house: House, canaries: Canaries, mother: UUID) -> None:
    """Who fetches the child, what is told of its health, and why its record is opened: each at home in one place."""
    [site] = await house.fetch("activities", "SELECT site_id FROM session WHERE session_id = $1", house.town.cold[-1])
    child, aunt, opening = uuid4(), await registered(house, canaries.name), uuid4()
    later = house.now.date() + timedelta(days=30)
    names = {"name": canaries.name, "region": COMMUNITY}
    told = {"child_id": child, "site_id": site["site_id"], "given_by": mother}
    case = {"person_id": child, "reason": AccessReason.CARE, "reason_text": canaries.words}
    commands: list[Command[Any]] = [
        RegisterPerson(person_id=child, age_band=AgeBand.SCHOOL, guardian_id=mother, **names),
        AuthorisePickUp(pick_up_id=uuid4(), person_id=aunt, until=later, **told),
        GiveHealthNote(note_id=uuid4(), text=canaries.words, until=later, **told),
    ]
    for command in commands:
        await do(house.desk, command)
    token = Signer("gateway", house.stack.secrets_dir).mint(str(mother), ["editor"], COMMUNITY, seconds=600)
    who = {"authorization": f"Bearer {token}", "idempotency-key": str(uuid4())}
    asked: list[tuple[Command[Any], str]] = [
        (RequestRecordAccess(record_access_id=uuid4(), **case), f"/v1/people/{child}/record-accesses"),
        (BreakGlass(record_access_id=opening, **case), f"/v1/people/{child}/break-glass"),
    ]
    for opened, path in asked:
        answer = await house.post(opened, path, **(who | {"idempotency-key": str(uuid4())}))
        assert answer.status_code == 200, answer.text


async def registered(house: House, name: str, email: str | None = None) -> UUID:
    person = uuid4()
    command = RegisterPerson(person_id=person, region=COMMUNITY, name=name, age_band=AgeBand.MIDDLE, email=email)
    await do(house.desk, command)
    return person


async def send_all_that_is_wrong(house: House, canaries: Canaries, search: Search, thorough: bool) -> None:
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(kind: type[Request[Any]], body: dict[str, Any]) -> int:
        async with slots:
            return await send(house, search, kind, body)

    statuses = await asyncio.gather(*(one(kind, body) for kind, body in tampered(canaries, thorough)))
    assert {403, 404, 422} <= set(statuses), "hardly anything was refused"
    assert max(statuses) < 500


async def send(house: House, search: Search, kind: type[Request[Any]], body: dict[str, Any]) -> int:
    """One request as its contract says; its answer must quote nothing."""
    route = kind.contract.route
    assert route is not None
    path = route.path.format(**body)
    query = body if route.method == "GET" else None
    content = None if query else json.dumps(body, ensure_ascii=False).encode()
    return await answered(house, search, route.method, path, content=content, params=query)


async def answered(house: House, search: Search, method: str, path: str, **more: Any) -> int:
    headers = {"traceparent": f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01", **more.pop("headers", {})}
    answer = await house.http.request(method, f"{house.stack.gateway_url}{path}", headers=headers, **more)
    search.look(f"answer {answer.status_code}", answer.content + repr(answer.headers.multi_items()).encode())
    return answer.status_code


async def put_it_in_wrong_places(house: House, canaries: Canaries, search: Search, thorough: bool) -> None:
    """Addresses, query strings, headers, keys, methods, and bodies that are no JSON.

    Unless `thorough`, a header carries one value, and the next header the next.
    """
    by_turns = cycle(canaries.values)
    everything = " ".join(canaries.values)
    person = {"person_id": str(uuid4()), "region": COMMUNITY, "name": canaries.name, "age_band": "35-59"}
    whole = json.dumps(person, ensure_ascii=False)
    for value in canaries.values:
        for path in ("/v1/{}", "/v1/sessions/{}/queue", "/static/{}", "/v1/divisions/{}", "/v1/certificates/{}/verify"):
            await answered(house, search, "GET", path.format(value))
        for path in ("/v1/sites", "/v1/events", "/v1/contacts", "/oauth/token", "/status", "/docs"):
            await answered(house, search, "GET", path, params={"name": value, value: "1", "types": value})
        await answered(house, search, "POST", "/oauth/token", data={"grant_type": value, "client_id": value})
        await answered(
            house, search, "POST", "/v1/batches/registry/register-person", json=[{"id": value, "data": person}]
        )
        await answered(house, search, "POST", f"/v1/batches/registry/{value}", json=[{value: value}])
    for name in HEADERS:
        for value in canaries.values if thorough else [next(by_turns)]:
            quoted = {name: value.encode()}
            await answered(house, search, "POST", "/v1/people", content=whole[:-1], headers=quoted)
            await answered(house, search, "GET", "/v1/me", headers=quoted)
    for body in (whole[:-9].encode(), whole.encode("gb18030"), everything.encode(), f'"{everything}"'.encode(),
                 b"[" * 99 + whole.encode(), b"\xff" + whole.encode()):  # fmt: skip
        for path in ("/v1/people", "/v1/logins", "/v1/batches/registry/register-person"):
            await answered(house, search, "POST", path, content=body)
    async with httpx2.AsyncClient(trust_env=False) as stranger:
        for method in (canaries.phone, canaries.birth_date):
            answer = await stranger.request(method, f"{house.stack.gateway_url}/v1/sites")
            search.look("answer to an unknown method", answer.content + repr(answer.headers.multi_items()).encode())


HEADERS = (
    "authorization", "idempotency-key", "accept-language", "traceparent", "tracestate", "baggage", "last-event-id",
    "user-agent", "referer", "origin", "cookie", "content-type", "content-encoding", "if-none-match", "x-request-id",
    "x-forwarded-for", "forwarded",
)  # fmt: skip


async def speak_past_the_gateway(house: House, canaries: Canaries, search: Search) -> None:
    """The same wrong commands straight to the services, as a program inside the house might send them."""
    connection = await nats.connect(house.stack.nats_url)
    token = house.http.headers["authorization"]
    wrong: dict[type[Request[Any]], list[dict[str, Any]]] = {}
    for kind, body in tampered(canaries):
        wrong.setdefault(kind, []).append(body)
    try:
        for kind in COMMANDS:
            headers = {wire.AUTHORIZATION: token, wire.COMMAND_ID: canaries.phone}
            for body in (json.dumps(wrong[kind][-1]).encode(), json.dumps(wrong[kind][0]).encode()[:-2]):
                answer = await connection.request(kind.contract.subject, body, timeout=5, headers=headers)
                search.look("answer over NATS", answer.data)
    finally:
        await connection.close()


async def enrol_traced(house: House, person: UUID) -> UUID:
    """A last sign-up over HTTP; returns its id when every span of it is written, and so all before it."""
    await house.enrol(person)  # activities has heard of her
    session, enrolment, trace = house.town.hot[0], uuid4(), secrets.token_hex(16)
    command: Command[Any] = Enrol(enrolment_id=enrolment, session_id=session, contact_id=person, people=(person,))
    traceparent = f"00-{trace}-{secrets.token_hex(8)}-01"
    answer = await house.post(command, f"/v1/sessions/{session}/enrolments", traceparent=traceparent)
    assert answer.status_code == 200, answer.text

    async def written() -> bool:
        return any(span["name"].startswith("send ") for span in spans_of(house.stack.directory, trace))

    await until(written, 10)
    return enrolment


async def look_everywhere(house: House, canaries: Canaries, search: Search) -> None:
    for mail in house.mailbox.mails:
        if canaries.email not in str(mail["To"]):
            search.look("mail to somebody else", f"{mail['Subject']} {mail.get_content()}".encode())
    for keeper in house.stack.processes.values():
        if isinstance(keeper.program, Process) and keeper.program.url:
            for page in ("metrics", "status", "ready", "live"):
                answer = await house.http.get(f"{keeper.program.url}/{page}")
                search.look(f"{keeper.name} /{page}", answer.content)
    postgres = house.stack.directory / "postgres"
    assert (postgres / "data").is_dir()
    assert (postgres / "postgres.log").is_file()
    search.look_into_files(house.stack.directory, without=postgres / "data")
    await search.look_into_databases(house.stack.admin_dsn)
