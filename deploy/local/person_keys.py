"""The master keys that wrap the keys of people: made once, renewed by `./linli person renew-keys`."""

import base64
import json
import secrets
from pathlib import Path

from deploy.local.private import write_private

FILE = "person-keys.json"
KEY_BYTES = 32


def ensure_person_keys(secrets_dir: Path) -> None:
    """Leaves `person-keys.json` in the directory: master keys by name, the newest last, and the key of pseudonyms."""
    file = secrets_dir / FILE
    if not file.exists():
        write_private(file, json.dumps({"keys": {_name(): _key()}, "lookup": _key()}))


def add_master_key(secrets_dir: Path) -> str:
    """Adds a newest master key, by which everything is wrapped from now on; returns its name."""
    file = secrets_dir / FILE
    stored = json.loads(file.read_text("utf-8"))
    name = _name()
    stored["keys"][name] = _key()
    write_private(file, json.dumps(stored))
    return name


def drop_old_master_keys(secrets_dir: Path) -> None:
    """Throws every master key but the newest away: what was wrapped by them alone is gone for ever."""
    file = secrets_dir / FILE
    stored = json.loads(file.read_text("utf-8"))
    newest = list(stored["keys"])[-1]
    write_private(file, json.dumps({**stored, "keys": {newest: stored["keys"][newest]}}))


def _name() -> str:
    return secrets.token_hex(4)


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
