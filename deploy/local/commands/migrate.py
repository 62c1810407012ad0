"""`./linli migrate`: migrations alone, on the running system or on servers started for it."""

import json
import os

from deploy.local.interrupt import Interrupted, heed_signals, ignore_signals
from deploy.local.options import DEFAULT_DATA, Data, Json
from deploy.local.progress import Terminal
from deploy.local.record import find_running
from deploy.local.words import say

MANUAL = say(
    "创建或更新各服务的数据库、角色、消息流与消费者。可重复运行；./linli up 会自动运行它。",
    "Makes or updates the services' databases, roles, streams and consumers. Safe to repeat; ./linli up does it too.",
)


def migrate(data: Data = DEFAULT_DATA, as_json: Json = False) -> None:
    """Migrates the servers of a running stack, or those of the directory, or those that the environment names."""
    from deploy.local.migrator import migrate as migrate_servers
    from deploy.local.stack import Stack

    record = find_running(data)
    teller = Terminal()
    if record is not None:
        log = data / "logs" / "migrate.log"
        migrate_servers(record.postgres_dsn, record.nats_url, record.secrets_dir, log)
    else:
        dsn, url = os.environ.get("LINLI_POSTGRES_DSN"), os.environ.get("LINLI_NATS_URL")
        stack = Stack(data, services=(), postgres_dsn=dsn, nats_url=url, teller=teller)
        try:
            heed_signals()
            stack.start()
        except Interrupted:
            teller.note(say("已中断。", "Interrupted."))
            raise SystemExit(1) from None
        finally:
            ignore_signals()
            stack.stop()
            teller.close()
    if as_json:
        print(json.dumps({"migrated": True, "directory": str(data)}))
    else:
        print(say("已是最新。", "Up to date."))
