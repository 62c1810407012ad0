"""Sessions for other programs: OpenActive's opportunity data and RPDE pages, schema.org's events. No I/O, no clock."""

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from contracts.activities.v1 import (
    FeedState,
    PublicSeries,
    PublicSession,
    SeriesNews,
    SessionChange,
    SessionMode,
    SessionStatus,
)
from contracts.data import AgeBand
from services.gateway.feeds import schedule

SHANGHAI: Final = timezone(timedelta(hours=8))
CONTEXT: Final = "https://openactive.io/"
BETA: Final = "https://openactive.io/ns-beta"
SESSIONS: Final = "/openactive/scheduled-sessions"
SERIES: Final = "/openactive/session-series"
SESSION_KIND: Final = "ScheduledSession"
SERIES_KIND: Final = "SessionSeries"
ATTENDANCE: Final = {
    SessionMode.ONLINE: "https://schema.org/OnlineEventAttendanceMode",
    SessionMode.MIXED: "https://schema.org/MixedEventAttendanceMode",
}
IN_PERSON: Final = "https://schema.org/OfflineEventAttendanceMode"
WAY_IN: Final = "线上参加，报名后告知入口"
"""The link itself is told to whoever enrols people, and to nobody else."""


Changes = Sequence[SessionChange] | Sequence[SeriesNews]


def page(items: Changes, base: str, path: str, after: tuple[int, UUID], license: str) -> dict[str, Any]:
    """One page (RPDE 1.0): `next` goes on after the last item; on an empty page it is the page itself."""
    modified, id = (items[-1].modified, items[-1].id) if items else after
    query = urlencode({"afterTimestamp": modified, "afterId": id}) if modified else ""
    return {
        "next": f"{base}{path}?{query}" if query else f"{base}{path}",
        "items": [_item(each, base) for each in items],
        "license": license,
    }


def _item(change: SessionChange | SeriesNews, base: str) -> dict[str, Any]:
    """A deleted item has no data."""
    kind = SESSION_KIND if isinstance(change, SessionChange) else SERIES_KIND
    head = {"state": change.state.value, "kind": kind, "id": str(change.id), "modified": change.modified}
    if change.state is FeedState.UPDATED:
        if isinstance(change, SessionChange) and change.session is not None:
            return head | {"data": opportunity(change.session, base)}
        if isinstance(change, SeriesNews) and change.series is not None:
            return head | {"data": series(change.series, base)}
    return head | {"state": FeedState.DELETED.value}


def opportunity(session: PublicSession, base: str) -> dict[str, Any]:
    """A session; what it shares with the others of its series stands there, and nothing empty is said."""
    url = _page(session, base)
    return {
        "@context": [CONTEXT, BETA],
        "@type": SESSION_KIND,
        "@id": url,
        "identifier": str(session.session_id),
        "url": url,
        "name": session.title,
        "superEvent": f"{base}{SERIES}/{session.series_id or session.session_id}",
        "startDate": _local(session.starts_at),
        "endDate": _local(session.ends_at),
        "duration": _duration(session),
        "eventStatus": _status(session),
        "maximumAttendeeCapacity": session.capacity,
        "remainingAttendeeCapacity": max(session.seats_free, 0),
        **_where(session),
        **_for_whom(session),
    }


def series(shown: PublicSeries, base: str) -> dict[str, Any]:
    """A series (`SessionSeries`): its rule in part, for single sessions are moved by hand, or the one session it is."""
    session = shown.session
    return {
        "@context": [CONTEXT, BETA],
        "@type": SERIES_KIND,
        "@id": f"{base}{SERIES}/{shown.series_id}",
        "identifier": str(shown.series_id),
        "url": _page(session, base),
        "name": session.title,
        "organizer": _organizer(session, base),
        "activity": [_activity(session, base)],
        "category": [session.programme],
        "eventStatus": _status(session),
        "duration": _duration(session),
        "genderRestriction": "https://openactive.io/NoRestriction",
        "isAccessibleForFree": True,
        "offers": [{"@type": "Offer", "@id": f"{base}{SERIES}/{shown.series_id}#offer", "name": "免费",
                    "price": 0, "priceCurrency": "CNY"}],
        **_where(session),
        **_for_whom(session),
        **_when(shown, base),
    }  # fmt: skip


def _when(shown: PublicSeries, base: str) -> dict[str, Any]:
    session = shown.session
    if shown.recurrence is None:
        url = _page(session, base)
        return {"subEvent": [{"@type": SESSION_KIND, "@id": url, "url": url, "startDate": _local(session.starts_at)}]}
    starts, ends = session.starts_at.astimezone(SHANGHAI), session.ends_at.astimezone(SHANGHAI)
    rule = schedule.partial(shown.recurrence, starts, ends, shown.first_day, shown.last_day)
    return {"eventSchedule": [rule | {"duration": _duration(session)}]}


