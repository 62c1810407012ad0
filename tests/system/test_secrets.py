"""After `up`: every secret is in a file of ours alone or in an environment, and nowhere else."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

from contracts.notify.v1 import RegisterEndpoint
from contracts.registry.v1 import RegisterClient, RegisterUnit, UnitKind, UnitLevel
from deploy.local.living import Living, descendants
from deploy.local.service import Process
from tests.chaos.families import COMMUNITY, do
from tests.system.conftest import House

CLOSED_TO_OTHERS = 0o077


async def test_no_secret_is_in_arguments_logs_pages_or_files_that_others_may_read(house: House) -> None:
    secrets = {*secrets_of(house.stack.secrets_dir), urlsplit(house.stack.admin_dsn).password or ""}
    secrets |= {await endpoint_secret(house), await client_secret(house)}
    assert len(secrets) > 15
    assert all(len(secret) >= 16 for secret in secrets)
    places: dict[str, bytes] = {}
    for keeper in house.stack.processes.values():
        program = keeper.program
        for living in [Living.find(program.pid), *descendants(program.pid)]:
            if living is not None:
                places[f"arguments of {keeper.name} {living.pid}"] = Path(f"/proc/{living.pid}/cmdline").read_bytes()
        if isinstance(program, Process) and program.url:
            for page in ("status", "metrics", "ready"):
                places[f"{keeper.name} /{page}"] = (await house.http.get(f"{program.url}/{page}")).content
    for file in readable_by_others(house.stack.directory):
        places[f"file {file}"] = file.read_bytes()
    for file in house.stack.directory.rglob("*.log"):
        places[f"log {file.name}"] = file.read_bytes()

    found = [place for place, content in places.items() if any(secret.encode() in content for secret in secrets)]
    assert found == []
    assert len([place for place in places if place.startswith("arguments")]) > 8
    assert len([place for place in places if place.startswith("log")]) > 5


def test_the_secrets_are_closed_to_everybody_else(house: House) -> None:
    folder = house.stack.secrets_dir
    open_to_others = [str(path) for path in (folder, *folder.rglob("*")) if path.stat().st_mode & CLOSED_TO_OTHERS]
    assert open_to_others == []


def secrets_of(folder: Path) -> Iterator[str]:
    """What the files of the secrets directory keep: passwords, seeds, the private half of the signing key."""
    for file in folder.rglob("*"):
        if not file.is_file():
            continue
        text = file.read_text("utf-8").strip()
        if file.suffix == ".jwk":
            yield json.loads(text)["d"]
        elif file.name == "postgres-roles.json":
            yield from (password for pair in json.loads(text).values() for password in pair.values())
        elif file.name == "person-keys.json":
            keys = json.loads(text)
            yield from (*keys["keys"].values(), keys["lookup"])
        elif file.name not in ("token-keys.json", "audit-keys.json"):  # public keys
            assert re.fullmatch(r"\S+", text), f"{file.name} holds more than one secret"
            yield text


def readable_by_others(folder: Path) -> Iterator[Path]:
    """Files that another user of the machine could read, if he may enter the folder."""
    for path in folder.iterdir():
        mode = path.stat().st_mode & CLOSED_TO_OTHERS
        if path.is_dir() and mode & 0o011:
            yield from readable_by_others(path)
        elif path.is_file() and mode & 0o044:
            yield path


async def endpoint_secret(house: House) -> str:
    endpoint = RegisterEndpoint(endpoint_id=uuid4(), name="中心平台", url="http://127.0.0.1:9/", region=COMMUNITY)
    answer = await house.post(endpoint, "/v1/webhook-endpoints")
    return str(answer.json()["secret"])


async def client_secret(house: House) -> str:
    unit, client = uuid4(), uuid4()
    await do(
        house.desk,
        RegisterUnit(
            unit_id=unit, name="平台所在单位", kind=UnitKind.FEDERATION, level=UnitLevel.COMMUNITY, region=COMMUNITY
        ),
    )
    await do(house.desk, RegisterClient(client_id=client, unit_id=unit, name="邻里中心平台"))
    answer = await house.http.post(f"{house.stack.gateway_url}/v1/clients/{client}/secrets", json={})
    return str(answer.json()["secret"])
