"""What the record says of a stack that runs: made of its programs as they are at this moment."""

import os
from collections.abc import Sequence
from pathlib import Path

from deploy.local.living import Living
from deploy.local.nats import EmbeddedNats
from deploy.local.record import InstanceRecord, Record
from deploy.local.service import Process
from deploy.local.supervisor import Keeper


def record_of(
    keepers: Sequence[Keeper], *, state: str, directory: Path, gateway_url: str, nats_url: str, postgres_dsn: str
) -> Record:
    """The record of this process's stack."""
    own_nats = next((each.program for each in keepers if isinstance(each.program, EmbeddedNats)), None)
    supervisor = Living.find(os.getpid())
    assert supervisor is not None, "this process lives"
    return Record(
        state=state,
        supervisor=supervisor,
        directory=str(directory),
        gateway_url=gateway_url,
        nats_url=nats_url,
        nats_monitor_url=own_nats.monitor_url if own_nats else "",
        nats_websocket_url=own_nats.websocket_url if own_nats else "",
        postgres_dsn=postgres_dsn,
        instances=[instance_record(keeper) for keeper in keepers],
    )


def instance_record(keeper: Keeper) -> InstanceRecord:
    """What the record says about one program."""
    program = keeper.program
    return InstanceRecord(
        name=keeper.name,
        service=program.service if isinstance(program, Process) else "",
        state=keeper.state,
        pid=program.pid if program.started else 0,
        restarts=keeper.restarts,
        exit_code=program.exit_code,
        url=program.url if isinstance(program, Process) else "",
        log=str(program.log),
    )
