"""Keys by which another service seals what it must keep of a person in words (docs/decisions/0015, 0021)."""

from typing import Annotated

from pydantic import Field, StringConstraints

from ...data import SECRET, Code, PersonId
from ...message import Part, Query
from .. import refusals as refusals

__all__ = [
    "GetSealingKeys",
    "SealingKey",
    "SealingKeys",
]

KeyText = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$"), SECRET]
"""A key of 256 bits in small hexadecimal digits."""


class SealingKey(Part):
    person_id: PersonId
    sealing_key: KeyText


class SealingKeys(Part):
    keys: tuple[SealingKey, ...]


class GetSealingKeys(
    Query[SealingKeys],
    name="get-sealing-keys",
    permission="people.keys.derive",
    http="GET /v1/sealing-keys",
):
    """A key for each person, derived from her own for the service that asks and one purpose; unknown ids are left out.

    The same key each time, until the person is erased: then nobody gets it any more, and what is sealed stays sealed.
    """

    people: tuple[PersonId, ...] = Field(min_length=1, max_length=500)
    purpose: Code
