"""The envelope of an event: CloudEvents 1.0, structured JSON (architecture section 2, standards 2.5 and 2.6)."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, TypeAdapter
from pydantic_core import to_json

from . import region as regions
from .message import Event, json_of
from .region import RegionCode

CONTENT_TYPE = "application/cloudevents+json"
TOLERANT = {"tolerant": True}
TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
"""W3C Trace Context, version 00."""

E = TypeVar("E", bound=Event)


class CloudEvent(BaseModel, Generic[E]):
    """An event as it travels. `id` is also `Nats-Msg-Id`; `aggversion` counts the aggregate's events from 1."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="ignore", hide_input_in_errors=True)

    specversion: Literal["1.0"] = "1.0"
    id: UUID
    source: str
    type: str
    subject: str
    time: AwareDatetime
    datacontenttype: Literal["application/json"] = "application/json"
    dataschema: str
    region: RegionCode
    actor: str
    correlationid: UUID
    causationid: UUID
    aggversion: int
    epoch: int = 1
    traceparent: str | None = None
    data: E

    @property
    def aggregate_id(self) -> UUID:
        """What `subject` names; the fact holds it too, read already."""
        id: UUID = getattr(self.data, type(self.data).contract.aggregate_field)
        return id

    @property
    def nats_subject(self) -> str:
        return subject_of(type(self.data), self.region)


def subject_of(event: type[Event], region: str) -> str:
    """`evt.activities.enrolment.confirmed.v1.3505.03.001.001`."""
    return f"{event.contract.subject}.{regions.tokens(region)}"


def subject_filter(event: type[Event], region: str) -> str:
    """The subject that hears this event in a region's whole subtree."""
    return f"{event.contract.subject}.{regions.subject_filter(region)}"


def seal(
    data: Event,
    *,
    id: UUID | str,
    time: datetime,
    region: str,
    version: int,
    actor: str,
    correlation: UUID,
    causation: UUID,
    traceparent: str | None = None,
    epoch: int = 1,
) -> str:
    """Puts a fact into its envelope and returns the JSON text. A traceparent that is none is left out: callers send it.

    Written by hand because it runs for every event said: 4 us against 60 through a generic model.
    """
    contract = type(data).contract
    subject = getattr(data, contract.aggregate_field)
    chain = str(correlation)
    cause = chain if causation is correlation else str(causation)
    trace = f'"traceparent":"{traceparent}",' if traceparent and TRACEPARENT.fullmatch(traceparent) else ""
    return (
        f'{{"specversion":"1.0","id":"{id}","source":"/linli/{contract.service}","type":"{contract.type}",'
        f'"subject":"{subject}","time":"{time.isoformat()}","datacontenttype":"application/json",'
        f'"dataschema":"urn:linli:schema:{contract.type}","region":"{region}","actor":{to_json(actor).decode()},'
        f'"correlationid":"{chain}","causationid":"{cause}","aggversion":{version},"epoch":{epoch},'
        f'{trace}"data":{json_of(data, exclude_none=True).decode()}}}'
    )


_readers: dict[type[Event], TypeAdapter[Any]] = {}


def read(kind: type[E], body: bytes | str) -> CloudEvent[E]:
    """Opens one envelope. Unknown fields are ignored, unknown codes read as `unknown`. Raises ValidationError."""
    return read_many(kind, [body if isinstance(body, bytes) else body.encode()])[0]


def read_many(kind: type[E], bodies: Sequence[bytes]) -> list[CloudEvent[E]]:
    """Opens many envelopes of one kind in one pass. Raises ValidationError when any of them is bad."""
    reader = _readers.get(kind)
    if reader is None:
        reader = _readers.setdefault(kind, TypeAdapter(list[CloudEvent[kind]]))  # type: ignore[valid-type]
    events: list[CloudEvent[E]] = reader.validate_json(b"[" + b",".join(bodies) + b"]", context=TOLERANT)
    return events
