"""Makes the rights on the bus from contracts and handlers: access.json for the server, access.md for people.

`python -m deploy.nats.access` writes both, `--check` fails when one is stale. Each cell of access.md is tried on a
running server by tests/nats_access.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from contracts.catalogue import REQUESTS, SERVICES
from contracts.message import Request
from deploy.nats import rights
from deploy.nats.rights import APPLICATION, CONFIRMS, DOOR, DOORKEEPER, LOOKS, OPERATOR, PARTNERS, SENDS_AWAY, Rights
from deploy.nats.topology import Topology, declared, service_of
from services.chassis.stream import ANCHOR_STREAM, anchor_subject
from services.doorkeeper.admission import heard_in
from services.gateway.sharing import SUBJECT as GIVEN

MATRIX: Final = Path(__file__).with_name("access.md")
PARTNER: Final = "partner"
"""A neighbourhood-centre system of REGION as the doorkeeper lets it in; not a user of the server's file."""
REGION: Final = "350500000000"
JETSTREAM: Final = "$JS.API"
STREAM_VERBS: Final = ("CREATE", "UPDATE", "DELETE", "PURGE", "INFO", "MSG.GET", "MSG.DELETE", "SNAPSHOT", "RESTORE")
HEAD: Final = """# Who may do what on the bus

Made by `python -m deploy.nats.access` from contracts and handlers; tests/nats_access tries every cell on a running
server. ● is allowed, anything else is refused. `partner` is a neighbourhood-centre system of region {region} as the
doorkeeper lets it in. Beyond this, a service may answer each request it got, once, at the inbox the request names.

"""


def rights_by_credential() -> dict[str, Rights]:
    """The rights of every user of the server's file."""
    topology = declared()
    services = {name: _service(name, topology) for name in SERVICES}
    return {
        **services,
        "gateway": _gateway(topology),
        DOORKEEPER: _doorkeeper(),
        "migrator": _declares("migrator", topology, f"{JETSTREAM}.STREAM.MSG.GET.{ANCHOR_STREAM}"),
        "topology": _declares("topology", topology),
        OPERATOR: Rights(APPLICATION, publish=(">",), subscribe=(">",)),
    }


def partner() -> Rights:
    """What the doorkeeper grants a partner of REGION."""
    return Rights(PARTNERS, subscribe=tuple(heard_in(REGION)))


def _service(name: str, topology: Topology) -> Rights:
    """Says its own events, asks what it declares, answers its own subjects, pulls and acknowledges its own consumers.

    The head of its audit log it anchors under its own name, and it reads what was anchored. Of its own stream it reads
    single messages, for the reconciler. They come wrapped in an answer of the JetStream API: a service that named
    another's subject as the inbox could not pass them off as an event or a command. What it pulls comes bare, so it may
    not pull what it wrote itself: raises ValueError for such a consumer (decision 0011).
    """
    [own] = [each["name"] for each in topology.streams if each["subjects"] == [f"evt.{name}.>"]]
    publish = [f"evt.{name}.>", *(asked.contract.subject for asked in service_of(name).asks)]
    publish += [
        f"{JETSTREAM}.STREAM.MSG.GET.{own}",
        anchor_subject(name),
        f"{JETSTREAM}.STREAM.MSG.GET.{ANCHOR_STREAM}",
    ]
    for each in topology.consumers:
        if each["service"] == name:
            if each["stream"] == own:
                raise ValueError(f"{each['durable']} hears its own service: it could send it on as another's")
            place = f"{each['stream']}.{each['durable']}"
            publish += [f"{JETSTREAM}.CONSUMER.MSG.NEXT.{place}", f"{JETSTREAM}.CONSUMER.INFO.{place}"]
            publish += [f"$JS.ACK.{place}.>"]
    heard = (f"cmd.{name}.> {name}", f"qry.{name}.> {name}", f"_INBOX_{name}.>")
    return Rights(APPLICATION, tuple(publish), heard, answers=True)


def _gateway(topology: Topology) -> Rights:
    """Passes on every command and query, and reads the streams through consumers of its own, never a service's.

    Gateways tell each other, and nobody else, what their callers were given (decision 0022)."""
    publish = sorted(asked.contract.subject for asked in REQUESTS)
    for stream in topology.event_streams:
        publish += [f"{JETSTREAM}.STREAM.INFO.{stream}"]
        publish += [f"{JETSTREAM}.CONSUMER.{verb}.{stream}.*" for verb in ("CREATE", "DELETE", "MSG.NEXT")]
    places = [f"{each['stream']}.{each['durable']}" for each in topology.consumers]
    never = [f"{JETSTREAM}.CONSUMER.{verb}.{place}" for place in places for verb in ("CREATE", "DELETE", "MSG.NEXT")]
    return Rights(APPLICATION, (*publish, GIVEN), ("_INBOX_gateway.>", GIVEN), tuple(never))


def _doorkeeper() -> Rights:
    """Answers the server, asks registry whether a partner is still let in, and ends the connection of who is not."""
    heard = (f"$SYS.REQ.USER.AUTH {DOORKEEPER}", f"_INBOX_{DOORKEEPER}.>")
    return Rights(DOOR, (CONFIRMS, LOOKS, SENDS_AWAY), heard, answers=True)


