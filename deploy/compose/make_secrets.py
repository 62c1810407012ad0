"""Makes the keys and passwords of the compose stack once, in deploy/compose/secrets (never committed).

`python -m deploy.compose.make_secrets`, then `docker compose --env-file secrets/compose.env up`. Each process is given
one folder with what it may know, `secrets/<name>/`; the rest stays with whoever runs this. Run again after an upgrade:
what exists is kept, and the rights on the bus (`secrets/nats/access.conf`) are those of the new release.
"""

import os
import secrets
import sys
from pathlib import Path
from typing import Final

from deploy.compose.certificates import AUTHORITY, ensure_certificates
from deploy.local.person_keys import FILE as PERSON_KEYS_FILE
from deploy.local.person_keys import ensure_person_keys
from deploy.local.private import private_directory, write_private
from deploy.local.token_keys import PRIVATE_FILE, PUBLIC_FILE, ensure_token_keys
from deploy.nats.keys import ensure_seeds, seed_file
from deploy.nats.rights import DOORKEEPER, ISSUER, OPERATOR, kept, server_block
from deploy.postgres.logins import FILE as ROLES_FILE
from deploy.postgres.logins import ensure_logins, runtime_dsn
from deploy.postgres.provision import DATABASES

REGISTRY: Final = "registry"
FOLDER: Final = Path(__file__).with_name("secrets")
CONTAINER_UID: Final = 10001
SERVER: Final = "postgresql://postgres@postgres:5432/postgres"
TLS: Final = (
    "sslmode=verify-full&sslrootcert=/run/linli/ca.pem&sslcert=/run/linli/client.pem&sslkey=/run/linli/client.key"
)
"""Of a DSN: the server must prove its name, and the client shows the certificate of its folder."""


def make(folder: Path) -> Path:
    """Leaves everything the stack needs in the folder; what exists is kept. Returns compose.env."""
    private_directory(folder)
    ensure_token_keys(folder)
    ensure_person_keys(folder)
    logins = ensure_logins(folder)
    write_private(folder / "nats" / "access.conf", server_block(ensure_seeds(folder)))
    processes = list(kept())
    ensure_certificates(folder / "tls", processes)
    for name in processes:
        _hand_out(folder, name)
    file = folder / "compose.env"
    lines = file.read_text("ascii").splitlines() if file.exists() else []
    known = {line.partition("=")[0] for line in lines}
    wanted = {"POSTGRES_PASSWORD": secrets.token_hex(24), "LINLI_UID": str(os.getuid() or CONTAINER_UID)}
    wanted |= {f"{name.upper()}_DSN": f"{runtime_dsn(SERVER, name, logins)}?{TLS}" for name in DATABASES}
    wanted |= {"SMTP_URL": "", "PUBLIC_URL": "", "WEBHOOK_ALLOW": ""}
    lines += [f"{name}={value}" for name, value in wanted.items() if name not in known]
    write_private(file, "\n".join([*lines, ""]))
    if os.getuid() == 0:  # the containers do not run as root: give them what only they may read
        for each in (folder, *folder.rglob("*")):
            os.chown(each, CONTAINER_UID, CONTAINER_UID)
    return file


def _hand_out(folder: Path, name: str) -> None:
    """Fills the folder of one process: its key on the bus, its certificate, and what its work needs."""
    given = {
        "bus.seed": seed_file(folder, name),
        "ca.pem": folder / "tls" / f"{AUTHORITY}.pem",
        "client.pem": folder / "tls" / f"{name}.pem",
        "client.key": folder / "tls" / f"{name}.key",
    }
    if name == DOORKEEPER:
        given |= {"issuer.seed": seed_file(folder, ISSUER), PUBLIC_FILE: folder / PUBLIC_FILE}
    elif name == "migrator":
        given |= {each: folder / each for each in (ROLES_FILE, PUBLIC_FILE)}
    elif name not in (OPERATOR, "topology"):
        given |= {each: folder / each for each in (PRIVATE_FILE, PUBLIC_FILE)}
        if name == REGISTRY:
            given |= {PERSON_KEYS_FILE: folder / PERSON_KEYS_FILE}
    for target, source in given.items():
        write_private(folder / name / target, source.read_text("ascii"))


if __name__ == "__main__":
    print(make(FOLDER), file=sys.stderr)
