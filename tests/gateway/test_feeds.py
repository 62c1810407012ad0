"""Calendars, the open feed and the public page, as other programs get them."""

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from typing import Any
from uuid import UUID, uuid4

import httpx2
import icalendar as library
import pytest
from dateutil import parser as dates
from hypothesis import given
from hypothesis import strategies as st

from contracts.activities.v1 import (
    Calendar,
    FeedEntry,
    FeedState,
    GetPublicSeries,
    GetPublicSession,
    ListSeriesChanges,
    ListSessionChanges,
    PublicSeries,
    PublicSession,
    ReadFeed,
    SeriesChanges,
    SeriesNews,
    SessionChange,
    SessionChanges,
    SessionMode,
    SessionStatus,
)
from contracts.data import AgeBand
from contracts.refusals import Refusal
from services.gateway.feeds import icalendar, openactive, page, schedule
from services.gateway.minting import digest
from tests.gateway.conftest import SESSION

STARTS = datetime(2026, 6, 3, 7, tzinfo=UTC)
SERIES = UUID(int=41)
REQUIRED = {
    "SessionSeries": ("@id", "url", "name", "location", "activity", "organizer", "offers"),
    "ScheduledSession": ("@id", "startDate", "url"),
    "PartialSchedule": ("startTime", "endTime", "repeatFrequency", "scheduleTimezone"),
    "Place": ("name", "address"),
    "Organization": ("@id", "name", "url"),
    "Concept": ("@id", "inScheme", "prefLabel"),
    "Offer": ("price", "priceCurrency"),
    "VirtualLocation": ("name",),
    "QuantitativeValue": ("minValue",),
}
"""What OpenActive's models ask of each type (data-models 3.0.9, `requiredFields`); a place only where one goes to."""
LONG = "防溺水安全知识讲座;带上孩子,一起来\\" * 2


def entry(**changes: Any) -> FeedEntry:
    values: dict[str, Any] = {
        "session_id": SESSION, "title": LONG, "place": "仁风社区儿童之家", "starts_at": STARTS,
        "ends_at": STARTS + timedelta(hours=2), "cancelled": False, "sequence": 1, "changed_at": STARTS,
    }  # fmt: skip
    return FeedEntry(**(values | changes))


def public(**changes: Any) -> PublicSession:
    values: dict[str, Any] = {
        "session_id": SESSION, "series_id": None, "title": "亲子阅读</script><b>", "programme": "蓝色成长课堂",
        "place": "仁风社区儿童之家", "site_id": uuid4(), "unit_id": uuid4(), "region": "350503001001",
        "starts_at": STARTS, "ends_at": STARTS + timedelta(hours=2), "capacity": 20, "seats_free": 3,
        "audience": (AgeBand.SCHOOL, AgeBand.TEEN), "status": SessionStatus.PUBLISHED, "version": 1,
        "programme_id": UUID(int=9),
    }  # fmt: skip
    return PublicSession(**(values | changes))


def unfolded(body: bytes) -> list[str]:
    """The content lines, read as RFC 5545 section 3.1 says: every line ends in CRLF and has at most 75 octets."""
    assert body.endswith(b"\r\n")
    assert b"\n" not in body.replace(b"\r\n", b"")
    assert all(len(line) <= 75 for line in body.split(b"\r\n"))
    for line in body.split(b"\r\n"):
        line.decode()  # no character is cut
    return body.replace(b"\r\n ", b"").decode().split("\r\n")[:-1]


def icalendar_of(body: bytes) -> Any:
    """The calendar as a library reads it, which finds nothing wrong."""
    read = library.Calendar.from_ical(body)
    assert not [component.errors for component in read.walk() if component.errors]
    return read


def unescaped(value: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], value)


def properties(body: bytes) -> dict[str, str]:
    return dict(line.split(":", 1) for line in unfolded(body))  # type: ignore[misc]


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]) | st.just("\n"), min_size=1, max_size=80))
def test_any_title_comes_through_a_calendar_whole(title: str) -> None:
    made = entry().model_copy(update={"title": title})
    told = properties(icalendar.to_text(Calendar(name="我的活动", changed_at=STARTS, entries=(made,))))
    assert unescaped(told["SUMMARY"]) == title


