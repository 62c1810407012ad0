"""The values of a person, sealed with her key (services/chassis/cipher.py). No I/O."""

import json
from collections.abc import Mapping
from hashlib import sha256
from hmac import digest
from uuid import UUID

from services.chassis.cipher import seal, unseal

Values = Mapping[str, str | None]


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


def derived_key(key: bytes, *words: str) -> bytes:
    """A key of its own for whoever and whatever the words say, from which a person's key is not found again."""
    return digest(key, "\0".join(("derived", *words)).encode(), sha256)
