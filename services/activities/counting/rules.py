"""How activities are counted and how a count is put into words. No I/O, no clock."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NamedTuple
from uuid import UUID, uuid5

from contracts.activities.v1 import ClosePeriod, CountKind, RegionLevel, SessionStatus
from contracts.data import AgeBand
from contracts.refusals import Refusal
from contracts.region import pad, prefix
from services.activities.counting import spans
from services.activities.sessions.rules import Session

RULE: Final = "attendance-count-1"
"""Version 1 of the rule (standards.md 2.12, A23, A24). Of closed sessions:
场次: sessions to which somebody identified came; those with declared heads alone are counted apart.
人次: one for each person in each session, however often scanned; reverted scans left out.
人数: distinct persons in the period and region. Declared heads are told beside, never added.
A session counts once, in its region and in each region above, whoever reports it."""

SPACE: Final = UUID("01990000-0000-7000-8000-00000000c0de")
EVERYTHING: Final = UUID(int=0)
BANDS: Final = {uuid5(SPACE, band.value): band for band in AgeBand}
BAND_TOPICS: Final = {band: topic for topic, band in BANDS.items()}
LEVELS: Final = {
    RegionLevel.PROVINCE: 2,
    RegionLevel.CITY: 4,
    RegionLevel.DISTRICT: 6,
    RegionLevel.STREET: 9,
    RegionLevel.COMMUNITY: 12,
}
LOWEST: Final = 12
_UNITS: Final = ((100_000_000, "亿"), (10_000, "万"), (1_000, ""), (100, ""))
_NEAR: Final = 20


class Place(NamedTuple):
    """A region as one of a level: what a street holds itself stands under its own code among its communities."""

    level: int
    region: str


class Topic(NamedTuple):
    kind: CountKind
    id: UUID


ALL: Final = Topic(CountKind.ALL, EVERYTHING)


class Key(NamedTuple):
    """What one number is about, but for its period."""

    kind: str
    topic: UUID
    level: int
    region: str


@dataclass(frozen=True, slots=True)
class Subject:
    """A session as it is counted: where, when, and under which topics (programme with the frames above it)."""

    session_id: UUID
    unit_id: UUID
    region: str
    site_id: UUID
    day: date
    programmes: tuple[UUID, ...]
    project_id: UUID | None = None

    @property
    def places(self) -> list[Place]:
        return [Place(level, pad(self.region[:level])) for level in LEVELS.values()]

    @property
    def topics(self) -> list[Topic]:
        """Topics of the session as a whole that are told at every level."""
        programmes = [Topic(CountKind.PROGRAMME, each) for each in self.programmes]
        return [ALL, *programmes, *([Topic(CountKind.PROJECT, self.project_id)] if self.project_id else [])]

    @property
    def site(self) -> Topic:
        """Told at the lowest level alone: a site is at one place."""
        return Topic(CountKind.SITE, self.site_id)


@dataclass(frozen=True, slots=True)
class Came:
    """Who came to a session: age band by person, and heads declared without names."""

    bands: Mapping[UUID, AgeBand]
    declared: int = 0

    def sums(self) -> "Sums":
        times = len(self.bands)
        return Sums(int(times > 0), times, int(self.declared > 0 and not times), self.declared)

    def sums_by_band(self) -> dict[AgeBand, "Sums"]:
        return {band: Sums(1, times, 0, 0) for band, times in Counter(self.bands.values()).items()}


class Sums(NamedTuple):
    """What adds up over sessions."""

    held: int = 0
    times: int = 0
    by_declaration: int = 0
    declared: int = 0

    def less(self, other: "Sums") -> "Sums":
        return Sums(*(mine - its for mine, its in zip(self, other, strict=True)))


def differences(subject: Subject, before: Came, after: Came) -> dict[Topic, Sums]:
    """By topic, what a change of a session adds to the sums; topics that it leaves as they are too."""
    whole = after.sums().less(before.sums())
    old, new = before.sums_by_band(), after.sums_by_band()
    bands = {
        Topic(CountKind.AUDIENCE, BAND_TOPICS[band]): new.get(band, Sums()).less(old.get(band, Sums()))
        for band in {*old, *new}
    }
    return dict.fromkeys((*subject.topics, subject.site), whole) | bands


def keys_of(subject: Subject, topics: Iterable[Topic]) -> list[tuple[Key, Topic]]:
    """Where the topics are told: at every level, a site at the lowest."""
    return [
        (Key(topic.kind.value, topic.id, place.level, place.region), topic)
        for topic in topics
        for place in subject.places
        if topic.kind is not CountKind.SITE or place.level == LOWEST
    ]


def level_of(region: str) -> int | None:
    """The level of a region's own numbers; None for the whole country, which is no report's region."""
    return len(prefix(region)) or None


def level_below(region: str, asked: RegionLevel | None) -> int:
    """The level by which a region is parted: the one asked for, or the next lower."""
    own = len(prefix(region))
    below = [level for level in LEVELS.values() if level > own]
    return max(LEVELS[asked], own) if asked else (below or [LOWEST])[0]


def may_close(session: Session, now: datetime) -> Refusal | None:
    """A session is counted from its start on. Refusals: session-cancelled, session-not-started."""
    if session.status is SessionStatus.CANCELLED:
        return Refusal("session-cancelled")
    return Refusal("session-not-started") if now < session.starts_at else None


def may_freeze(asked: ClosePeriod, uncounted: int, now: datetime) -> Refusal | None:
    """A period is frozen when it is over and all its sessions are counted, or are knowingly left to come later (A25).

    Refusals: region-too-wide, period-not-over, sessions-uncounted.
    """
    if level_of(asked.region) is None:
        return Refusal("region-too-wide")
    until = spans.bounds_of(asked.period)[1]
    if now < until:
        return Refusal("period-not-over", until=until.isoformat())
    if uncounted and not asked.leave_uncounted:
        return Refusal("sessions-uncounted", count=uncounted)
    return None


def one_topic(
    programme: UUID | None, project: UUID | None, site: UUID | None, audience: AgeBand | None = None
) -> Topic | Refusal:
    """The topic that a question is narrowed to. Refusal: one-topic-only."""
    named = [
        Topic(kind, id)
        for kind, id in (
            (CountKind.PROGRAMME, programme),
            (CountKind.PROJECT, project),
            (CountKind.SITE, site),
            (CountKind.AUDIENCE, BAND_TOPICS[audience] if audience else None),
        )
        if id is not None
    ]
    return Refusal("one-topic-only") if len(named) > 1 else (named or [ALL])[0]


def may_correct(
    came: Sequence[UUID],
    not_came: Sequence[UUID],
    evidence: str | None,
    counted: Mapping[UUID, UUID],
    known: Iterable[UUID],
) -> Refusal | None:
    """People are added on evidence and once, taken away by their attendance (A21, A22); `counted` maps attendance to
    person.

    Refusals: nothing-to-correct, evidence-missing, unknown-person, unknown-attendance, already-counted.
    """
    if not came and not not_came:
        return Refusal("nothing-to-correct")
    if came and evidence is None:
        return Refusal("evidence-missing")
    unknown = set(came) - set(known)
    if unknown:
        return Refusal("unknown-person", person_id=str(min(unknown)))
    if set(not_came) - counted.keys():
        return Refusal("unknown-attendance")
    staying = {person for attendance, person in counted.items() if attendance not in not_came}
    double = staying & set(came)
    if double or len(set(came)) < len(came):
        return Refusal("already-counted", person_id=str(min(double or came)))
    return None


def phrase(count: int, unit: str = "人次") -> str:
    """The official wording of an exact count, for beside it (features.md section 6, items S1 to S3): below 100 and
    round ones exact, `近` within a twentieth of the step before a round one, else the round one below with `多` (万,
    亿) or `余`: 41 -> `41人次`, 214 -> `200余`, 2,980 -> `近3000`, 41,236 -> `4万多`.
    """
    for step, name in _UNITS:
        if count >= step:
            whole, rest = divmod(count, step)
            if rest == 0:
                return f"{_round(count)}{unit}"
            if (step - rest) * _NEAR <= step:
                return f"近{_round((whole + 1) * step)}{unit}"
            return f"{_round(whole * step)}{'多' if name else '余'}{unit}"
    return f"{count}{unit}"


def _round(count: int) -> str:
    """A round number as it is written: 3000, 4万, 1亿."""
    for step, name in _UNITS[:2]:
        if count >= step and count % step == 0:
            return f"{count // step}{name}"
    return str(count)
