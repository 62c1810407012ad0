"""`./linli nats-config`: what a NATS server of one's own must be told about Linli's accounts, users and rights."""

import json

from deploy.local.options import DEFAULT_DATA, Data, Json
from deploy.local.words import say
from deploy.nats.keys import FOLDER, ensure_seeds
from deploy.nats.rights import server_block

MANUAL = say(
    "打印账户、用户与权限，供 nats-server 的配置文件 include；其中只有公钥。私钥(种子)在数据目录的 secrets/nats/ 中，"
    "没有则生成。另需在该服务器上设置：jetstream 的 sync_interval: always,max_payload: 1MB，以及跨主机的 TLS。"
    "升级后请重新生成并让服务器重新读取(SIGHUP)。\n\n"
    "例：./linli nats-config > access.conf；然后 LINLI_NATS_URL=nats://host:4222 ./linli up",
    "Prints accounts, users and rights for a nats-server's configuration to include; it holds public keys only. The "
    "seeds are in secrets/nats/ of the data directory and are made when missing. That server also needs jetstream with "
    "sync_interval: always, max_payload: 1MB, and TLS between hosts. After an upgrade print it again and have the "
    "server read it (SIGHUP).\n\n"
    "Example: ./linli nats-config > access.conf, then LINLI_NATS_URL=nats://host:4222 ./linli up",
)


def nats_config(data: Data = DEFAULT_DATA, as_json: Json = False) -> None:
    """Prints the block of the directory's keys."""
    secrets = data / "secrets"
    block = server_block(ensure_seeds(secrets))
    print(json.dumps({"configuration": block, "seeds": str(secrets / FOLDER)}) if as_json else block)
