"""The account: what was answered against what was kept, what was committed against what was applied. Pure."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from pydantic_core import from_json

from contracts.activities.v1 import AcceptOffer, Enrol, RecordAttendance, ScheduleSession, WithdrawEnrolment
from contracts.message import Command
from contracts.region import matches
from contracts.registry.v1 import RegisterPerson, WithdrawConsent
from tests.chaos.callers import Asked
from tests.chaos.evidence import Evidence, Said

SPEAKS: Final = (
    RegisterPerson, WithdrawConsent, ScheduleSession, Enrol, WithdrawEnrolment, AcceptOffer, RecordAttendance,
)  # fmt: skip
"""Commands that never succeed without stating a fact."""
HOLDS_SEATS: Final = ("confirmed", "offered")


@dataclass(slots=True)
class Account:
    """Findings by what is wrong with them, and the sums by service and consumer."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    backwards: list[str] = field(default_factory=list)
    services: list[dict[str, Any]] = field(default_factory=list)
    consumers: list[dict[str, Any]] = field(default_factory=list)
    quarantined: int = 0
