"""The key with which notify seals the secrets of webhooks: made once."""

import base64
import secrets
from pathlib import Path

from deploy.local.private import write_private

FILE = "webhook.key"
KEY_BYTES = 32


def ensure_webhook_key(secrets_dir: Path) -> None:
    """Leaves `webhook.key` in the directory. Without it no push is signed: it belongs into the backup of secrets."""
    file = secrets_dir / FILE
    if not file.exists():
        write_private(file, base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode())
