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
from deploy.keys import renew_in
from deploy.local.handing_out import ensure_secrets, hand_out, put
from deploy.local.private import private_directory, write_private
from deploy.nats.keys import ensure_seeds
from deploy.nats.rights import kept, server_block
from deploy.postgres.logins import ensure_logins, runtime_dsn
from deploy.postgres.provision import DATABASES, KEYRING, runtime_role

FOLDER: Final = Path(__file__).with_name("secrets")
CONTAINER_UID: Final = 10001
SERVER: Final = "postgresql://postgres@postgres:5432/postgres"
TLS: Final = (
    "sslmode=verify-full&sslrootcert=/run/linli/ca.pem&sslcert=/run/linli/{file}.pem&sslkey=/run/linli/{file}.key"
)
"""Of a DSN: the server must prove its name, and the client shows a certificate of its folder."""
OWN: Final = "client"
KEYRING_OF: Final = "registry"
"""Who logs into the keyring, as a role of its own and so with a second certificate, `keyring.pem`."""


def make(folder: Path) -> Path:
    """Leaves everything the stack needs in the folder; what exists is kept. Returns compose.env."""
    private_directory(folder)
    ensure_secrets(folder)
    logins = ensure_logins(folder)
    write_private(folder / "nats" / "access.conf", server_block(ensure_seeds(folder)))
    called = {name: runtime_role(name) if name in DATABASES else name for name in (*kept(), KEYRING)}
    ensure_certificates(folder / "tls", called)
    for name in kept():
        put(folder / name / "ca.pem", folder / "tls" / f"{AUTHORITY}.pem")
        _give(folder, name, OWN, name)
    _give(folder, KEYRING_OF, KEYRING, KEYRING)
    file = folder / "compose.env"
    lines = file.read_text("ascii").splitlines() if file.exists() else []
    known = {line.partition("=")[0] for line in lines}
    wanted = {"POSTGRES_PASSWORD": secrets.token_hex(24), "LINLI_UID": str(os.getuid() or CONTAINER_UID)}
    wanted |= {f"{name.upper()}_DSN": f"{runtime_dsn(SERVER, name, logins)}?{_tls(name)}" for name in DATABASES}
    wanted |= {"SMTP_URL": "", "PUBLIC_URL": "", "WEBHOOK_ALLOW": ""}
    lines = [_with_own_certificate(line) for line in lines]
    lines += [f"{name}={value}" for name, value in wanted.items() if name not in known]
    write_private(file, "\n".join([*lines, ""]))
    _give_away(folder)
    return file


def _give_away(folder: Path) -> None:
    """The containers do not run as root: they are given what only they may read."""
    if os.getuid() == 0:
        for each in (folder, *folder.rglob("*")):
            os.chown(each, CONTAINER_UID, CONTAINER_UID)


def _hand_out(folder: Path) -> None:
    hand_out(folder)
    _give_away(folder)


def _tls(database: str) -> str:
    return TLS.format(file=KEYRING if database == KEYRING else OWN)


def _with_own_certificate(line: str) -> str:
    """A release before had one certificate for both databases of registry."""
    before = f"?{TLS.format(file=OWN)}"
    return line.replace(before, f"?{_tls(KEYRING)}") if line.startswith(f"{KEYRING.upper()}_DSN=") else line


def _give(folder: Path, process: str, file: str, certificate: str) -> None:
    for end in ("pem", "key"):
        put(folder / process / f"{file}.{end}", folder / "tls" / f"{certificate}.{end}")


def main() -> None:
    """Makes what is missing; with --renew-keys also new keys for the tokens, while everything runs."""
    file = make(FOLDER)
    if "--renew-keys" in sys.argv:
        renew_in(FOLDER, hand_out=_hand_out)
    print(file, file=sys.stderr)


if __name__ == "__main__":
    main()
