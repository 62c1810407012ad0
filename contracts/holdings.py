"""What a service holds about one person, as it is handed to her (PIPL 45): the same shape in every service."""

from typing import Annotated
from uuid import UUID

from .data import PERSONAL, Code, Instant
from .message import Part


class HeldFact(Part):
    """One field of a record, as text."""

    name: Code
    value: Annotated[str, PERSONAL]


class HeldRecord(Part):
    """One record; `kind` says what it is, and so under which rule it is kept."""

    kind: Code
    record_id: UUID
    at: Instant | None
    facts: tuple[HeldFact, ...]


class Holdings(Part):
    """All records of one service; `cut` when there are more than one answer carries: the newest are there."""

    service: Code
    records: tuple[HeldRecord, ...]
    cut: bool = False
