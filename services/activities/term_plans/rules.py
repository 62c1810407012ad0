"""What a row of a plan would do to what is planned already, and whether it can be taken back. No I/O, no clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any, Final, Self
from uuid import UUID, uuid5

from contracts.activities.v1 import PlanReview, PlanRow, SessionMode, SessionStatus
from contracts.data import AgeBand
from contracts.refusals import Refusal
from services.activities.sessions import rules
from services.activities.sessions.changing import changed, differing, is_moved, may_move
from services.activities.sessions.rules import SHANGHAI, Plan, Session, Site
from services.activities.term_plans.rows import Entry

NEW, CHANGED, UNCHANGED, REFUSED, GONE = "new", "changed", "unchanged", "refused", "gone"
DECIDED: Final = (
    "title", "programme_id", "site_id", "room_id", "starts_at", "ends_at", "capacity", "audience", "set_up",
    "clear_up", "permit_number",
)  # fmt: skip
"""What a sheet says of a session; everything else stays as it is."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row, what it would do, and why not; `site_id` and `plan` are None where the row could not be read."""

    row: int
    outcome: str
    site_id: UUID | None = None
    plan: Plan | None = None
    session_id: UUID | None = None
    fields: tuple[str, ...] = ()
    reason: str | None = None
    params: dict[str, Any] = field(default_factory=dict)

    def refused(self, refusal: Refusal) -> "Line":
        return replace(self, outcome=REFUSED, fields=(), reason=refusal.code, params=dict(refusal.params))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A session as planning left it, without its seats."""

    session_id: UUID
    title: str
    programme_id: UUID
    site_id: UUID
    room_id: UUID
    starts_at: datetime
    ends_at: datetime
    capacity: int
    audience: frozenset[AgeBand]
    queue_open: bool
    permit_number: str | None
    supplier_unit_id: UUID | None
    mode: SessionMode
    join_link: str | None
    set_up: int
    clear_up: int
    expected_heads: int | None
    status: SessionStatus
    version: int

    @classmethod
    def of(cls, session: Session) -> Self:
        return cls(**{each.name: getattr(session, each.name) for each in fields(cls)})


@dataclass(frozen=True, slots=True)
class Applied:
    """What applying did to a session: as it was before, None for a new one, and as it was left."""

    before: Snapshot | None
    after: Snapshot


@dataclass(frozen=True, slots=True)
class Names:
    """What names mean within the plan's region: ids by name, more than one where a name is ambiguous."""

    sites: Mapping[str, Sequence[UUID]]
    rooms: Mapping[tuple[UUID, str], Sequence[UUID]]
    programmes: Mapping[str, Sequence[UUID]]


def line_of(plan_id: UUID, row: int, entry: Entry | Refusal, names: Names) -> Line:
    """A row with its names resolved. Refusals: those of reading it, name-unknown, name-ambiguous."""
    if isinstance(entry, Refusal):
        return Line(row, REFUSED).refused(entry)
    site_id = _named("阵地", names.sites.get(entry.site, ()))
    if isinstance(site_id, Refusal):
        return Line(row, REFUSED).refused(site_id)
    room_id = _named("房间", names.rooms.get((site_id, entry.room), ()))
    programme_id = _named("项目", names.programmes.get(entry.programme, ()))
    for found in (room_id, programme_id):
        if isinstance(found, Refusal):
            return Line(row, REFUSED).refused(found)
    assert isinstance(room_id, UUID)
    assert isinstance(programme_id, UUID)
    session_id = uuid5(plan_id, entry.number or f"{site_id} {room_id} {entry.day} {entry.begins:%H:%M}")
    plan = Plan(
        session_id=session_id,
        title=entry.title,
        programme_id=programme_id,
        room_id=room_id,
        starts_at=datetime.combine(entry.day, entry.begins, SHANGHAI),
        ends_at=datetime.combine(entry.day, entry.ends, SHANGHAI),
        capacity=entry.capacity,
        audience=entry.audience,
        queue_open=True,
        permit_number=entry.permit_number,
        set_up=entry.set_up,
        clear_up=entry.clear_up,
    )
    return Line(row, NEW, site_id, plan, session_id)


