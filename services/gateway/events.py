"""`GET /v1/events`: what happens in a region, live, as server-sent events."""

import asyncio
import math
import re
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

from nats.errors import Error as NatsError
from nats.js.errors import NotFoundError
from starlette.datastructures import QueryParams

from contracts.catalogue import EVENTS
from contracts.client import Client
from contracts.client.hearing import PositionLost
from contracts.refusals import Refused
from contracts.region import NOWHERE, covers, named_by, pad, prefix
from services.chassis.access import Actor

from . import refusals as refusals
from .bus import Bus
from .identity import Identity, permit
from .metrics import STREAMS_OPEN
from .opening import wrong
from .routing import Call, Route
from .settings import GatewaySettings
from .streaming import EventStream

PATH: Final = "/v1/events"
PERMISSION: Final = "events.read"
PARAMETERS: Final = frozenset({"region", "types", "since"})
STREAMS: Final = tuple(sorted({(event.contract.service, event.contract.stream) for event in EVENTS}))
SETTLE_SECONDS: Final = 0.5

_POSITION = re.compile(r"all|[a-z]{1,20}:[0-9]{1,18}(,[a-z]{1,20}:[0-9]{1,18}){0,20}")
_TYPE = re.compile(r"linli\.[a-z0-9.-]{0,80}")


class EventFeed:
    """The open event streams. `region` (default: the reader's own) and `types` (prefixes, by comma) choose;
    `Last-Event-ID` or `since` (a position, or `all`) goes on where a stream ended. Permission `events.read`.

    Refuses `position-lost` (410) where the events after a position are kept no longer.
    """

    def __init__(self, bus: Bus, identity: Identity, settings: GatewaySettings) -> None:
        self._bus, self._identity, self._settings = bus, identity, settings
        self._stopping = asyncio.Event()
        self._open: dict[EventStream, str] = {}

    def route(self) -> Route:
        return Route("GET", PATH, self._listen)

    @property
    def open(self) -> int:
        """How many streams are open now."""
        return len(self._open)

    def stop(self) -> None:
        """Ends every stream at once; the readers go on elsewhere by `Last-Event-ID`."""
        self._stopping.set()

    async def _listen(self, call: Call) -> EventStream:
        authorization = call.header(b"authorization")
        actor, _ = await self._identity.admit(call, PERMISSION)
        given = QueryParams(call.query_string)
        if unknown := sorted(set(given) - PARAMETERS):
            raise wrong(f"#/{unknown[0]}", "extra_forbidden")
        region = _region(given.get("region") or actor.region)
        permit(actor, PERMISSION, region)
        types = _types(given.get("types", ""))
        since = _since(call.header(b"last-event-id") or given.get("since"))
        if self._stopping.is_set() or len(self._open) >= self._settings.streams_most:
            raise Refused("unavailable", service="gateway")
        if list(self._open.values()).count(actor.id) >= self._settings.streams_each:
            raise Refused("too-many-requests", seconds=math.ceil(self._settings.heartbeat_seconds))
        return await self._opened(region, types, since, partial(self._permit, authorization, region), actor)

    async def _permit(self, authorization: str | None, region: str) -> str:
        """The region in which whoever asks acts now. Raises Refused."""
        actor, _ = await self._identity.of(authorization)
        permit(actor, PERMISSION, region)
        return NOWHERE if self._settings.sabotaged("open-wall") else actor.region

    async def _opened(
        self, region: str, types: list[str], since: str | None, permit_again: Callable[[], Awaitable[str]], actor: Actor
    ) -> EventStream:
        client = self._bus.client_for("events")
        start = since if since is not None else await _here(client)
        # A province has no subject filter of its own: hear everything, show what it covers.
        unfiltered = self._settings.sabotaged("unfiltered-events")
        heard_region = NOWHERE if len(prefix(region)) == 2 or unfiltered else region
        stream = EventStream(
            client.hear_all(heard_region, types, start),
            position="" if start == "all" else start,
            wanted=lambda event: heard_region == region or unfiltered or covers(region, named_by(event.subject)),
            permit=permit_again,
            scope=NOWHERE if self._settings.sabotaged("open-wall") else actor.region,
            stopping=self._stopping,
            heartbeat=self._settings.heartbeat_seconds,
            stall=self._settings.stall_seconds,
        )
        self._count(stream, actor.id)
        if since is not None:
            await _must_hold(stream)
        return stream

    def _count(self, stream: EventStream, reader: str) -> None:
        def ended() -> None:
            self._open.pop(stream, None)
            STREAMS_OPEN.set(len(self._open))

        self._open[stream] = reader
        STREAMS_OPEN.set(len(self._open))
        stream.ended = ended


async def _must_hold(stream: EventStream) -> None:
    try:
        await stream.settled(SETTLE_SECONDS)
    except PositionLost:
        raise Refused("position-lost") from None


async def _here(client: Client) -> str:
    """The position after all that was said until now: where a new listener begins."""
    jetstream = client.connection.jetstream(timeout=1)
    position = []
    try:
        for service, stream in STREAMS:
            try:
                last = (await jetstream.stream_info(stream)).state.last_seq
            except NotFoundError:
                last = 0  # nothing was said yet
            position.append(f"{service}:{last}")
    except (NatsError, TimeoutError):
        raise Refused("unavailable", service="events") from None
    return ",".join(position)


def _region(given: str) -> str:
    try:
        return pad(given)
    except ValueError:
        raise wrong("#/region", "region_code") from None


def _types(given: str) -> list[str]:
    types = [each for each in given.split(",") if each]
    for each in types:
        known = any(event.contract.type.startswith(each) for event in EVENTS)
        if not (_TYPE.fullmatch(each) and known):
            raise wrong("#/types", "unknown_type")
    return types


def _since(given: str | None) -> str | None:
    if given is not None and given != "new" and not _POSITION.fullmatch(given):
        raise wrong("#/since", "position")
    return None if given == "new" else given
