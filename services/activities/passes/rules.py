"""Which pass a check-in takes a visit of, and who may get one (A33). No I/O, no clock."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from contracts.activities.v1 import CourseKind, IssueCoursePass
from contracts.data import SiteType
from contracts.refusals import Refusal
from services.activities.sessions.rules import Session

LONGEST: Final = timedelta(days=731)
Place = tuple[UUID, UUID]


@dataclass(frozen=True, slots=True)
class CoursePass:
    """So many visits of one person to a programme or series at one site."""

    pass_id: UUID
    person_id: UUID
    site_id: UUID
    course_id: UUID
    kind: CourseKind
    visits: int
    used: int
    valid_until: date
    price_cents: int
    ended: bool
    version: int
    region: str

    def covers(self, session: Session) -> bool:
        course = session.series_id if self.kind is CourseKind.SERIES else session.programme_id
        return self.site_id == session.site_id and self.course_id == course and not self.ended

    def taken(self, visits: int = 1) -> "CoursePass":
        """With a visit more that is used, or given back; the next fact of it."""
        return replace(self, used=self.used + visits, version=self.version + 1)


@dataclass(frozen=True, slots=True)
class Use:
    """A visit that a check-in takes, and the pass after it."""

    attendance_id: UUID
    session_id: UUID
    after: CoursePass


@dataclass(slots=True)
class PassBook:
    """The passes of one batch of scans: `needing` are sessions entered by pass alone, `passes` those of who comes."""

    needing: set[UUID] = field(default_factory=set)
    passes: dict[UUID, CoursePass] = field(default_factory=dict)
    uses: dict[Place, Use] = field(default_factory=dict)

    def may_enter(self, session: Session, person_id: UUID, day: date) -> CoursePass | Refusal | None:
        """The pass that a new check-in takes a visit of; None where none is needed.

        Refusals: pass-missing, pass-expired, pass-empty.
        """
        if session.session_id not in self.needing:
            return None
        held = [each for each in self.passes.values() if each.person_id == person_id and each.covers(session)]
        return choose(held, day)

    def use(self, course_pass: CoursePass, session_id: UUID, attendance_id: UUID) -> None:
        after = course_pass.taken()
        self.passes[after.pass_id] = after
        self.uses[session_id, after.person_id] = Use(attendance_id, session_id, after)


def choose(held: Sequence[CoursePass], day: date) -> CoursePass | Refusal:
    """Of several passes the one that ends first. Refusals: pass-missing, pass-expired, pass-empty."""
    good = [each for each in held if each.valid_until >= day]
    left = [each for each in good if each.used < each.visits]
    if left:
        return min(left, key=lambda each: (each.valid_until, each.pass_id))
    if good:
        return Refusal("pass-empty", visits=max(each.visits for each in good))
    if held:
        return Refusal("pass-expired", valid_until=max(each.valid_until for each in held).isoformat())
    return Refusal("pass-missing")


def may_issue(command: IssueCoursePass, site_type: str | None, today: date) -> Refusal | None:
    """A 儿童之家 takes no money; what is sold has a receipt. Refusals: date-wrong, free-of-charge, evidence-missing."""
    if not today <= command.valid_until <= today + LONGEST:
        return Refusal("date-wrong")
    if command.price_cents and site_type == SiteType.CHILDRENS_HOME:
        return Refusal("free-of-charge")
    return Refusal("evidence-missing") if command.price_cents and command.receipt is None else None


def given_back(passes: Iterable[CoursePass], uses: Iterable[tuple[UUID, UUID, UUID]]) -> list[Use]:
    """Uses (attendance, session, pass) that are given back one after the other; each pass counts on."""
    now = {each.pass_id: each for each in passes}
    returned = []
    for attendance_id, session_id, pass_id in uses:
        now[pass_id] = now[pass_id].taken(-1)
        returned.append(Use(attendance_id, session_id, now[pass_id]))
    return returned