def _declares(name: str, topology: Topology, *more: str) -> Rights:
    """Makes and changes the declared streams and consumers; deletes nothing, reads and says no event.

    The migrator also reads the anchors of the audit logs: `linli audit` runs with its key beside containers.
    """
    names = [each["name"] for each in topology.streams]
    publish = [f"{JETSTREAM}.STREAM.{verb}.{name}" for name in names for verb in ("INFO", "CREATE", "UPDATE")]
    publish += [f"{JETSTREAM}.CONSUMER.LIST.{name}" for name in names]
    publish += [f"{JETSTREAM}.CONSUMER.DURABLE.CREATE.{it['stream']}.{it['durable']}" for it in topology.consumers]
    return Rights(APPLICATION, (*publish, *more), (f"_INBOX_{name}.>",))


def attempts() -> Iterator[tuple[str, str, str]]:
    """The rows of the matrix: verb, subject, queue group."""
    topology, credentials = declared(), [*rights_by_credential(), PARTNER]
    for name in SERVICES:
        yield "publish", f"evt.{name}.probe.tried.v1.3505.03.001.001", ""
        yield "publish", anchor_subject(name), ""
    for asked in _one_of_each():
        yield "publish", asked.contract.subject, ""
    for stream in (each["name"] for each in topology.streams):
        yield from (("publish", f"{JETSTREAM}.STREAM.{verb}.{stream}", "") for verb in STREAM_VERBS)
        yield "publish", f"{JETSTREAM}.DIRECT.GET.{stream}", ""
        yield "publish", f"{JETSTREAM}.CONSUMER.CREATE.{stream}", ""
        yield from (("publish", f"{JETSTREAM}.CONSUMER.{verb}.{stream}.mine", "") for verb in ("CREATE", "MSG.NEXT"))
    for each in topology.consumers:
        place = f"{each['stream']}.{each['durable']}"
        for verb in ("DURABLE.CREATE", "CREATE", "DELETE", "INFO", "MSG.NEXT"):
            yield "publish", f"{JETSTREAM}.CONSUMER.{verb}.{place}", ""
        yield "publish", f"$JS.ACK.{place}.1.1.1.1.0", ""
    for general in (f"{JETSTREAM}.INFO", f"{JETSTREAM}.STREAM.NAMES", f"{JETSTREAM}.STREAM.LIST"):
        yield "publish", general, ""
    yield "publish", GIVEN, ""
    yield from (("publish", subject, "") for subject in (CONFIRMS, LOOKS, SENDS_AWAY.replace("*", "SOMEBODY")))
    yield from (("publish", f"$SYS.REQ.SERVER.{rest}", "") for rest in ("PING.VARZ", "SOMEBODY.RELOAD"))
    for place in (*(f"_INBOX_{name}.guessed" for name in credentials), "_INBOX.guessed", "$SYS.REQ.USER.AUTH"):
        yield "publish", place, ""
    for pattern in (">", "*.>", "evt.>", "cmd.>", "qry.>", "_INBOX.>", "_INBOX.guessed", "$JS.>", "$SYS.>"):
        yield "subscribe", pattern, ""
    for name in SERVICES:
        yield from (("subscribe", f"{kind}.{name}.>", "") for kind in ("evt", "cmd", "qry"))
        yield from (("subscribe", f"{kind}.{name}.>", name) for kind in ("cmd", "qry"))
    for region in ("3505.>", "3505.03.001.*", "3506.>", "*.03.>", ">"):
        yield "subscribe", f"evt.*.*.*.*.{region}", ""
    yield from (("subscribe", f"_INBOX_{name}.>", "") for name in credentials)
    yield "subscribe", GIVEN, ""
    yield from (("subscribe", "$SYS.REQ.USER.AUTH", queue) for queue in ("", DOORKEEPER))


def _one_of_each() -> list[type[Request[Any]]]:
    """The first command and the first query of every service, and whatever one service asks of another."""
    first = {(each.contract.service, each.contract.kind): each for each in reversed(REQUESTS)}
    asked = [each for name in SERVICES for each in service_of(name).asks]
    return sorted({*first.values(), *asked}, key=lambda each: each.contract.subject)


def cells() -> Iterator[tuple[tuple[str, str, str], dict[str, bool]]]:
    """Every row of the matrix with who may do it."""
    everybody = {**rights_by_credential(), PARTNER: partner()}
    for verb, subject, queue in attempts():
        may = {
            name: it.may_publish(subject) if verb == "publish" else it.may_subscribe(subject, queue)
            for name, it in everybody.items()
        }
        yield (verb, subject, queue), may


def to_markdown() -> str:
    """The text of access.md."""
    names = [*rights_by_credential(), PARTNER]
    lines = [f"| | subject | {' | '.join(names)} |", "|---|---|" + ":-:|" * len(names)]
    for (verb, subject, queue), may in cells():
        what = f"`{subject}`" + (f" in group `{queue}`" if queue else "")
        lines.append(f"| {verb} | {what} | {' | '.join('●' if may[name] else '' for name in names)} |")
    return HEAD.format(region=REGION) + "\n".join(lines) + "\n"


def main() -> int:
    """Writes both files; with --check only compares."""
    texts = {rights.FILE: rights.to_json(rights_by_credential()), MATRIX: to_markdown()}
    if "--check" not in sys.argv:
        for file, text in texts.items():
            file.write_text(text, "utf-8")
        return 0
    stale = [file.name for file, text in texts.items() if not file.exists() or file.read_text("utf-8") != text]
    for name in stale:
        print(f"deploy/nats/{name} is stale: run `python -m deploy.nats.access`", file=sys.stderr)
    return int(bool(stale))


if __name__ == "__main__":
    sys.exit(main())
