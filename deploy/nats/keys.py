"""The NKeys of the bus (Ed25519): one seed a credential, made once; the server is told public keys only.

To change a key without an outage: move `<name>.seed` to `<name>.old.seed`, which lets a new one be made and both be
accepted; have the server read its file again; restart `<name>`; remove the old seed; have it read its file once more.
The doorkeeper's own keys are the exception: the server takes those only at a start.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from deploy.local.private import private_directory, write_private
from deploy.nats.rights import ISSUER, kept

if TYPE_CHECKING:
    from nkeys import KeyPair

FOLDER: Final = "nats"


def seed_file(secrets_dir: Path, name: str) -> Path:
    """Where the seed of a credential, or of the issuer, is kept."""
    return secrets_dir / FOLDER / f"{name}.seed"


def ensure_seeds(secrets_dir: Path) -> dict[str, list[str]]:
    """Makes the seeds that are missing, mode 0600; returns the public keys that the server is to accept, by name."""
    private_directory(secrets_dir / FOLDER)
    return {name: _public_keys(secrets_dir, name) for name in (*kept(), ISSUER)}


def _public_keys(secrets_dir: Path, name: str) -> list[str]:
    file = seed_file(secrets_dir, name)
    if not file.exists():
        write_private(file, _new_seed(name == ISSUER))
    seeds = (file, file.with_suffix(".old.seed"))
    return [pair_of(seed).public_key.decode() for seed in seeds if seed.exists()]


def pair_of(file: Path) -> "KeyPair":
    """The key pair of a seed file."""
    import nkeys  # here, because the command line must start fast

    return nkeys.from_seed(bytearray(file.read_text("ascii").strip().encode()))


def _new_seed(of_account: bool) -> str:
    import nkeys

    prefix = nkeys.PREFIX_BYTE_ACCOUNT if of_account else nkeys.PREFIX_BYTE_USER
    return str(nkeys.encode_seed(os.urandom(32), prefix).decode())