def test_a_calendar_has_one_fixed_zone_and_keeps_what_is_called_off() -> None:
    body = icalendar.to_text(Calendar(name="我的活动", changed_at=STARTS, entries=(entry(cancelled=True, sequence=3),)))
    lines, told = unfolded(body), properties(body)

    assert [line for line in lines if line.startswith(("BEGIN", "END"))] == [
        "BEGIN:VCALENDAR", "BEGIN:VTIMEZONE", "BEGIN:STANDARD", "END:STANDARD", "END:VTIMEZONE",
        "BEGIN:VEVENT", "END:VEVENT", "END:VCALENDAR",
    ]  # fmt: skip
    assert (told["STATUS"], told["SEQUENCE"], told["UID"]) == ("CANCELLED", "2", f"{SESSION}@linli")
    [event] = icalendar_of(body).walk("VEVENT")
    assert (event["dtstart"].dt.utcoffset(), event.decoded("dtstart")) == (timedelta(hours=8), STARTS)
    assert str(event["summary"]) == LONG
    assert told["DTSTART;TZID=Asia/Shanghai"] == "20260603T150000"
    assert (told["TZOFFSETFROM"], told["TZOFFSETTO"], told["DTSTAMP"]) == ("+0800", "+0800", "20260603T070000Z")


