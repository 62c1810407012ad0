"""Who may take part, and until when a family may enrol (A7). No I/O, no clock."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.activities.v1 import SessionStatus
from contracts.data import AgeBand
from contracts.refusals import Refusal
from services.activities.sessions.rules import Session


@dataclass(frozen=True, slots=True)
class Person:
    """What enrolment knows of a person: age band, home region, whether taking part in activities is agreed to, and
    whether she had the use of her data restricted."""

    age_band: AgeBand
    consented: bool
    region: str | None = None
    restricted: bool = False


def may_enrol_now(session: Session, now: datetime) -> Refusal | None:
    """Enrolment is open until the session starts. Refusals: session-cancelled, window-closed."""
    if session.status is SessionStatus.CANCELLED:
        return Refusal("session-cancelled")
    if session.starts_at <= now or session.status is SessionStatus.CLOSED:
        return Refusal("window-closed")
    return None


def may_take_part(
    people: Sequence[UUID], contact: UUID, known: Mapping[UUID, Person], session: Session
) -> Refusal | None:
    """The first reason against, if any. Refusals: unknown-person, not-eligible, guardian-consent-missing."""
    return next(reasons_against(people, contact, known, session), None)


def reasons_against(
    people: Sequence[UUID], contact: UUID, known: Mapping[UUID, Person], session: Session
) -> Iterator[Refusal]:
    """Everybody is known, of the audience, and under 14 only with the guardian's consent (A7, PIPL article 31).

    Where a session names an audience, an adult (18 and older) of another age may come along with a child of the
    audience in the same enrolment. Of people who are not known, or had the use of their data restricted (PIPL 44),
    nothing more is said.
    """
    unusable = [person_id for person_id in (contact, *people) if person_id not in known or known[person_id].restricted]
    for person_id in unusable:
        code = "person-restricted" if person_id in known else "unknown-person"
        yield Refusal(code, person_id=str(person_id))
    if unusable:
        return
    if session.audience:
        bands = [known[person_id].age_band for person_id in people]
        with_child = any(band.is_minor and band in session.audience for band in bands)
        for person_id, band in zip(people, bands, strict=True):
            if not (band in session.audience or (with_child and not band.is_minor)):
                needed = ", ".join(sorted(each.value for each in session.audience))
                yield Refusal("not-eligible", needed=needed, person_id=str(person_id))
    yield from consents_missing(people, known)


def may_be_confirmed(people: Sequence[UUID], known: Mapping[UUID, Person]) -> Refusal | None:
    """The first consent that is missing, if any. Refusal: guardian-consent-missing."""
    return next(consents_missing(people, known), None)


def consents_missing(people: Sequence[UUID], known: Mapping[UUID, Person]) -> Iterator[Refusal]:
    """No child under 14 gets a seat without her guardian's consent (PIPL 31).

    Whoever is not known any more gave none.
    """
    for person_id in people:
        person = known.get(person_id)
        if person is None or (person.age_band.is_under_14 and not person.consented):
            yield Refusal("guardian-consent-missing", person_id=str(person_id))
