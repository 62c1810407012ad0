"""The key pair that signs access tokens: Ed25519 (RFC 9864), made once."""

import json
from pathlib import Path

from deploy.local.private import write_private

PRIVATE_FILE = "token-signing.jwk"
PUBLIC_FILE = "token-keys.json"


def ensure_token_keys(secrets_dir: Path) -> None:
    """Leaves `token-signing.jwk` (the private JWK) and `token-keys.json` (the public JWK set) in the directory."""
    private, public = secrets_dir / PRIVATE_FILE, secrets_dir / PUBLIC_FILE
    if private.exists() and public.exists():
        return
    from joserfc.jwk import OKPKey

    if private.exists():
        key = OKPKey.import_key(json.loads(private.read_text(encoding="utf-8")))
    else:
        key = OKPKey.generate_key("Ed25519", {"alg": "Ed25519", "use": "sig"}, auto_kid=True)
        write_private(private, json.dumps(key.as_dict(private=True)))
    write_private(public, json.dumps({"keys": [key.as_dict(private=False)]}))
