"""Makes the keys and passwords of the compose stack once, in deploy/compose/secrets (never committed).

`python -m deploy.compose.make_secrets`, then `docker compose --env-file secrets/compose.env up`.
"""

import os
import secrets
import sys
from pathlib import Path
from typing import Final

from deploy.local.private import private_directory, write_private
from deploy.local.token_keys import ensure_token_keys
from deploy.postgres.logins import ensure_logins, runtime_dsn
from deploy.postgres.provision import SERVICES

FOLDER: Final = Path(__file__).with_name("secrets")
CONTAINER_UID: Final = 10001
SERVER: Final = "postgresql://postgres@postgres:5432/postgres"


def make(folder: Path) -> Path:
    """Leaves token keys, role passwords and `compose.env` in the folder; what exists is kept. Returns compose.env."""
    private_directory(folder)
    ensure_token_keys(folder)
    logins = ensure_logins(folder)
    file = folder / "compose.env"
    if not file.exists():
        lines = [f"POSTGRES_PASSWORD={secrets.token_hex(24)}", f"NATS_PASSWORD={secrets.token_hex(24)}"]
        lines += [f"LINLI_UID={os.getuid() or CONTAINER_UID}"]
        lines += [f"{name.upper()}_DSN={runtime_dsn(SERVER, name, logins)}" for name in SERVICES]
        write_private(file, "\n".join([*lines, "SMTP_URL=", "WEBHOOK_ALLOW=", ""]))
    if os.getuid() == 0:  # the containers do not run as root: give them what only they may read
        for each in (folder, *folder.iterdir()):
            os.chown(each, CONTAINER_UID, CONTAINER_UID)
    return file


if __name__ == "__main__":
    print(make(FOLDER), file=sys.stderr)
