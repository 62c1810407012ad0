"""Which programme may be created. No I/O, no clock."""

from dataclasses import dataclass
from typing import Any

from contracts.activities.v1 import AmendProgramme, CreateProgramme
from contracts.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Programme:
    """A programme as it stands; `version` counts its facts."""

    created: CreateProgramme
    version: int


def may_create(command: CreateProgramme, known: Programme | None, parent_known: bool) -> Refusal | None:
    """A programme stands alone or under a frame that exists; creating the same one again changes nothing (A1, A4).

    Refusals: programme-exists, unknown-programme.
    """
    if known is not None:
        same = known.created == command
        return None if same else Refusal("programme-exists", programme_id=str(command.programme_id))
    if command.parent_id is not None and not parent_known:
        return Refusal("unknown-programme", programme_id=str(command.parent_id))
    return None


def amended(known: CreateProgramme, command: AmendProgramme) -> CreateProgramme:
    """The programme after what the command gives."""
    given: dict[str, Any] = {
        name: value
        for name in ("name", "theme", "year", "members", "project_id")
        if (value := getattr(command, name)) is not None
    }
    if command.no_project:
        given["project_id"] = None
    return known.model_copy(update=given)
