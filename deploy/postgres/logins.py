"""The passwords of the services' database roles, made once and kept in the secrets directory."""

import json
import secrets
from dataclasses import asdict
from pathlib import Path

from deploy.local.private import write_private
from deploy.postgres.provision import DATABASES, Passwords, database_of, dsn_as, owner_role, runtime_role

FILE = "postgres-roles.json"


def ensure_logins(secrets_dir: Path) -> dict[str, Passwords]:
    """Both passwords of every database's two roles; those missing in the file are generated and added."""
    file = secrets_dir / FILE
    stored = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    logins = {name: Passwords(**pair) for name, pair in stored.items()}
    missing = [service for service in DATABASES if service not in logins]
    for service in missing:
        logins[service] = Passwords(owner=secrets.token_hex(24), runtime=secrets.token_hex(24))
    if missing:
        write_private(file, json.dumps({name: asdict(pair) for name, pair in logins.items()}, indent=1))
    return logins


def runtime_dsn(server_dsn: str, service: str, logins: dict[str, Passwords]) -> str:
    """How the running service reaches its database."""
    return dsn_as(server_dsn, runtime_role(service), logins[service].runtime, database_of(service))


def owner_dsn(server_dsn: str, service: str, logins: dict[str, Passwords]) -> str:
    """How the service's migrations reach its database."""
    return dsn_as(server_dsn, owner_role(service), logins[service].owner, database_of(service))
