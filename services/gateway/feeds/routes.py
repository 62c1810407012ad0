"""The addresses of the feeds: what is read by calendars, other programs and anybody's browser."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Final
from urllib.parse import parse_qs
from uuid import UUID

from pydantic_core import to_json
from starlette.responses import Response

from contracts.activities.v1 import (
    Calendar,
    GetPublicSeries,
    GetPublicSession,
    ListSeriesChanges,
    ListSessionChanges,
    ReadFeed,
)
from contracts.refusals import Refusal, Refused
from services.chassis.clock import Clock
from services.gateway.bus import Bus
from services.gateway.feeds import icalendar, openactive, page
from services.gateway.html import sentences
from services.gateway.identity import Identity
from services.gateway.minting import digest
from services.gateway.opening import wrong
from services.gateway.problems import words_of
from services.gateway.routing import Call, Route
from services.gateway.settings import GatewaySettings

HOST: Final = re.compile(r"[A-Za-z0-9.-]{1,253}(:\d{1,5})?|\[[0-9a-fA-F:]{2,39}\](:\d{1,5})?")
OPEN: Final = {"cache-control": "public, max-age=10", "access-control-allow-origin": "*"}
PAGE_SIZE: Final = 500


class Feeds:
    """Asks activities, and answers in the formats of others."""

    def __init__(self, bus: Bus, identity: Identity, settings: GatewaySettings) -> None:
        self._bus, self._identity, self._settings = bus, identity, settings
        self._clock = Clock(settings.clock_offset_file)

    def routes(self) -> Iterator[Route]:
        yield Route("GET", "/calendars/{token}", self.calendar, nameless=True)
        yield Route("GET", openactive.SESSIONS, self.sessions)
        yield Route("GET", openactive.SERIES, self.all_series)
        yield Route("GET", openactive.SERIES + "/{series_id}", self.series)
        yield Route("GET", "/s/{session_id}", self.session_page)

    async def calendar(self, call: Call) -> Response:
        """`/calendars/<token>.ics`. Raises Refused `unknown-feed` for any other token."""
        token = call.path["token"].removesuffix(".ics")
        client = self._bus.client_for("activities")
        calendar = await client.ask(ReadFeed(token_hash=digest(token)), token=self._identity.own_token)
        body = icalendar.to_text(calendar)
        headers = {
            "etag": f'"{hashlib.sha256(body).hexdigest()[:24]}"',
            "last-modified": format_datetime(calendar.changed_at.replace(microsecond=0), usegmt=True),
            "cache-control": "private, no-cache",
            "content-disposition": 'inline; filename="linli.ics"',
        }
        if _is_known(call, headers["etag"], calendar):
            return Response(status_code=304, headers=headers)
        return Response(body, headers=headers, media_type="text/calendar; charset=utf-8")

    async def sessions(self, call: Call) -> Response:
        """A page of the RPDE feed of sessions, after an item that `afterTimestamp` and `afterId` name together."""
        modified, id = after = _position(call)
        query = ListSessionChanges(after_modified=modified, after_id=id, limit=PAGE_SIZE)
        _, token = await self._identity.admit(call, "public")
        found = await self._bus.client_for("activities").ask(query, token=token)
        return self._changes(call, found.items, openactive.SESSIONS, after)

    async def all_series(self, call: Call) -> Response:
        """The same of series."""
        modified, id = after = _position(call)
        query = ListSeriesChanges(after_modified=modified, after_id=id, limit=PAGE_SIZE)
        _, token = await self._identity.admit(call, "public")
        found = await self._bus.client_for("activities").ask(query, token=token)
        return self._changes(call, found.items, openactive.SERIES, after)

    def _changes(self, call: Call, items: openactive.Changes, path: str, after: tuple[int, UUID]) -> Response:
        body = openactive.page(items, self._base(call), path, after, self._settings.open_data_license)
        return Response(to_json(body), headers=OPEN, media_type="application/json")

    async def series(self, call: Call) -> Response:
        """What a session's `superEvent` names. Raises Refused `unknown-series`."""
        try:
            query = GetPublicSeries(series_id=UUID(call.path["series_id"]))
        except ValueError:
            raise Refused("unknown-series", series_id="-") from None
        _, token = await self._identity.admit(call, "public")
        found = await self._bus.client_for("activities").ask(query, token=token)
        body = openactive.series(found, self._base(call))
        return Response(to_json(body), headers=OPEN, media_type="application/ld+json")

    async def session_page(self, call: Call) -> Response:
        """The public page of a session; of one that is not known, a page that says so."""
        try:
            query = GetPublicSession(session_id=UUID(call.path["session_id"]))
        except ValueError:
            return sentences(*words_of(Refusal("unknown-session", session_id="-")))
        _, token = await self._identity.admit(call, "public")
        try:
            session = await self._bus.client_for("activities").ask(query, token=token)
        except Refused as refused:
            return sentences(*words_of(refused.refusal))
        return page.show(session, self._base(call), self._clock.now())

    def _base(self, call: Call) -> str:
        """The address by which the caller came; of a host that is none, nothing is told."""
        host = call.header(b"host") or ""
        scheme = "https" if self._settings.tls_in_front else "http"
        return f"{scheme}://{host}" if HOST.fullmatch(host) else ""


def _position(call: Call) -> tuple[int, UUID]:
    """Raises Refused `invalid-message` for what is no item's."""
    given = _given(call)
    try:
        after = int(given.get("afterTimestamp", "0")), UUID(given.get("afterId", str(UUID(int=0))))
    except ValueError:
        raise wrong("#/afterTimestamp", "page_position") from None
    if not 0 <= after[0] < 2**63:
        raise wrong("#/afterTimestamp", "page_position")
    return after


def _given(call: Call) -> Mapping[str, str]:
    return {name: values[0] for name, values in parse_qs(call.query_string.decode("latin-1")).items()}


def _is_known(call: Call, tag: str, calendar: Calendar) -> bool:
    """RFC 9110 section 13.2.2: the tag is asked first; the date only of who sends none."""
    tags = call.header(b"if-none-match")
    if tags is not None:
        return tag in [each.strip().removeprefix("W/") for each in tags.split(",")] or tags.strip() == "*"
    since = _moment(call.header(b"if-modified-since"))
    return since is not None and calendar.changed_at.replace(microsecond=0) <= since


def _moment(text: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(text) if text else None
    except ValueError:
        return None
    return found.replace(tzinfo=found.tzinfo or UTC) if found else None
