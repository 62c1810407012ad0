"""What a health note says is sealed with a key of the child's."""

from typing import Final

from contracts.activities.v1 import GiveHealthNote
from services.activities.sealing import fetch_keys, sealed
from services.chassis.handlers import Ask

PURPOSE: Final = "health-note"


async def seal_text(command: GiveHealthNote, ask: Ask) -> bytes | None:
    """The text as it is kept; None for a child that registry does not know."""
    key = (await fetch_keys([command.child_id], ask, PURPOSE)).get(command.child_id)
    return sealed(key, command.note_id, command.text) if key else None
