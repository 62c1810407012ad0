"""Runs the migrations of databases and streams, as `python -m deploy.migrate` does in every environment."""

import os
import signal
import sys
from pathlib import Path

from deploy.local.child import Child, rotate
from deploy.local.handing_out import BUS_SEED, MIGRATOR, ensure_secrets
from deploy.local.record import without_password
from deploy.local.service import CHECKOUT, child_environment
from deploy.local.trouble import did_not_migrate
from deploy.postgres.provision import KEYRING_SERVER

COMMAND = (sys.executable, "-m", "deploy.migrate")
MIGRATE_SECONDS = 600.0


def migrate(admin_dsn: str, nats_url: str, secrets_dir: Path, log: Path) -> None:
    """Brings databases, roles, streams and consumers up to date; Trouble with the end of `log` when it fails."""
    rotate(log)
    ensure_secrets(secrets_dir)
    own = secrets_dir / MIGRATOR
    servers = {
        "LINLI_POSTGRES_DSN": admin_dsn,
        "LINLI_NATS_URL": without_password(nats_url),
        "LINLI_NATS_SEED_FILE": str(own / BUS_SEED),
        "LINLI_SECRETS_DIR": str(own),
    }
    if KEYRING_SERVER in os.environ:
        servers[KEYRING_SERVER] = os.environ[KEYRING_SERVER]
    child = Child(COMMAND, log=log, env=child_environment() | servers, cwd=CHECKOUT).start()
    child.wait(MIGRATE_SECONDS)
    child.stop(signal.SIGTERM, patience=5)
    if child.exit_code != 0:
        raise did_not_migrate(log)
