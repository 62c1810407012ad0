"""The pure rules: when to remind, what a notice says, when it is tried again."""

from datetime import UTC, datetime, timedelta
from string import Formatter
from uuid import uuid4

import pytest

from services.notify.delivery.rules import MAIL_DELAYS, next_try
from services.notify.notices import texts
from services.notify.notices.rules import CALLED_OFF, LOCAL, REMINDER, RULES, is_night, remind_at
from services.notify.webhooks import rules as webhooks


def at(text: str) -> datetime:
    """A moment of June 2026 in Shanghai: `5 16:30`."""
    day, clock = text.split()
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, 6, int(day), hour, minute, tzinfo=LOCAL)


@pytest.mark.parametrize(
    ("starts", "now", "reminded"),
    [
        ("5 16:30", "3 09:00", "4 16:30"),  # a day before
        ("5 16:30", "4 16:29", "4 16:30"),
        ("5 16:30", "4 16:30", "5 14:30"),  # less than a day away: two hours before
        ("5 16:30", "5 14:30", None),  # less than two hours away: the confirmation is reminder enough
        ("5 22:00", "3 09:00", "5 08:00"),  # a day before would be night: it waits for the morning
        ("5 21:00", "3 09:00", "5 08:00"),
        ("5 20:59", "3 09:00", "4 20:59"),
        ("5 07:30", "3 09:00", "4 08:00"),
        ("5 08:00", "3 09:00", "4 08:00"),
        ("5 09:30", "5 00:30", "5 08:00"),  # two hours before would be night, the morning is early enough
        ("5 07:30", "4 12:00", "4 20:00"),  # the morning is too late: the evening before
        ("5 07:30", "4 20:00", None),  # and that has passed
        ("5 08:00", "4 22:00", None),
    ],
)
def test_a_reminder_comes_in_time_and_never_at_night(starts: str, now: str, reminded: str | None) -> None:
    assert remind_at(at(starts), at(now)) == (at(reminded) if reminded else None)


def test_no_hour_of_any_day_brings_a_reminder_at_night_or_too_late() -> None:
    for start_minutes in range(0, 24 * 60, 15):
        starts = at("10 00:00") + timedelta(minutes=start_minutes)
        for ahead in range(15, 50 * 60, 45):
            now = starts - timedelta(minutes=ahead)
            due = remind_at(starts.astimezone(UTC), now.astimezone(UTC))
            assert due is None or (now < due < starts and not is_night(due)), (starts, now, due)


@pytest.mark.parametrize(
    "template", [*(each for rule in RULES.values() for each in rule.templates), REMINDER, CALLED_OFF]
)
@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_every_template_has_its_words_in_both_languages(template: str, language: str) -> None:
    rule = next((rule for rule in RULES.values() if template in rule.templates), None)
    known = {"title", "place", "starts", "ends", "reason", *(rule.facts if rule else ())}
    wording = texts.TEXTS[template][language]
    named = {name for line in (wording.subject, wording.text) for _, name, _, _ in Formatter().parse(line) if name}
    assert named <= known


def test_a_notice_names_no_person() -> None:
    occasion = texts.Occasion("蓝色成长课堂", "东湖社区儿童之家", at("5 16:30"), at("5 18:00"))
    letter = texts.inbox_letter("enrolment-confirmed", {"seats": "2"}, occasion)
    assert letter.text == (
        "已为您保留 2 个名额：蓝色成长课堂，6月5日（周五）16:30，地点：东湖社区儿童之家。\n"
        "Seats kept for you: 2. 蓝色成长课堂, Fri 5 June 16:30, at 东湖社区儿童之家."
    )


def test_titles_with_braces_stay_as_they_are() -> None:
    occasion = texts.Occasion("{seats} {__class__}", None, at("5 16:30"), at("5 18:00"))
    assert texts.letter("offer-ended", {}, occasion, "en").subject == "Offer ended: {seats} {__class__}"


def test_an_unknown_language_reads_chinese() -> None:
    assert texts.letter("certificate-issued", {"minutes": "95", "certificate_no": "X"}, None, "fr").subject.startswith(
        "志愿服务"
    )


def test_tries_come_ever_later_and_end() -> None:
    now = at("5 16:30")
    waits = [next_try(MAIL_DELAYS, failures, now) for failures in range(1, len(MAIL_DELAYS) + 2)]
    assert waits[0] == now + timedelta(seconds=5)
    assert waits[-1] is None
    kept = [wait for wait in waits if wait is not None]
    assert kept == sorted(kept)
    assert next_try(webhooks.DELAYS, 1, now, stretch=0.1) == now + timedelta(seconds=5.5)


@pytest.mark.parametrize(
    ("types", "type_name", "region", "wanted"),
    [
        ((), "linli.activities.session.scheduled.v1", "350503001001", True),
        (("linli.activities.",), "linli.activities.session.scheduled.v1", "350503001001", True),
        (
            ("linli.volunteers.", "linli.activities.session."),
            "linli.activities.session.closed.v1",
            "350503001001",
            True,
        ),
        (("linli.activities.session.",), "linli.activities.enrolment.confirmed.v1", "350503001001", False),
        ((), "linli.activities.session.scheduled.v1", "350502001001", False),
        ((), "linli.registry.unit.registered.v1", "350500000000", False),
    ],
)
def test_an_endpoint_gets_its_types_of_its_region(
    types: tuple[str, ...], type_name: str, region: str, wanted: bool
) -> None:
    assert webhooks.wants(webhooks.Subscription(uuid4(), "350503000000", types), type_name, region) is wanted


@pytest.mark.parametrize(
    ("status", "retry_after", "outcome", "rest"),
    [
        (200, None, webhooks.Outcome.TAKEN, None),
        (204, None, webhooks.Outcome.TAKEN, None),
        (301, None, webhooks.Outcome.REFUSED, None),
        (400, None, webhooks.Outcome.REFUSED, None),
        (410, None, webhooks.Outcome.GONE, None),
        (429, "120", webhooks.Outcome.BUSY, 120),
        (429, "Fri, 05 Jun 2026 08:31:00 GMT", webhooks.Outcome.BUSY, 60),
        (503, "Fri, 05 Jun 2026 08:31:00", webhooks.Outcome.BUSY, None),
        (503, "99999999999999999999", webhooks.Outcome.BUSY, None),
        (503, "9999999", webhooks.Outcome.BUSY, 86_400),
        (503, "soon", webhooks.Outcome.BUSY, None),
        (503, "-5", webhooks.Outcome.BUSY, None),
        (500, "120", webhooks.Outcome.REFUSED, None),
    ],
)
def test_what_a_receiver_answers_is_understood(
    status: int, retry_after: str | None, outcome: webhooks.Outcome, rest: int | None
) -> None:
    answer = webhooks.read_answer(status, retry_after, at("5 16:30"))
    assert (answer.outcome, answer.rest) == (outcome, timedelta(seconds=rest) if rest is not None else None)
