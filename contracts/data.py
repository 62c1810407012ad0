"""The kinds of data a message may carry, each with its data class (architecture section 4, standards 1.7 and 1.8)."""

import re
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    StringConstraints,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema


class DataClass(StrEnum):
    """How far a field may travel. Events take PUBLIC and INTERNAL alone; the others stay in commands and queries."""

    PUBLIC = "public"
    INTERNAL = "internal"
    PERSONAL = "personal"
    SENSITIVE = "sensitive"
    MINOR = "minor"
    SECRET = "secret"


PUBLIC, INTERNAL, PERSONAL = DataClass.PUBLIC, DataClass.INTERNAL, DataClass.PERSONAL
SENSITIVE, MINOR, SECRET = DataClass.SENSITIVE, DataClass.MINOR, DataClass.SECRET

ID_NUMBER = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")
ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f]")
EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def holds_id_number(text: str) -> bool:
    """True when the text holds a resident identity number with a valid check digit (GB 11643)."""
    return any(_id_check_digit(found[:17]) == found[17].upper() for found in ID_NUMBER.findall(text))


def _id_check_digit(digits: str) -> str:
    total = sum(weight * int(digit) for weight, digit in zip(ID_WEIGHTS, digits, strict=True))
    return "10X98765432"[total % 11]


def refuse_id_number(text: str) -> str:
    if len(text) > 17 and holds_id_number(text):
        raise PydanticCustomError("id-number-not-accepted", "an identity number is not accepted in any field")
    if CONTROL.search(text):
        raise PydanticCustomError("control-character", "control characters are not accepted in text")
    return text


def _check_uscc(code: str) -> str:
    """Checks the last character of a unified social credit code (GB 32100-2015)."""
    total = sum(USCC_ALPHABET.index(character) * pow(3, place, 31) for place, character in enumerate(code[:17]))
    if USCC_ALPHABET[(31 - total % 31) % 31] != code[17]:
        raise PydanticCustomError("uscc-checksum", "the check character of the social credit code is wrong")
    return code


def _to_utc(moment: datetime) -> datetime:
    if not EARLIEST <= moment <= LATEST:
        raise PydanticCustomError("moment-out-of-range", "a moment lies between 1900 and 2199")
    return moment.astimezone(UTC)


class OpenEnum(StrEnum):
    """A list of codes that may grow.

    Writers must use a known code. Readers of events (validation context `tolerant`) take an unknown one as the
    member UNKNOWN, which every subclass has, so that one new code never stops an old consumer (promise 9).
    """

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        members = {member.value: member for member in cls if member.value != "unknown"}

        def pick(value: Any, info: core_schema.ValidationInfo) -> OpenEnum:
            member = members.get(value) if isinstance(value, str) else None
            if member is None and info.context and info.context.get("tolerant"):
                return cls("unknown")
            if member is None:
                raise PydanticCustomError("unknown-code", "must be one of {known}", {"known": ", ".join(members)})
            return member

        return core_schema.with_info_plain_validator_function(
            pick,
            serialization=core_schema.to_string_ser_schema(),
            json_schema_input_schema=core_schema.literal_schema(list(members)),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, _: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "enum": [member.value for member in cls if member.value != "unknown"]}


Instant = Annotated[AwareDatetime, AfterValidator(_to_utc)]
"""A moment with an offset, kept in UTC."""

Minutes = Annotated[int, Field(ge=0, le=1440)]
"""Whole minutes of one day."""

Seats = Annotated[int, Field(ge=0, le=100_000)]

_no_id_number = AfterValidator(refuse_id_number)
_text = (_no_id_number, PUBLIC)
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80), *_text]
"""A public name of a thing (session, site, unit): 1 to 80 characters, never of a person."""

PlaceText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120), *_text]
"""A place as somebody wrote it: 1 to 120 characters."""

PublicNote = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400), *_text]
"""A public sentence (risk notice, reason of a cancellation): 1 to 400 characters, never about a person."""

Sentence = Annotated[str, StringConstraints(max_length=2_000), *_text]
"""A public sentence that the system made itself."""

Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$"), PUBLIC]
"""SHA-256 in small hexadecimal digits."""

Lines = Annotated[
    str,
    StringConstraints(min_length=1, max_length=400_000, pattern=r"^(?:\d{0,16}[^\d\x00-\x08\x0b-\x1f])*\d{0,16}$"),
    PUBLIC,
]
"""Rows of a public table as text: one a line, fields parted by TAB. No 17 digits in a row, hence no identity number.

That is said as a pattern because each hop checks every character: 0.1 us a line, where the validators of a short text
take 1.1.
"""

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$"), _no_id_number, INTERNAL]
"""A machine code: lower-case letters, digits, `-` and `_`, at most 40."""

