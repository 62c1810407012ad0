"""People and office: what is asked and the facts stated."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from ...data import (
    INTERNAL,
    AgeBand,
    Code,
    EmailAddress,
    PersonId,
    PersonName,
    UnitId,
)
from ...message import Command, Event, Part, Query
from ...region import RegionCode
from .. import refusals as refusals
from .codes import PostKind

__all__ = [
    "Appoint",
    "AppointmentEnded",
    "AppointmentState",
    "Contact",
    "Contacts",
    "EndAppointment",
    "GetContacts",
    "ListOfficers",
    "Officers",
    "PersonAppointed",
    "PersonRegistered",
    "PersonState",
    "RegisterPerson",
]

Language = Annotated[str, Field(pattern="^(zh|en)$"), INTERNAL]
"""Of her messages."""


class PersonState(Part):
    """`restricted`: her data are kept and nothing else is done with them (PIPL 44, 47)."""

    person_id: PersonId
    age_band: AgeBand
    version: int
    restricted: bool = False


class RegisterPerson(
    Command[PersonState],
    name="register-person",
    permission="registry.people.register",
    http="POST /v1/people",
    refusals=("unknown-person", "person-exists", "guardian-needed", "guardian-is-minor"),
):
    """Registers a person at home in registry, the only home of personal data (PIPL 6; never matched on phone, R29).

    A person under 18 needs a guardian who is registered and of age. `language` is that of her messages.
    """

    person_id: PersonId
    region: RegionCode
    name: PersonName
    age_band: AgeBand
    email: EmailAddress | None = None
    language: Language = "zh"
    guardian_id: PersonId | None = None


class PersonRegistered(Event, fact="person.registered"):
    """A person exists; others know her by this id alone."""

    person_id: PersonId
    age_band: AgeBand
    guardian_id: PersonId | None = None


class Contact(Part):
    """Whom a message reaches. For a minor these are the guardian's; `person_id` is the one asked for."""

    person_id: PersonId
    name: PersonName
    email: EmailAddress | None
    language: Annotated[str, INTERNAL]


class Contacts(Part):
    contacts: tuple[Contact, ...]


class GetContacts(Query[Contacts], name="get-contacts", permission="registry.contacts.read", http="GET /v1/contacts"):
    """Names and addresses of persons for one purpose, asked at the moment of sending; unknown ids are left out."""

    people: tuple[PersonId, ...] = Field(min_length=1, max_length=200)
    purpose: Code


class AppointmentState(Part):
    appointment_id: UUID
    person_id: PersonId
    unit_id: UnitId
    post: PostKind
    since: date
    until: date | None


class Appoint(
    Command[AppointmentState],
    name="appoint",
    permission="registry.appointments.decide",
    http="POST /v1/units/{unit_id}/appointments",
    refusals=("unknown-unit", "unknown-person", "appointment-overlaps", "duties-conflict"),
):
    """A person takes a post at a unit from a day on (R4, R5)."""

    appointment_id: UUID
    unit_id: UnitId
    person_id: PersonId
    post: PostKind
    since: date


class PersonAppointed(Event, fact="appointment.started"):
    appointment_id: UUID
    person_id: PersonId
    unit_id: UnitId
    post: PostKind
    since: date


class EndAppointment(
    Command[AppointmentState],
    name="end-appointment",
    permission="registry.appointments.decide",
    http="POST /v1/appointments/{appointment_id}/end",
    refusals=("unknown-appointment", "appointment-ended", "ends-before-start"),
):
    """The last day in a post. As long as she is in office it can be told anew, if it is earlier."""

    appointment_id: UUID
    until: date


class AppointmentEnded(Event, fact="appointment.ended"):
    appointment_id: UUID
    person_id: PersonId
    unit_id: UnitId
    post: PostKind
    until: date


class Officers(Part):
    appointments: tuple[AppointmentState, ...]


class ListOfficers(
    Query[Officers],
    name="list-officers",
    permission="registry.read",
    http="GET /v1/units/{unit_id}/officers",
    refusals=("unknown-unit",),
):
    """Who held which post at a unit on a day (R5); a post nobody holds is not in the list."""

    unit_id: UnitId
    on: date
