"""Course passes (次卡): a number of visits to a programme or series at one site, sold or given free (A33).

Not the code by which a door knows somebody: that is a pass of `get-passes` (door.py).
"""

from datetime import date
from uuid import UUID

from pydantic import Field

from ...data import Code, Instant, OpenEnum, PersonId, SessionId, SiteId, Slug
from ...message import Command, Event, Part, Query
from .. import refusals as refusals

__all__ = [
    "CourseKind",
    "CoursePassList",
    "CoursePassState",
    "CoursePassUses",
    "EndCoursePass",
    "GetCoursePass",
    "IssueCoursePass",
    "ListCoursePasses",
    "PassEnded",
    "PassIssued",
    "PassReturned",
    "PassRuleSet",
    "PassRuleState",
    "PassUse",
    "PassUsed",
    "SetPassRule",
]


class CourseKind(OpenEnum):
    """What a pass is for: every session of a programme at the site, or of one series."""

    UNKNOWN = "unknown"
    PROGRAMME = "programme"
    SERIES = "series"


class PassRuleState(Part):
    course_id: UUID
    kind: CourseKind
    by_pass: bool
    version: int


class SetPassRule(
    Command[PassRuleState],
    name="set-pass-rule",
    permission="activities.plan",
    http="POST /v1/courses/{course_id}/pass-rule",
    refusals=("unknown-course",),
):
    """The sessions of a programme or series are entered by pass alone, or no more; a series' own rule goes before that
    of its programme. It holds for sessions that are planned already, from the next scan on."""

    course_id: UUID
    kind: CourseKind
    by_pass: bool


class PassRuleSet(Event, fact="pass-rule.set"):
    """`pass_rule_id` is the id of the programme or series."""

    pass_rule_id: UUID
    kind: CourseKind
    by_pass: bool


class CoursePassState(Part):
    pass_id: UUID
    person_id: PersonId
    site_id: SiteId
    course_id: UUID
    kind: CourseKind
    visits: int
    used: int
    valid_until: date
    price_cents: int
    ended: bool
    version: int


class IssueCoursePass(
    Command[CoursePassState],
    name="issue-course-pass",
    permission="activities.passes.issue",
    http="POST /v1/course-passes",
    refusals=(
        "course-pass-exists",
        "unknown-person",
        "person-restricted",
        "unknown-site",
        "site-closed",
        "unknown-course",
        "date-wrong",
        "free-of-charge",
        "evidence-missing",
    ),
):
    """A site sells or gives somebody so many visits until a last day, at most two years ahead.

    What is sold needs the number of its receipt. A children's home (儿童之家) is free of charge: it sells none.
    """

    pass_id: UUID
    person_id: PersonId
    site_id: SiteId
    course_id: UUID
    kind: CourseKind
    visits: int = Field(10, ge=1, le=1000)
    valid_until: date
    price_cents: int = Field(0, ge=0, le=10_000_000)
    receipt: Slug | None = None


class PassIssued(Event, fact="pass.issued"):
    pass_id: UUID
    person_id: PersonId
    site_id: SiteId
    course_id: UUID
    kind: CourseKind
    visits: int
    valid_until: date


class PassUsed(Event, fact="pass.used"):
    """A check-in took a visit: one a session, however often its holder comes and goes."""

    pass_id: UUID
    person_id: PersonId
    session_id: SessionId
    attendance_id: UUID
    used: int
    visits: int


class PassReturned(Event, fact="pass.returned"):
    """A visit was given back: its check-in was taken back, or the session was called off."""

    pass_id: UUID
    person_id: PersonId
    session_id: SessionId
    attendance_id: UUID
    used: int
    visits: int


class EndCoursePass(
    Command[CoursePassState],
    name="end-course-pass",
    permission="activities.passes.issue",
    http="POST /v1/course-passes/{pass_id}/end",
    refusals=("unknown-course-pass", "course-pass-ended"),
):
    """No visit is taken from it any more: it was paid back, lost, or issued by mistake; what was used stays."""

    pass_id: UUID
    reason: Code


class PassEnded(Event, fact="pass.ended"):
    pass_id: UUID
    person_id: PersonId
    used: int
    visits: int
    reason: Code


class PassUse(Part):
    session_id: SessionId
    attendance_id: UUID
    used_at: Instant
    returned_at: Instant | None


class CoursePassUses(Part):
    course_pass: CoursePassState
    uses: tuple[PassUse, ...]


class GetCoursePass(
    Query[CoursePassUses],
    name="get-course-pass",
    permission="activities.roster.read",
    http="GET /v1/course-passes/{pass_id}",
    refusals=("unknown-course-pass",),
):
    """A pass with every visit that was taken from it, given back or not, oldest first."""

    pass_id: UUID


class CoursePassList(Part):
    passes: tuple[CoursePassState, ...]


class ListCoursePasses(
    Query[CoursePassList],
    name="list-course-passes",
    permission="activities.roster.read",
    http="GET /v1/people/{person_id}/course-passes",
):
    """The passes that somebody has at the sites of the asker's region, the last to expire first; at most 100."""

    person_id: PersonId