Slug = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,79}$"), _no_id_number, INTERNAL]
"""An identifier another system gave: at most 80 letters, digits, `.`, `_`, `:` and `-`."""

Recurrence = Annotated[
    str,
    StringConstraints(pattern=r"^FREQ=(DAILY|WEEKLY|MONTHLY)(;[A-Z]+=[A-Z0-9,+-]+){0,6}$", max_length=200),
    _no_id_number,
    INTERNAL,
]
"""The rule of an RFC 5545 RRULE without an end: `FREQ=MONTHLY;BYDAY=2SA`."""

SheetFile = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9+/]+={0,2}$", max_length=700_000), _no_id_number, INTERNAL
]
"""An .xlsx or .csv file in Base64: about 500 KB."""

PersonName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=40),
    _no_id_number,
    PERSONAL,
]
EmailAddress = Annotated[
    str,
    StringConstraints(pattern=r"^[^@\s]{1,64}@[A-Za-z0-9.-]{1,190}$", max_length=254),
    _no_id_number,
    PERSONAL,
]
PassCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z-]{6,80}$"), _no_id_number, PERSONAL]
"""What somebody shows at the door: the text of a QR code, or a readable code such as `K7M2-P9XA`."""

HealthText = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400), _no_id_number, MINOR
]
"""What those in charge of a child must know on the day: an allergy, a medicine."""

VisitText = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1_000), _no_id_number, SENSITIVE
]
"""What a visitor wrote of a household."""

LoginName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{2,39}$"), _no_id_number, PERSONAL]
"""What somebody logs in as: 3 to 40 small letters, digits, `.`, `_` and `-`."""

Password = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200),
    _no_id_number,
    Field(json_schema_extra={"format": "password", "writeOnly": True}),
    SECRET,
]
"""A password on its way to where it is checked: never kept, logged, or part of a command's fingerprint."""

SecretHash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$"), INTERNAL]
"""SHA-256 of a secret of 128 bits or more, in small hexadecimal digits. No service is told the secret."""
KeyName = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$"), INTERNAL]
"""How one secret of a client is told from the others: the beginning of its hash. It opens nothing."""

Uscc = Annotated[str, StringConstraints(pattern=f"^[{USCC_ALPHABET}]{{18}}$"), AfterValidator(_check_uscc), PUBLIC]
"""Unified social credit code (GB 32100-2015), check character verified."""

WebUrl = Annotated[str, StringConstraints(pattern=r"^https?://[^\s]{1,500}$"), _no_id_number, INTERNAL]
TypePrefix = Annotated[str, StringConstraints(pattern=r"^linli\.[a-z0-9.-]{1,80}$"), _no_id_number, INTERNAL]
"""The beginning of event types: `linli.activities.`"""

CertificateNumber = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9][A-Z0-9-]{7,39}$"), _no_id_number, PUBLIC]
VolunteerNumber = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9][A-Z0-9-]{3,31}$"), _no_id_number, INTERNAL]

PersonId = Annotated[UUID, INTERNAL]
"""A person, known by an id alone outside registry."""
UnitId = Annotated[UUID, INTERNAL]
SiteId = Annotated[UUID, INTERNAL]
RoomId = Annotated[UUID, INTERNAL]
SessionId = Annotated[UUID, INTERNAL]
EnrolmentId = Annotated[UUID, INTERNAL]


class AgeBand(OpenEnum):
    """Asked instead of a birth date (standards 1.7): a child is under 14, a minor under 18."""

    UNKNOWN = "unknown"
    EARLY = "0-5"
    SCHOOL = "6-13"
    TEEN = "14-17"
    YOUNG = "18-34"
    MIDDLE = "35-59"
    SENIOR = "60+"

    @property
    def is_under_14(self) -> bool:
        """PIPL article 28: data of a child under 14 is sensitive. An unknown band is treated as a child."""
        return self in (AgeBand.UNKNOWN, AgeBand.EARLY, AgeBand.SCHOOL)

    @property
    def is_minor(self) -> bool:
        return self.is_under_14 or self is AgeBand.TEEN


class SiteType(OpenEnum):
    """Kinds of 阵地 (standards section 6)."""

    UNKNOWN = "unknown"
    WOMENS_HOME = "womens_home"
    WOMENS_MICRO_HOME = "womens_micro_home"
    EXECUTIVE_STUDIO = "executive_studio"
    FAMILY_MEDIATION_ROOM = "family_mediation_room"
    CHILDRENS_HOME = "childrens_home"
    PARENT_SCHOOL = "parent_school"
    VOLUNTEER_STATION = "volunteer_station"
