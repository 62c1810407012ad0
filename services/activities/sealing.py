"""Words about a person are sealed with a key of hers that registry derives for a purpose, and lends for the moment
(docs/decisions/0021)."""

from collections.abc import Collection, Mapping
from typing import Final
from uuid import UUID

from contracts.registry.v1 import GetSealingKeys
from services.chassis.cipher import Unreadable, seal, unseal
from services.chassis.handlers import Ask

AT_ONCE: Final = 500
Keys = Mapping[UUID, bytes]


async def fetch_keys(people: Collection[UUID], ask: Ask, purpose: str) -> Keys:
    """The keys of the people for a purpose; an erased one has none. Raises Refused where registry is away."""
    keys: dict[UUID, bytes] = {}
    wanted = sorted(people)
    for start in range(0, len(wanted), AT_ONCE):
        found = await ask(GetSealingKeys(people=tuple(wanted[start : start + AT_ONCE]), purpose=purpose))
        keys |= {each.person_id: bytes.fromhex(each.sealing_key) for each in found.keys}
    return keys


def sealed(key: bytes, note_id: UUID, text: str) -> bytes:
    """Bound to its note: at another's place it does not open."""
    return seal(key, text.encode(), note_id.bytes)


def opened(key: bytes, note_id: UUID, text: bytes) -> str | None:
    """What a note says; None when it was sealed with another key."""
    try:
        return unseal(key, text, note_id.bytes).decode()
    except Unreadable:
        return None
