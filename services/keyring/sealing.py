"""Sealing with AES-256-GCM: what is sealed for one place opens there alone. No I/O."""

import json
import secrets
from collections.abc import Mapping
from hashlib import sha256
from hmac import digest
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES: Final = 12
KEY_BYTES: Final = 32
Values = Mapping[str, str | None]


class Unreadable(Exception):
    """What was sealed does not open: another key, another place, or changed bytes."""


def new_key() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


def seal(key: bytes, plain: bytes, place: bytes) -> bytes:
    """A fresh nonce (NIST SP 800-38D), then ciphertext and tag; bound to its place as associated data."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, place)


def unseal(key: bytes, sealed: bytes, place: bytes) -> bytes:
    """The opposite. Raises Unreadable."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place)
    except (InvalidTag, ValueError):
        raise Unreadable from None


def seal_values(key: bytes, owner: UUID, values: Values) -> bytes:
    """Values of a person as one sealed JSON object, bound to the row that keeps them."""
    return seal(key, json.dumps(dict(values), ensure_ascii=False).encode(), owner.bytes)


def unseal_values(key: bytes, owner: UUID, sealed: bytes) -> dict[str, str | None]:
    """The opposite. Raises Unreadable."""
    opened: dict[str, str | None] = json.loads(unseal(key, sealed, owner.bytes))
    return opened


def pseudonym(key: bytes, *words: str) -> bytes:
    """A keyed hash by which a value is found again and not read (HMAC-SHA-256)."""
    return digest(key, "\0".join(words).encode(), sha256)
