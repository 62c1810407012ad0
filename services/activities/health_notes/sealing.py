"""What a note says is sealed with a key of the child's that registry derives, and lends for the moment (0021)."""

from collections.abc import Collection, Mapping
from typing import Final
from uuid import UUID

from contracts.activities.v1 import GiveHealthNote
from contracts.registry.v1 import GetSealingKeys
from services.chassis.cipher import Unreadable, seal, unseal
from services.chassis.handlers import Ask

PURPOSE: Final = "health-note"
AT_ONCE: Final = 500
Keys = Mapping[UUID, bytes]


async def fetch_keys(children: Collection[UUID], ask: Ask, purpose: str = PURPOSE) -> Keys:
    """The keys of the people for a purpose; an erased one has none. Raises Refused where registry is away."""
    keys: dict[UUID, bytes] = {}
    wanted = sorted(children)
    for start in range(0, len(wanted), AT_ONCE):
        found = await ask(GetSealingKeys(people=tuple(wanted[start : start + AT_ONCE]), purpose=purpose))
        keys |= {each.person_id: bytes.fromhex(each.sealing_key) for each in found.keys}
    return keys


async def seal_text(command: GiveHealthNote, ask: Ask) -> bytes | None:
    """The text as it is kept; None for a child that registry does not know."""
    key = (await fetch_keys([command.child_id], ask)).get(command.child_id)
    return sealed(key, command.note_id, command.text) if key else None


def sealed(key: bytes, note_id: UUID, text: str) -> bytes:
    return seal(key, text.encode(), note_id.bytes)


def opened(key: bytes, note_id: UUID, text: bytes) -> str | None:
    """What a note says; None when it was sealed with another key."""
    try:
        return unseal(key, text, note_id.bytes).decode()
    except Unreadable:
        return None
