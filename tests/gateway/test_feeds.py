"""Calendars, the open feed and the public page, as other programs get them."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any
from uuid import UUID, uuid4

import httpx2
import icalendar as library
from dateutil import parser as dates
from hypothesis import given
from hypothesis import strategies as st

from contracts.activities.v1 import (
    Calendar,
    FeedEntry,
    FeedState,
    GetPublicSession,
    ListSessionChanges,
    PublicSession,
    ReadFeed,
    SessionChange,
    SessionChanges,
    SessionStatus,
)
from contracts.data import AgeBand
from contracts.refusals import Refusal
from services.gateway.feeds import icalendar, openactive
from services.gateway.minting import digest
from tests.gateway.conftest import SESSION

STARTS = datetime(2026, 6, 3, 7, tzinfo=UTC)
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
    assert (data["@type"], data["superEvent"]["@type"]) == ("ScheduledSession", "SessionSeries")
    assert data["superEvent"]["ageRange"] == {"@type": "QuantitativeValue", "minValue": 6, "maxValue": 17}
    assert (data["startDate"], data["duration"]) == ("2026-06-03T15:00:00+08:00", "PT120M")
    assert not list(_empty(page))
    assert (await stranger.get("/openactive/scheduled-sessions?afterTimestamp=x")).status_code == 422


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
