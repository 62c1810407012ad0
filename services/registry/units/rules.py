"""Which organisation may be registered where. No I/O, no clock."""

from typing import Final

from contracts.refusals import Refusal
from contracts.region import covers
from contracts.registry.v1 import DivisionState, RegisterUnit, UnitLevel, UnitState

LEVELS: Final = (UnitLevel.CITY, UnitLevel.DISTRICT, UnitLevel.STREET, UnitLevel.COMMUNITY)


def may_register(
    command: RegisterUnit, known: UnitState | None, parent: UnitState | None, division: DivisionState | None
) -> Refusal | None:
    """A unit stands at the level of its division, below a parent that covers it (R1).

    A functional area (西部新区) is no division: it stands at any level below its parent. Refusals:
    unit-exists, division-code-unknown, unknown-unit, level-mismatch.
    """
    if known is not None:
        return Refusal("unit-exists", unit_id=str(command.unit_id))
    if division is None:
        return Refusal("division-code-unknown", code=command.region)
    if command.parent_id is not None and parent is None:
        return Refusal("unknown-unit", unit_id=str(command.parent_id))
    if command.level in LEVELS and command.level.value != division.level.value:
        return Refusal("level-mismatch", level=command.level.value)
    if parent is not None and not _below(command, parent):
        return Refusal("level-mismatch", level=command.level.value)
    return None


def _below(command: RegisterUnit, parent: UnitState) -> bool:
    if command.level in LEVELS and parent.level in LEVELS and LEVELS.index(parent.level) >= LEVELS.index(command.level):
        return False
    return covers(parent.region, command.region)
