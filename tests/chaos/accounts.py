"""The account: what was answered against what was kept, what was committed against what was applied. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from pydantic_core import from_json

from contracts.activities.v1 import AcceptOffer, Enrol, RecordAttendance, ScheduleSession, WithdrawEnrolment
from contracts.registry.v1 import RegisterPerson, WithdrawConsent
from tests.chaos.callers import Asked
from tests.chaos.evidence import Evidence, Row, Said

SPEAKS: Final = (
    RegisterPerson,
    WithdrawConsent,
    ScheduleSession,
    Enrol,
    WithdrawEnrolment,
    AcceptOffer,
    RecordAttendance,
)
"""Commands that never succeed without stating a fact."""
HOLDS_SEATS: Final = ("confirmed", "offered")
AT_THE_DOOR: Final = {"unauthenticated", "not-permitted", "invalid-message", "message-too-large", "batch-too-large"}
"""Refusals that come before a command is known at all: they are not kept."""


@dataclass(slots=True)
class Account:
    """Findings by what is wrong with them, and the sums by service and by consumer."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    backwards: list[str] = field(default_factory=list)
    services: list[dict[str, Any]] = field(default_factory=list)
    consumers: list[dict[str, Any]] = field(default_factory=list)


def draw_up(
    asked: Sequence[Asked], evidence: Evidence, consumers: Sequence[Mapping[str, Any]], in_order: Mapping[str, bool]
) -> Account:
    """The whole account of a run. `in_order` says which consumers take every step of an aggregate in order."""
    account = Account()
    for service, said in evidence.said.items():
        own = [each for each in asked if type(each.command).contract.service == service]
        _answers(account, service, own, evidence)
        _facts(account, service, said)
    _streams(account, evidence)
    for consumer in consumers:
        _hearing(account, consumer, evidence, in_order[consumer["durable"]])
    _effects(account, asked, evidence)
    _seats(account, evidence.rows["activities"])
    _witnessed(account, evidence.rows["witness"]["effect"], in_order)
    return account


def _answers(account: Account, service: str, asked: Sequence[Asked], evidence: Evidence) -> None:
    """Every answer that was given is kept as it was given, and what was done was said."""
    kept = {row["command_id"]: row["outcome"] for row in evidence.rows[service]["command_log"]}
    causes = {each.cause for each in evidence.said[service]}
    answered = [each for each in asked if each.outcome is not None and each.code not in AT_THE_DOOR]
    for each in answered:
        name = type(each.command).contract.name
        if each.id not in kept:
            account.lost.append(f"{service}: {name} {each.id} was answered, and no outcome is kept")
        elif _gist(from_json(kept[each.id])) != _gist(each.outcome or {}):
            account.doubled.append(f"{service}: {name} {each.id} was answered otherwise than it is kept")
        elif each.ok and isinstance(each.command, SPEAKS) and str(each.id) not in causes:
            account.lost.append(f"{service}: {name} {each.id} was done, and nothing was said")
    account.services.append(
        {
            "service": service,
            "answered": len(answered),
            "committed": len(kept),
            "events": len(evidence.said[service]),
        }
    )


def _gist(outcome: Mapping[str, Any]) -> Any:
    return outcome["ok"] if "ok" in outcome else outcome["refusal"]["code"]


def _facts(account: Account, service: str, said: Sequence[Said]) -> None:
    """Versions of each aggregate run from 1 without a gap; one cause speaks in one transaction, once of each thing."""
    versions: dict[tuple[str, UUID], list[int]] = defaultdict(list)
    moments: dict[str, set[Any]] = defaultdict(set)
    spoken: Counter[tuple[str, str, UUID]] = Counter()
    for each in said:
        versions[each.aggregate, each.aggregate_id].append(each.version)
        if service != "notify":  # its notices of one fact are decided and sent at different times
            moments[each.cause].add(each.at)
        spoken[each.cause, each.fact, each.aggregate_id] += 1
        if not each.published:
            account.lost.append(f"{service}: {each.fact} {each.id} never reached the stream")
    for (aggregate, id), found in versions.items():
        if found != list(range(1, len(found) + 1)):
            account.backwards.append(f"{service}: {aggregate} {id} has versions {found}")
    account.doubled += [
        f"{service}: {cause} was decided {len(at)} times" for cause, at in moments.items() if len(at) > 1
    ]
    account.doubled += [
        f"{service}: {fact} of {id} was said {times} times for {cause}"
        for (cause, fact, id), times in spoken.items()
        if times > 1
    ]


def _streams(account: Account, evidence: Evidence) -> None:
    """Each published event is in its stream, once."""
    for stream, ids in evidence.streams.items():
        service = stream.removeprefix("EVT_").lower()
        copies = Counter(ids)
        account.doubled += [f"{stream}: {id} is stored {times} times" for id, times in copies.items() if times > 1]
        missing = [each for each in evidence.said[service] if each.published and each.id not in copies]
        account.lost += [f"{stream}: {each.fact} {each.id} is not in it" for each in missing]