async def test_a_calendar_is_read_by_its_token_and_sent_once(
    stranger: httpx2.AsyncClient, stand_in: Callable[..., Any]
) -> None:
    calendar = Calendar(name="我的活动", changed_at=STARTS, entries=(entry(),))
    known = digest("lls_secret")
    reading = await stand_in(
        ReadFeed, lambda asked: calendar if asked["token_hash"] == known else Refusal("unknown-feed")
    )

    first = await stranger.get("/calendars/lls_secret.ics")
    tag, date = first.headers["etag"], first.headers["last-modified"]
    again = await stranger.get("/calendars/lls_secret.ics", headers={"if-none-match": f'"x", {tag}'})
    by_date = await stranger.get("/calendars/lls_secret.ics", headers={"if-modified-since": date})
    other = await stranger.get("/calendars/lls_guess.ics")

    assert (first.status_code, first.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    assert (date, first.headers["cache-control"]) == ("Wed, 03 Jun 2026 07:00:00 GMT", "private, no-cache")
    assert first.content == icalendar.to_text(calendar)
    assert [again.status_code, by_date.status_code, other.status_code] == [304, 304, 404]
    assert again.content == b""
    assert all("lls_" not in json.dumps(body) for _, body in reading.messages)


async def test_the_open_feed_pages_on_from_its_last_item(
    stranger: httpx2.AsyncClient, stand_in: Callable[..., Any]
) -> None:
    gone = uuid4()
    items = (
        SessionChange(id=SESSION, modified=41, state=FeedState.UPDATED, session=public()),
        SessionChange(id=gone, modified=42, state=FeedState.DELETED),
    )
    await stand_in(
        ListSessionChanges, lambda asked: SessionChanges(items=items if asked["after_modified"] < 42 else ())
    )

    page = (await stranger.get("/openactive/scheduled-sessions")).json()
    last = (await stranger.get(page["next"])).json()

    assert page["next"].startswith("http://127.0.0.1:")
    assert page["next"].endswith(f"/openactive/scheduled-sessions?afterTimestamp=42&afterId={gone}")
    assert (last["items"], last["next"]) == ([], page["next"])
    assert page["items"][1] == {"state": "deleted", "kind": "ScheduledSession", "id": str(gone), "modified": 42}
    data = page["items"][0]["data"]
    assert (data["@type"], data["ageRange"]["minValue"], data["ageRange"]["maxValue"]) == ("ScheduledSession", 6, 17)
    assert data["superEvent"].endswith(f"/openactive/session-series/{SESSION}")  # alone, it is a series of its own
    assert (data["startDate"], data["duration"]) == ("2026-06-03T15:00:00+08:00", "PT120M")
    assert not list(_empty(page))
    for wrong in ("x", "-1", str(2**63)):
        assert (await stranger.get(f"/openactive/scheduled-sessions?afterTimestamp={wrong}")).status_code == 422


def weekly(**changes: Any) -> PublicSeries:
    rule = {"recurrence": "FREQ=WEEKLY;INTERVAL=2;BYDAY=WE", "first_day": date(2026, 3, 4), "last_day": STARTS.date()}
    return PublicSeries(series_id=SERIES, session=public(series_id=SERIES, **changes), **rule)


async def test_the_series_of_every_session_has_a_feed_and_an_address(
    stranger: httpx2.AsyncClient, stand_in: Callable[..., Any]
) -> None:
    items = (
        SeriesNews(id=SERIES, modified=41, state=FeedState.UPDATED, series=weekly()),
        SeriesNews(id=SESSION, modified=42, state=FeedState.UPDATED,
                     series=PublicSeries(series_id=SESSION, session=public(seats_free=0))),
        SeriesNews(id=UUID(int=7), modified=43, state=FeedState.DELETED),
    )  # fmt: skip
    shown = {str(each.id): each.series for each in items if each.series}
    gone = Refusal("unknown-series", series_id="-")
    await stand_in(ListSeriesChanges, lambda asked: SeriesChanges(items=items if asked["after_modified"] < 43 else ()))
    await stand_in(GetPublicSeries, lambda asked: shown.get(asked["series_id"]) or gone)

    page = (await stranger.get("/openactive/session-series")).json()
    last = (await stranger.get(page["next"])).json()
    base = page["next"].partition("/openactive")[0]

    assert (last["items"], last["next"]) == ([], page["next"])
    assert page["items"][2] == {"state": "deleted", "kind": "SessionSeries", "id": str(UUID(int=7)), "modified": 43}
    for item, change in zip(page["items"][:2], items[:2], strict=True):
        assert change.series is not None
        link = openactive.opportunity(change.series.session, base)["superEvent"]
        assert (item["kind"], item["data"]["@id"]) == ("SessionSeries", link)
        answer = await stranger.get(link)
        assert (answer.headers["content-type"], answer.json()) == ("application/ld+json", item["data"])
    assert page["items"][0]["data"]["eventSchedule"][0]["byDay"] == ["https://schema.org/Wednesday"]
    [single] = page["items"][1]["data"]["subEvent"]
    assert single["@id"] == openactive.opportunity(public(), base)["@id"]
    assert [(await stranger.get(f"/openactive/session-series/{each}")).status_code for each in (uuid4(), "x")] == [
        404
    ] * 2


@pytest.mark.parametrize("mode", [SessionMode.IN_PERSON, SessionMode.MIXED, SessionMode.ONLINE])
def test_what_the_models_of_openactive_require_is_said(mode: SessionMode) -> None:
    single = PublicSeries(series_id=SESSION, session=public(mode=mode))
    for data in (openactive.series(weekly(mode=mode), "http://x"), openactive.series(single, "http://x"),
                 openactive.opportunity(public(mode=mode), "http://x")):  # fmt: skip
        assert not list(_empty(data))
        assert not list(_missing(data))
        assert "remainingAttendeeCapacity" not in data or data["@type"] == "ScheduledSession"
        assert ("location" in data) == (mode is not SessionMode.ONLINE)
        assert ("beta:virtualLocation" in data) == (mode is not SessionMode.IN_PERSON)


def test_times_are_whole_seconds() -> None:
    told = openactive.opportunity(public(starts_at=STARTS + timedelta(microseconds=45)), "http://x")
    assert told["startDate"] == "2026-06-03T15:00:00+08:00"


def _missing(value: Any) -> Any:
    """Required fields that are left out, wherever in it."""
    if isinstance(value, dict):
        online = str(value.get("eventAttendanceMode", "")).endswith("/OnlineEventAttendanceMode")
        required = REQUIRED.get(value.get("@type", ""), ())
        yield from (name for name in required if name not in value and not (name == "location" and online))
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _missing(each)


def test_a_rule_is_told_as_far_as_openactive_has_words_for_it() -> None:
    times = STARTS + timedelta(hours=8), STARTS + timedelta(hours=10)
    told = schedule.partial("FREQ=MONTHLY;BYDAY=2SA;BYMONTH=3,4", *times, None, None)
    assert told == {
        "@type": "PartialSchedule", "scheduleTimezone": "Asia/Shanghai", "startTime": "15:00", "endTime": "17:00",
        "repeatFrequency": "P1M", "byDay": ["2SA"], "byMonth": [3, 4],
    }  # fmt: skip
    assert schedule.partial("FREQ=DAILY;INTERVAL=3", *times, None, None)["repeatFrequency"] == "P3D"


def test_online_the_page_shows_a_way_in_and_no_link() -> None:
    online = openactive.event(public(mode=SessionMode.ONLINE), "http://x")
    mixed = openactive.event(public(mode=SessionMode.MIXED), "http://x")
    assert online["eventAttendanceMode"] == "https://schema.org/OnlineEventAttendanceMode"
    assert online["location"]["@type"] == "VirtualLocation"
    assert [each["@type"] for each in mixed["location"]] == ["Place", "VirtualLocation"]
    shown = [
        page.show(public(mode=mode), "http://x", STARTS).body.decode() for mode in SessionMode if mode != "unknown"
    ]
    assert [("线上参加" in each, "报名后告知入口" in each) for each in shown].count((True, True)) == 2


@pytest.mark.parametrize(
    ("minutes", "free", "state", "is_open"),
    [(-1, 3, "可以报名", True), (-1, 0, "名额已满", True), (0, 3, "已开始", False), (120, 3, "已结束", False)],
)
def test_what_has_begun_is_not_open_for_enrolment(minutes: int, free: int, state: str, is_open: bool) -> None:
    """Nobody closes a session at the moment at which it begins, and from then on enrolling is refused."""
    shown = page.show(public(seats_free=free), "http://x", STARTS + timedelta(minutes=minutes)).body.decode()
    assert Page(shown).texts["strong"] == state
    assert ("名额 <span" in shown) == is_open


def _empty(value: Any) -> Any:
    """OpenActive forbids null, empty text and empty lists in what is published."""
    if value in (None, "", []) and value != 0:
        yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for each in inner:
        yield from _empty(each)


class Page(HTMLParser):
    """The elements and texts of a page; fails on elements that are closed out of order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, str] = {}
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attributes)))
        if tag not in ("meta", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open:
            self.texts[self.open[-1]] = self.texts.get(self.open[-1], "") + data


async def test_the_public_page_of_a_session_is_chinese_first_and_read_by_machines(
    stranger: httpx2.AsyncClient, stand_in: Callable[..., Any]
) -> None:
    shown = public()
    await stand_in(
        GetPublicSession,
        lambda asked: shown if asked["session_id"] == str(SESSION) else Refusal("unknown-session", session_id="x"),
    )

    answer = await stranger.get(f"/s/{SESSION}")
    page = Page(answer.text)
    missing = [await stranger.get(f"/s/{each}") for each in (uuid4(), "none")]

    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert page.texts["h1"] == shown.title  # a text of others is a text, whatever it looks like
    assert ("html", {"lang": "zh-CN"}) in page.seen
    assert [tag for tag, _ in page.seen].count("main") == 1
    assert page.texts["time"] == "2026年6月3日（星期三）15:00—17:00"
    told = json.loads(page.texts["script"])
    assert (told["@type"], told["name"], told["typicalAgeRange"]) == ("Event", shown.title, "6-17")
    assert dates.isoparse(told["startDate"]) == STARTS
    outside = [value for _, found in page.seen for name, value in found.items() if name in ("src", "href")]
    assert all(str(value).startswith("/static/") for value in outside)
    assert [each.status_code for each in missing] == [404, 404]
    assert all("没有这个场次" in Page(each.text).texts["p"] for each in missing)  # people follow old links


def test_ages_are_those_of_all_bands() -> None:
    assert openactive.ages((AgeBand.SENIOR,)) == "60-"
    assert openactive.ages((AgeBand.TEEN, AgeBand.EARLY)) == "0-17"
    cancelled = openactive.event(public(status=SessionStatus.CANCELLED, series_id=UUID(int=1)), "http://x")
    assert cancelled["eventStatus"] == "https://schema.org/EventCancelled"