def _named(column: str, found: Sequence[UUID]) -> UUID | Refusal:
    if len(found) == 1:
        return found[0]
    return Refusal("name-ambiguous" if found else "name-unknown", column=column)


def mark_repeated(lines: Sequence[Line]) -> list[Line]:
    """A session named twice in a sheet is refused the second time. Refusal: row-repeated."""
    seen: dict[UUID, int] = {}
    marked = []
    for line in lines:
        first = seen.setdefault(line.session_id, line.row) if line.session_id else line.row
        marked.append(line if first == line.row else line.refused(Refusal("row-repeated", row=first)))
    return marked


def weigh(line: Line, before: Session | None, site: Site, now: datetime) -> tuple[Line, Session | None]:
    """What a readable row would do, and the session as it would change it; rooms are looked at afterwards.

    Refusals: those of planning, session-changed, seats-promised, other-region.
    """
    plan = line.plan
    assert plan is not None
    if before is None:
        refusal = Refusal("site-closed", site_id=str(site.site_id)) if site.closed else None
        refusal = refusal or rules.may_hold(plan, site, now)
        return (line.refused(refusal) if refusal else replace(line, outcome=NEW)), None
    wanted = {name: site.site_id if name == "site_id" else getattr(plan, name) for name in DECIDED}
    if plan.permit_number is None:
        del wanted["permit_number"]
    names = differing(before, wanted)
    if not names:
        return replace(line, outcome=UNCHANGED), None
    after = changed(before, wanted, by_hand=False)
    refusal = _may_be_changed(before, after, site, now)
    if refusal:
        return line.refused(refusal), None
    return replace(line, outcome=CHANGED, fields=tuple(sorted(names))), after


def _may_be_changed(before: Session, after: Session, site: Site, now: datetime) -> Refusal | None:
    if rules.may_change(before, now):
        return Refusal("session-changed")
    permitted_anew = before.permit_number != after.permit_number
    return (
        may_move(before, after, site, permitted_anew=permitted_anew)
        or rules.may_seat(before, after)
        or (rules.may_hold(after, site, now) if is_moved(before, after) else rules.may_fill(after, site))
    )


def may_undo(applied: Sequence[Applied], now: Mapping[UUID, Session]) -> Refusal | None:
    """Nobody holds or awaits a seat, and every session is as it was left, published at most. Refusal: plan-used."""
    for each in applied:
        session = now.get(each.after.session_id)
        if session is None or session.seats_taken or session.waiting or not _is_as_left(session, each.after):
            return Refusal("plan-used", session_id=str(each.after.session_id))
    return None


def _is_as_left(session: Session, left: Snapshot) -> bool:
    if left.status is SessionStatus.DRAFTED and session.status is SessionStatus.PUBLISHED and session.version == 1:
        left = replace(left, status=session.status, version=session.version)
    return Snapshot.of(session) == left


def review_of(upload_id: UUID, plan_id: UUID, status: str, lines: Sequence[Line]) -> PlanReview:
    """The rows as a person reviews them, with how many there are of each kind."""
    counts = {kind: sum(line.outcome == kind for line in lines) for kind in (NEW, CHANGED, UNCHANGED, REFUSED, GONE)}
    rows = tuple(_row_of(line) for line in lines)
    return PlanReview(upload_id=upload_id, plan_id=plan_id, status=status, rows=rows, **counts)


def _row_of(line: Line) -> PlanRow:
    reason = Refusal(line.reason).reason if line.reason else None
    return PlanRow(
        row=line.row,
        outcome=line.outcome,
        session_id=line.session_id,
        title=line.plan.title if line.plan else None,
        day=line.plan.starts_at.astimezone(SHANGHAI).date() if line.plan else None,
        fields=line.fields,
        reason=line.reason,
        zh=reason.sentence("zh", line.params) if reason else None,
        en=reason.sentence("en", line.params) if reason else None,
    )
