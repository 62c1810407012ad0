"""Reasons and reviews in words: sealed with the key of the person whose record it is (docs/decisions/0021)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from services.chassis.cipher import Unreadable, seal, unseal
from services.keyring.vault import vault

LET_GO: Final = "-"
"""What is told of words that nobody can read any more."""
REASON, NOTE = b"reason", b"note"
Keys = Mapping[UUID, bytes]


async def seal_words(person_id: UUID, record_access_id: UUID, kind: bytes, text: str, now: datetime) -> bytes | None:
    """The words as the case keeps them; None for somebody who was erased."""
    key = (await vault.make_keys([person_id], now)).get(person_id)
    return sealed(key, record_access_id, kind, text) if key else None


def sealed(key: bytes, record_access_id: UUID, kind: bytes, text: str) -> bytes:
    return seal(key, text.encode(), record_access_id.bytes + kind)


def opened(key: bytes | None, record_access_id: UUID, kind: bytes, words: bytes | None, before: str) -> str:
    """What a case says; `before` is what one of an earlier release says openly."""
    if words is None:
        return before
    try:
        return unseal(key or b"", words, record_access_id.bytes + kind).decode()
    except Unreadable:
        return LET_GO
