"""What the instances of a running stack say about themselves."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from deploy.local.living import Living, resident_bytes
from deploy.local.probe import get
from deploy.local.record import InstanceRecord, Record


@dataclass(frozen=True, slots=True)
class Health:
    """One program of the stack. None where it has nothing to say, or does not answer.

    `lag` is the largest number of events that wait for one of its consumers; `outbox_seconds` the age of the oldest
    event it has not published yet. `gone_back`: its database was restored and `./linli restored` not run; `rebuild`:
    its consumers whose read models hold what a restored source has lost. `audit_altered`: its audit log does not hold
    what was anchored.
    """

    name: str
    state: str
    pid: int
    restarts: int
    uptime_seconds: float | None
    memory_bytes: int
    ready: bool | None
    lag: int | None
    outbox_unpublished: int | None
    outbox_seconds: float | None
    quarantine: int | None
    gone_back: bool
    audit_altered: bool
    rebuild: list[str]
    events_said: dict[str, int]
    url: str
    log: str


def look(record: Record) -> list[Health]:
    """Asks all instances at the same time; an unreachable one costs two seconds, not an error."""
    with ThreadPoolExecutor(max_workers=max(1, len(record.instances))) as pool:
        return list(pool.map(look_at, record.instances))


def look_at(instance: InstanceRecord) -> Health:
    """One instance: what the system knows of its process, and what its `/status` says."""
    process = Living.find(instance.pid)
    said = ask_status(instance.url) if instance.url and process else {}
    outbox, restored = said.get("outbox") or {}, said.get("restored") or {}
    return Health(
        name=instance.name,
        state=instance.state,
        pid=instance.pid,
        restarts=instance.restarts,
        uptime_seconds=round(time.time() - process.born, 1) if process else None,
        memory_bytes=resident_bytes(instance.pid),
        ready=bool(said.get("ready")) if instance.service else None,
        lag=max((consumer.get("pending", 0) for consumer in said.get("consumers") or ()), default=None),
        outbox_unpublished=outbox.get("unpublished"),
        outbox_seconds=outbox.get("oldest_seconds"),
        quarantine=said.get("quarantine"),
        gone_back=bool(restored.get("unannounced")),
        audit_altered=bool(said.get("audit_altered")),
        rebuild=[mark["consumer"] for mark in restored.get("rebuild") or ()],
        events_said=said.get("events_said") or {},
        url=instance.url,
        log=instance.log,
    )


def ask_status(url: str) -> dict[str, Any]:
    """The answer of `/status`; empty when there is none or it is no JSON object."""
    answer = get(f"{url}/status")
    try:
        said = json.loads(answer.body) if answer.status == 200 else {}
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
