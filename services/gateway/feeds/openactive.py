"""Sessions for other programs: OpenActive's opportunity data and RPDE pages, schema.org's events. No I/O, no clock."""

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from contracts.activities.v1 import FeedState, PublicSession, SessionChange, SessionStatus
from contracts.data import AgeBand

SHANGHAI: Final = timezone(timedelta(hours=8))
CONTEXT: Final = "https://openactive.io/"
KIND: Final = "ScheduledSession"


def page(items: Sequence[SessionChange], base: str, path: str, after: tuple[int, UUID], license: str) -> dict[str, Any]:
    """One page (RPDE 1.0): `next` goes on after the last item; on an empty page it is the page itself."""
    modified, id = (items[-1].modified, items[-1].id) if items else after
    query = urlencode({"afterTimestamp": modified, "afterId": id}) if modified else ""
    return {
        "next": f"{base}{path}?{query}" if query else f"{base}{path}",
        "items": [_item(each, base) for each in items],
        "license": license,
    }


def _item(change: SessionChange, base: str) -> dict[str, Any]:
    """A deleted item has no data."""
    head = {"state": change.state.value, "kind": KIND, "id": str(change.id), "modified": change.modified}
    if change.session is None or change.state is not FeedState.UPDATED:
        return head | {"state": FeedState.DELETED.value}
    return head | {"data": opportunity(change.session, base)}


def opportunity(session: PublicSession, base: str) -> dict[str, Any]:
    """A session, and the series it is one of. A single session is a series of its own; nothing empty is said."""
    url = f"{base}/s/{session.session_id}"
    series = session.series_id or session.session_id
    return {
        "@context": CONTEXT,
        "@type": KIND,
        "@id": url,
        "identifier": str(session.session_id),
        "url": url,
        "superEvent": {
            "@type": "SessionSeries",
            "@id": f"urn:uuid:{series}",
            "identifier": str(series),
            "name": session.programme if session.series_id is None else session.title,
            "url": url,
            "organizer": {"@type": "Organization", "name": session.place, "identifier": str(session.unit_id)},
            "location": _place(session),
            "activity": [{"@type": "Concept", "prefLabel": session.programme}],
            "ageRange": _age_range(session.audience),
            "genderRestriction": "https://openactive.io/NoRestriction",
            "isAccessibleForFree": True,
            "offers": [{"@type": "Offer", "price": 0, "priceCurrency": "CNY"}],
            "subEvent": [{"@type": KIND, "@id": url}],
        },
        "startDate": _local(session.starts_at),
        "endDate": _local(session.ends_at),
        "duration": f"PT{int((session.ends_at - session.starts_at).total_seconds()) // 60}M",
        "eventStatus": _status(session),
        "maximumAttendeeCapacity": session.capacity,
        "remainingAttendeeCapacity": session.seats_free,
    }


def event(session: PublicSession, base: str) -> dict[str, Any]:
    """A session as schema.org has it, for its public page."""
    url = f"{base}/s/{session.session_id}"
    return {
        "@context": "https://schema.org",
        "@type": "Event",
        "@id": url,
        "url": url,
        "name": session.title,
        "startDate": _local(session.starts_at),
        "endDate": _local(session.ends_at),
        "eventStatus": _status(session),
        "eventAttendanceMode": "https://schema.org/OfflineEventAttendanceMode",
        "location": _place(session),
        "organizer": {"@type": "Organization", "name": session.place, "identifier": str(session.unit_id)},
        "isAccessibleForFree": True,
        "offers": {"@type": "Offer", "price": 0, "priceCurrency": "CNY"},
        "maximumAttendeeCapacity": session.capacity,
        "remainingAttendeeCapacity": session.seats_free,
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


def _age_range(audience: Sequence[AgeBand]) -> dict[str, Any]:
    """Always said: without it a reader takes adults alone (standards.md 2.2)."""
    youngest, oldest = _ages(audience)
    return {"@type": "QuantitativeValue", "minValue": youngest, **({} if oldest is None else {"maxValue": oldest})}


def _place(session: PublicSession) -> dict[str, Any]:
    address = {"@type": "PostalAddress", "addressCountry": "CN"}
    return {"@type": "Place", "identifier": str(session.site_id), "name": session.place, "address": address}


def _status(session: PublicSession) -> str:
    called_off = session.status is SessionStatus.CANCELLED
    return f"https://schema.org/{'EventCancelled' if called_off else 'EventScheduled'}"


def _local(moment: datetime) -> str:
    return moment.astimezone(SHANGHAI).isoformat()
