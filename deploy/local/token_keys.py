"""The key pairs that sign tokens: Ed25519 (RFC 9864), one an issuer, so that nobody mints in another's name.

The private one is in `token-signing-<issuer>.jwk`; `token-keys.json` holds the public ones, each naming its issuer.
A key is changed without an outage: the new one is announced, and signs once every verifier has read of it; the old one
is believed as long as what it signed may last, and its anchors of the audit log for ever (`audit-keys.json`).
"""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from deploy.local.private import write_private
from deploy.postgres.provision import SERVICES

PUBLIC_FILE: Final = "token-keys.json"
RETIRED_FILE: Final = "audit-keys.json"
SHARED_FILE: Final = "token-signing.jwk"
"""In the folder of one process its own key; in the administrator's, that of a release in which all had the same."""
ISSUERS: Final = ("gateway", "doorkeeper", *SERVICES)
LASTS: Final = timedelta(days=31)
"""The longest that something signed is good: `./linli token --hours`, and the link in a letter about an offer."""


def private_file(secrets_dir: Path, issuer: str) -> Path:
    return secrets_dir / f"token-signing-{issuer}.jwk"


def ensure_token_keys(secrets_dir: Path, issuers: Iterable[str] = ISSUERS) -> None:
    """Leaves a key pair an issuer and the two files of public keys; what exists is kept."""
    if not (secrets_dir / RETIRED_FILE).exists():
        _write(secrets_dir / RETIRED_FILE, [])
    if (secrets_dir / SHARED_FILE).exists():
        _divide(secrets_dir)
    for issuer in issuers:
        file = private_file(secrets_dir, issuer)
        if not file.exists():
            _announce(secrets_dir, issuer)
            _switch(secrets_dir, issuer)
        else:
            _publish(secrets_dir, json.loads(file.read_text("utf-8")))


def announce(secrets_dir: Path) -> None:
    """Makes everybody's next key, which is believed from now on and does not sign yet."""
    for issuer in ISSUERS:
        _announce(secrets_dir, issuer)


def switch(secrets_dir: Path) -> int:
    """Everybody signs with the next key; earlier keys whose tokens have ended are retired. Returns how many were."""
    for issuer in ISSUERS:
        _switch(secrets_dir, issuer)
    return _retire(secrets_dir, datetime.now(UTC))


def _announce(secrets_dir: Path, issuer: str) -> None:
    from joserfc.jwk import OKPKey  # here, because the command line must start fast

    made = OKPKey.generate_key("Ed25519", {"alg": "Ed25519", "use": "sig"}, auto_kid=True)
    key = {**made.as_dict(private=True), "iss": issuer}
    write_private(_next_file(secrets_dir, issuer), json.dumps(key))
    _publish(secrets_dir, key)


def _publish(secrets_dir: Path, key: dict[str, Any]) -> None:
    """Adds the public half of a key where it is missing."""
    known = keys_of(secrets_dir / PUBLIC_FILE)
    if key["kid"] not in [each["kid"] for each in known]:
        _write(secrets_dir / PUBLIC_FILE, [*known, {name: value for name, value in key.items() if name != "d"}])


def _switch(secrets_dir: Path, issuer: str) -> None:
    following = _next_file(secrets_dir, issuer)
    newest = json.loads(following.read_text("utf-8"))["kid"]
    now = datetime.now(UTC).isoformat(timespec="seconds")
    known = [
        key if key["iss"] != issuer or key["kid"] == newest else {"until": now, **key}
        for key in keys_of(secrets_dir / PUBLIC_FILE)
    ]
    following.replace(private_file(secrets_dir, issuer))
    _write(secrets_dir / PUBLIC_FILE, known)


def _retire(secrets_dir: Path, now: datetime) -> int:
    public, retired = secrets_dir / PUBLIC_FILE, secrets_dir / RETIRED_FILE
    keys = keys_of(public)
    over = [key for key in keys if "until" in key and datetime.fromisoformat(key["until"]) + LASTS < now]
    if over:
        _write(retired, [*keys_of(retired), *over])
        _write(public, [key for key in keys if key not in over])
    return len(over)


def _divide(secrets_dir: Path) -> None:
    """What one key signed for all is the gateway's from now on; anchors that it signed for others stay good."""
    shared = json.loads((secrets_dir / SHARED_FILE).read_text("utf-8"))
    for key in keys_of(secrets_dir / PUBLIC_FILE):
        if "iss" not in key:
            _write(secrets_dir / RETIRED_FILE, [*keys_of(secrets_dir / RETIRED_FILE), key])
    _write(secrets_dir / PUBLIC_FILE, [{"iss": "gateway", **key} for key in keys_of(secrets_dir / PUBLIC_FILE)])
    write_private(private_file(secrets_dir, "gateway"), json.dumps({**shared, "iss": "gateway"}))
    (secrets_dir / SHARED_FILE).unlink()


def keys_of(file: Path) -> list[dict[str, Any]]:
    """The keys of a JWK set; none where there is no file."""
    keys: list[dict[str, Any]] = json.loads(file.read_text("utf-8"))["keys"] if file.exists() else []
    return keys


def _write(file: Path, keys: list[dict[str, Any]]) -> None:
    write_private(file, json.dumps({"keys": keys}))


def _next_file(secrets_dir: Path, issuer: str) -> Path:
    return private_file(secrets_dir, issuer).with_suffix(".next.jwk")
