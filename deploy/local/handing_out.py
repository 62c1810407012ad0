"""Each process is given a folder of its own with what it may know, `<secrets>/<name>/`; the rest stays with whoever
runs the house."""

from pathlib import Path
from typing import Final

from deploy.local.person_keys import FILE as PERSON_KEYS_FILE
from deploy.local.person_keys import ensure_person_keys
from deploy.local.private import write_private
from deploy.local.token_keys import PUBLIC_FILE, RETIRED_FILE, SHARED_FILE, ensure_token_keys, private_file
from deploy.local.webhook_key import FILE as WEBHOOK_FILE
from deploy.local.webhook_key import ensure_webhook_key
from deploy.nats.keys import ensure_seeds, seed_file
from deploy.nats.rights import DOORKEEPER, ISSUER, OPERATOR, kept
from deploy.postgres.logins import FILE as ROLES_FILE
from deploy.postgres.logins import ensure_logins

BUS_SEED: Final = "bus.seed"
ISSUER_SEED: Final = "issuer.seed"
OWN_FILES: Final = {"registry": PERSON_KEYS_FILE, "notify": WEBHOOK_FILE}
"""What one service alone may read."""
MIGRATOR: Final = "migrator"
WITHOUT_TOKENS: Final = (OPERATOR, "topology")


def ensure_secrets(secrets_dir: Path) -> None:
    """Makes every key and password that is missing, and fills the folders."""
    ensure_logins(secrets_dir)
    ensure_token_keys(secrets_dir)
    ensure_person_keys(secrets_dir)
    ensure_webhook_key(secrets_dir)
    ensure_seeds(secrets_dir)
    hand_out(secrets_dir)


def hand_out(secrets_dir: Path) -> None:
    """Fills the folder of every process anew, where something of it has changed."""
    for name in kept():
        for target, source in given_to(secrets_dir, name).items():
            put(secrets_dir / name / target, source)


def given_to(secrets_dir: Path, name: str) -> dict[str, Path]:
    """What a process may know, by the name in its folder: its key on the bus, and what its work needs."""
    given = {BUS_SEED: seed_file(secrets_dir, name)}
    public = {file: secrets_dir / file for file in (PUBLIC_FILE, RETIRED_FILE)}
    if name == DOORKEEPER:
        keys = {SHARED_FILE: private_file(secrets_dir, name), ISSUER_SEED: seed_file(secrets_dir, ISSUER)}
        return given | keys | {PUBLIC_FILE: secrets_dir / PUBLIC_FILE}
    if name == MIGRATOR:
        return given | public | {ROLES_FILE: secrets_dir / ROLES_FILE}
    if name in WITHOUT_TOKENS:
        return given
    given |= public | {SHARED_FILE: private_file(secrets_dir, name)}
    own = OWN_FILES.get(name)
    return given | ({own: secrets_dir / own} if own else {})


def put(target: Path, source: Path) -> None:
    """Copies a secret, closed to others; one that is the same already is left alone, so that nobody reads it again."""
    text = source.read_text("ascii")
    if not target.exists() or target.read_text("ascii") != text:
        write_private(target, text)
