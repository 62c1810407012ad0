"""What a service says when it has let go of records whose time was over (X17): the same in every service."""

from uuid import UUID

from .data import Code, Sentence
from .message import Event


class Purged(Event):
    """`gone` records of a class went by the schedule, `held` stay because a hold lies on them. `record_id` is this run.

    `source` is the law, and `days` the time after the end of their purpose, by which they were kept.
    """

    record_id: UUID
    record_class: Code
    gone: int
    held: int
    days: int
    source: Sentence
