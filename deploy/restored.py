"""`./linli restored`: the database of a service was restored from a backup, and everybody has to notice.

The service goes on in a higher epoch (docs/decisions/0007): the gates of those who hear it take the new history over,
and what they made of the lost future is marked for a rebuild. An anchor says that rows of its audit log were lost
knowingly (docs/decisions/0014). It hears once more what its streams hold, because it forgot what it had heard after
the backup; what it still knows it leaves out.
"""

import asyncio
import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import nats
import typer
from nats.js.errors import NotFoundError

from contracts.catalogue import SERVICES
from deploy.erasure import repeat_erasures
from deploy.local.options import DEFAULT_DATA, Data, Json, require_running
from deploy.local.progress import Terminal
from deploy.local.record import Record, without_password
from deploy.local.service import REGISTRY
from deploy.local.trouble import Trouble
from deploy.local.words import say
from deploy.nats.keys import seed_file
from deploy.nats.rights import OPERATOR
from deploy.nats.topology import consumer_config, kept
from deploy.postgres.provision import KEYRING
from deploy.quarantine import opened
from services.chassis.audit import START, Anchor
from services.chassis.restored import raise_epoch
from services.chassis.sealing import HEAD
from services.chassis.stream import anchor_subject
from services.chassis.tokens import Signer

MANUAL = say(
    "从备份恢复某个服务的数据库之后运行一次。该服务进入新纪元：其他服务接受其恢复后的历史，忽略已丢失的未来；"
    "./linli status 提示需要重建的读模型。该服务会重新听取消息流中的事件，已处理过的不再处理。"
    "运行之前，恢复后的服务接受命令，但不发布事件。"
    "registry 或 keyring 恢复后，备份之后删除的人会再次删除。\n\n例：./linli restored registry",
    "Run it once the database of a service was restored from a backup. The service enters a new epoch: the others "
    "take its restored history over and leave out the future it lost; ./linli status shows the read models to rebuild. "
    "It hears again what the streams hold and leaves out what it still knows. Until then it takes commands "
    "and publishes no events. After a restore of registry or of the keyring, whoever was erased since the backup is "
    "erased again.\n\nExample: ./linli restored registry",
)
CONNECT_SECONDS: Final = 5

Service = Annotated[str, typer.Argument(metavar="SERVICE", help=say("服务名", "The service"))]


def restored(service: Service, data: Data = DEFAULT_DATA, as_json: Json = False) -> None:
    """Raises the epoch of a service of the running stack and rewinds what it hears."""
    if service not in (*SERVICES, KEYRING):
        raise Trouble(
            say(
                f"没有服务 {service}。可选：{'、'.join((*SERVICES, KEYRING))}。",
                f"There is no service {service}. Choose among {', '.join((*SERVICES, KEYRING))}.",
            )
        )
    record = require_running(data)
    if service == KEYRING:
        tell(as_json, service, None, [], asyncio.run(repeat_erasures(record)))
        return
    consumers = [each for each in kept().consumers if each["service"] == service]
    teller = Terminal()
    steps = 2 + len(consumers) + (service == REGISTRY)
    teller.begin(say(f"{service} 进入新纪元", f"{service} enters a new epoch"), steps)
    try:
        epoch = asyncio.run(_announce(record, service, consumers, teller))
        erased = 0
        if service == REGISTRY:
            erased = asyncio.run(repeat_erasures(record))
            teller.step(say(f"再次删除 {erased} 人", f"{erased} erased again"))
    finally:
        teller.close()
    tell(as_json, service, epoch, [each["durable"] for each in consumers], erased)


def tell(as_json: bool, service: str, epoch: int | None, rewound: list[str], erased: int) -> None:
    """The keyring has no epoch: it says nothing to anybody."""
    if as_json:
        print(json.dumps({"service": service, "epoch": epoch, "rewound": rewound, "erased_again": erased}))
        return
    if epoch is not None:
        print(say(f"{service} 的纪元：{epoch}。", f"{service} is in epoch {epoch}."))
    if erased:
        print(
            say(
                f"备份带回的 {erased} 人已再次删除。", f"{erased} people whom the backup brought back are erased again."
            )
        )


async def _announce(record: Record, service: str, consumers: list[dict[str, Any]], teller: Terminal) -> int:
    """The new epoch. Repeated after a failure in between it only raises the epoch once more."""
    async with opened(record.postgres_dsn, record.secrets_dir, service) as database, database.transaction():
        epoch = await raise_epoch(database, datetime.now(UTC))
        head = await database.fetchrow(HEAD)
    teller.step(say(f"纪元 {epoch}", f"epoch {epoch}"))
    try:
        connection = await nats.connect(
            without_password(record.nats_url),
            name="linli-restored",
            nkeys_seed=str(seed_file(record.secrets_dir, OPERATOR)),
            inbox_prefix=f"_INBOX_{OPERATOR}",
            connect_timeout=CONNECT_SECONDS,
            max_reconnect_attempts=3,
        )
        try:
            seq, link = head or (0, START)
            anchor = Anchor(service, seq, link, datetime.now(UTC), "restored")
            text = anchor.sign(Signer(service, record.secrets_dir))
            await connection.jetstream(timeout=CONNECT_SECONDS).publish(anchor_subject(service), text.encode())
            teller.step(say("审计日志", "the audit log"))
            for consumer in consumers:
                await rewind(connection.jetstream(timeout=CONNECT_SECONDS), consumer)
                teller.step(consumer["durable"])
        finally:
            await connection.close()
    except (nats.errors.Error, OSError) as failure:
        raise Trouble(
            say(
                f"NATS 没有应答({type(failure).__name__})：纪元已提升，消费者尚未全部重置。请再运行一次。",
                f"NATS did not answer ({type(failure).__name__}): the epoch is raised, but not every consumer is "
                "rewound. Run it once more.",
            )
        ) from failure
    return epoch


async def rewind(jetstream: nats.js.JetStreamContext, consumer: dict[str, Any]) -> None:
    """Makes a durable anew, from the start of its stream."""
    with suppress(NotFoundError):  # after a run that was interrupted here, or in a stream made anew
        await jetstream.delete_consumer(consumer["stream"], consumer["durable"])
    await jetstream.add_consumer(consumer["stream"], consumer_config(consumer))