def _hearing(account: Account, consumer: Mapping[str, Any], evidence: Evidence, in_order: bool) -> None:
    """Everything committed that the consumer declares was applied, or is in quarantine."""
    source = consumer["stream"].removeprefix("EVT_").lower()
    prefixes = tuple(each.removesuffix(">") for each in consumer["filters"])
    due = [each for each in evidence.said[source] if each.subject.startswith(prefixes)]
    rows, durable = evidence.rows[consumer["service"]], consumer["durable"]
    buried = {_id_of(row["body"]) for row in rows["quarantine"] if row["consumer"] == durable}
    if in_order:
        gate = {
            (row["aggregate"], row["aggregate_id"]): row["version"]
            for row in rows["order_gate"]
            if row["consumer"] == durable
        }
        missing = [each for each in due if each.version > gate.get((each.aggregate, each.aggregate_id), 0)]
    else:
        had = {str(row["event_id"]) for row in rows["inbox"] if row["consumer"] == durable}
        missing = [each for each in due if each.id not in had]
    missing = [each for each in missing if each.id not in buried]
    account.lost += [f"{durable}: {each.fact} {each.id} version {each.version} was not applied" for each in missing]
    account.consumers.append(
        {
            "service": consumer["service"],
            "durable": durable,
            "committed": len(due),
            "applied": len(due) - len(missing) - len(buried),
            "lost": len(missing),
            "quarantined": len(buried),
        }
    )


def _id_of(body: bytes) -> str:
    try:
        return str(from_json(body)["id"])
    except (ValueError, KeyError, TypeError):
        return ""


def _effects(account: Account, asked: Iterable[Asked], evidence: Evidence) -> None:
    """What an answer promised is there; what happens once a fact happened once."""
    people = {row["person_id"] for row in evidence.rows["registry"]["person"]}
    enrolments = {row["enrolment_id"] for row in evidence.rows["activities"]["enrolment"]}
    scans = {row["client_id"] for row in evidence.rows["activities"]["scan"]}
    for each in asked:
        if not each.ok:
            continue
        match each.command:
            case RegisterPerson(person_id=id) if id not in people:
                account.lost.append(f"registry: person {id} was registered and is not there")
            case Enrol(enrolment_id=id) if id not in enrolments:
                account.lost.append(f"activities: enrolment {id} was made and is not there")
            case RecordAttendance(client_id=id) if id not in scans:
                account.lost.append(f"activities: scan {id} was taken and is not there")
    for table in ("notice", "webhook_delivery"):
        copies = Counter(tuple(row.values()) for row in evidence.rows["notify"][table])
        account.doubled += [f"notify: {table} {key} is there {n} times" for key, n in copies.items() if n > 1]


def _seats(account: Account, rows: Mapping[str, Sequence[Row]]) -> None:
    """A session promises what its enrolments hold, never more than its capacity, and nobody two places."""
    held: Counter[UUID] = Counter()
    waiting: Counter[UUID] = Counter()
    places: Counter[tuple[UUID, UUID]] = Counter()
    for row in rows["enrolment"]:
        if row["status"] in HOLDS_SEATS:
            held[row["session_id"]] += row["seats"]
        waiting[row["session_id"]] += row["status"] == "waiting"
        if row["status"] in (*HOLDS_SEATS, "waiting"):
            places.update((row["session_id"], person) for person in row["people"])
    for session in rows["session"]:
        id, taken = session["session_id"], session["seats_taken"]
        if taken != held[id] or session["waiting"] != waiting[id]:
            account.doubled.append(f"activities: session {id} counts {taken} seats, its enrolments hold {held[id]}")
        if held[id] > session["capacity"]:
            account.doubled.append(f"activities: session {id} promised {held[id]} of {session['capacity']} seats")
    account.doubled += [f"activities: {person} has {n} places in {id}" for (id, person), n in places.items() if n > 1]
    if set(places) != {(row["session_id"], row["person_id"]) for row in rows["participant"]}:
        account.doubled.append("activities: the participants are not those of the enrolments")


def _witnessed(account: Account, effects: Sequence[Row], in_order: Mapping[str, bool]) -> None:
    """The witness wrote down each event once, and where it counts steps, each aggregate's in order."""
    copies = Counter((row["consumer"], row["event_id"]) for row in effects)
    account.doubled += [f"{consumer}: {id} took effect {n} times" for (consumer, id), n in copies.items() if n > 1]
    last: dict[tuple[Any, ...], int] = {}
    for row in effects:
        if not in_order[row["consumer"]]:
            continue
        key = (row["consumer"], row["aggregate"], row["aggregate_id"])
        if row["version"] != last.get(key, 0) + 1:
            account.backwards.append(f"{key[0]}: {key[1]} {key[2]} took {row['version']} after {last.get(key, 0)}")
        last[key] = row["version"]
