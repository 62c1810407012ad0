"""Which programme may be created. No I/O, no clock."""

from contracts.activities.v1 import CreateProgramme
from contracts.refusals import Refusal


def may_create(command: CreateProgramme, known: CreateProgramme | None, parent_known: bool) -> Refusal | None:
    """A programme stands alone or under a frame that exists; creating the same one again changes nothing (A1, A4).

    Refusals: programme-exists, unknown-programme.
    """
    if known is not None:
        same = known == command
        return None if same else Refusal("programme-exists", programme_id=str(command.programme_id))
    if command.parent_id is not None and not parent_known:
        return Refusal("unknown-programme", programme_id=str(command.parent_id))
    return None