def event(session: PublicSession, base: str) -> dict[str, Any]:
    """A session as schema.org has it, for its public page."""
    url = _page(session, base)
    virtual = {"@type": "VirtualLocation", "name": WAY_IN, "url": url}
    places: dict[SessionMode, Any] = {SessionMode.ONLINE: virtual, SessionMode.MIXED: [_place(session), virtual]}
    return {
        "@context": "https://schema.org",
        "@type": "Event",
        "@id": url,
        "url": url,
        "name": session.title,
        "startDate": _local(session.starts_at),
        "endDate": _local(session.ends_at),
        "eventStatus": _status(session),
        "eventAttendanceMode": ATTENDANCE.get(session.mode, IN_PERSON),
        "location": places.get(session.mode, _place(session)),
        "organizer": _organizer(session, base),
        "isAccessibleForFree": True,
        "offers": {"@type": "Offer", "price": 0, "priceCurrency": "CNY"},
        "maximumAttendeeCapacity": session.capacity,
        "remainingAttendeeCapacity": max(session.seats_free, 0),
        **({"typicalAgeRange": ages(session.audience)} if session.audience else {}),
    }


def ages(audience: Sequence[AgeBand]) -> str:
    """The youngest and oldest of all bands: `6-17`, `60-`."""
    youngest, oldest = _ages(audience)
    return f"{youngest}-{'' if oldest is None else oldest}"


def _ages(audience: Sequence[AgeBand]) -> tuple[int, int | None]:
    """Without an audience everybody may come."""
    known = [band.value for band in audience if band is not AgeBand.UNKNOWN]
    if not known:
        return 0, None
    youngest = min(int(band.partition("-")[0].rstrip("+")) for band in known)
    if any(band.endswith("+") for band in known):
        return youngest, None
    return youngest, max(int(band.partition("-")[2]) for band in known)


def _for_whom(session: PublicSession) -> dict[str, Any]:
    """Always said: without it a reader takes adults alone (standards.md 2.2)."""
    youngest, oldest = _ages(session.audience)
    upper = {} if oldest is None else {"maxValue": oldest}
    return {"ageRange": {"@type": "QuantitativeValue", "minValue": youngest, **upper}}


def _where(session: PublicSession) -> dict[str, Any]:
    """Online there is no place to go to; the host's site is said all the same (A32)."""
    mode = {"eventAttendanceMode": ATTENDANCE.get(session.mode, IN_PERSON)}
    virtual = {"beta:virtualLocation": {"@type": "VirtualLocation", "name": WAY_IN}}
    if session.mode is SessionMode.ONLINE:
        return mode | virtual | {"beta:affiliatedLocation": _place(session)}
    return mode | {"location": _place(session)} | (virtual if session.mode is SessionMode.MIXED else {})


def _place(session: PublicSession) -> dict[str, Any]:
    """Of an address no more is known here than the site and its division (GB/T 2260)."""
    address = f"{session.place}（行政区划代码 {session.region}）"
    return {"@type": "Place", "identifier": str(session.site_id), "name": session.place, "address": address}


def _organizer(session: PublicSession, base: str) -> dict[str, Any]:
    """The host, by the name of its site and the id of its unit."""
    unit = str(session.unit_id)
    address = {"@id": f"{base}/v1/units/{unit}", "url": base} if base else {}
    return {"@type": "Organization", "name": session.place, "identifier": unit, **address}


def _activity(session: PublicSession, base: str) -> dict[str, Any]:
    """The programme, of our own list: OpenActive's knows kinds of sport alone."""
    scheme = f"{base}/v1/programmes"
    own = {"@id": f"{scheme}#{session.programme_id}", "inScheme": scheme} if session.programme_id else {}
    return {"@type": "Concept", "prefLabel": session.programme, **own}


def _page(session: PublicSession, base: str) -> str:
    return f"{base}/s/{session.session_id}"


def _duration(session: PublicSession) -> str:
    return f"PT{int((session.ends_at - session.starts_at).total_seconds()) // 60}M"


def _status(session: PublicSession) -> str:
    called_off = session.status is SessionStatus.CANCELLED
    return f"https://schema.org/{'EventCancelled' if called_off else 'EventScheduled'}"


def _local(moment: datetime) -> str:
    """Whole seconds: readers of OpenActive take no fractions."""
    return moment.astimezone(SHANGHAI).isoformat(timespec="seconds")
