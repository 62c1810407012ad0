"""The whole story over HTTP on real servers: what the issue promises a newcomer to see."""

import email
import email.policy
import json
import time
from collections import Counter
from email.message import EmailMessage
from itertools import islice

import httpx2
import pytest

from contracts.notify.v1 import NoticeStatus
from deploy.demo import stage
from deploy.demo.script import Script
from deploy.watch import follow
from tests.journeys.conftest import Afternoon
from tests.journeys.expected import CHANNELS, Expected


@pytest.fixture(scope="session")
def expected(script: Script) -> Expected:
    return Expected(script)


@pytest.fixture(scope="session")
def mails(afternoon: Afternoon) -> list[EmailMessage]:
    files = afternoon.props.mails.glob("*.eml")
    return [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]


@pytest.fixture(scope="session")
def events(afternoon: Afternoon) -> list[dict[str, object]]:
    """Everything that was said, as a listener at the gateway hears it from the beginning."""
    told = sum(afternoon.closing.events.values())
    readable = (event for event in follow(afternoon.stack.directory, {}, "all") if "id" in event)
    return list(islice(readable, told))


def test_the_afternoon_ends_with_the_numbers_of_its_script(afternoon: Afternoon, expected: Expected) -> None:
    assert afternoon.closing == expected.closing


def test_the_numbers_tell_visits_from_visitors(expected: Expected) -> None:
    assert expected.closing.person_times > expected.closing.persons > 0


def test_everybody_is_told_by_mail_once_in_her_own_language(
    mails: list[EmailMessage], expected: Expected, script: Script
) -> None:
    assert len(mails) == (expected.told + expected.superseded) / CHANNELS
    foreign = {f"{family.key}@example.org" for family in script.families if family.language == "en"}
    for mail in mails:
        body = mail.get_body(("plain",))
        assert body is not None
        assert ("Dear" in body.get_content()) == (mail["To"] in foreign)


def test_a_family_that_is_offered_seats_reads_of_it_and_one_that_does_not_fit_does_not(
    mails: list[EmailMessage], script: Script
) -> None:
    subjects = Counter((mail["To"], str(mail["Subject"]).partition("：")[0]) for mail in mails)

    assert subjects["su@example.org", "有名额了"] == 1
    assert subjects["xu@example.org", "有名额了"] == 0
    assert subjects["xu@example.org", "已进入候补"] == 1


def test_the_centres_system_takes_every_event_once_and_nothing_unsigned(
    afternoon: Afternoon, expected: Expected
) -> None:
    url = afternoon.props.receiver_url
    forged = httpx2.post(
        f"{url}/hooks",
        content=b'{"type":"linli.activities.session.cancelled.v1","data":{}}',
        headers={"webhook-id": "1", "webhook-timestamp": str(int(time.time())), "webhook-signature": "v1,aGVsbG8="},
    )

    assert forged.status_code == 401
    received = httpx2.get(f"{url}/received").json()
    assert (received["received"], received["rejected"] > 0) == (expected.webhooks, True)


def test_no_name_and_no_address_of_a_person_is_in_any_event(events: list[dict[str, object]], script: Script) -> None:
    said = json.dumps(events, ensure_ascii=False)
    names = [name for family in script.families for name in (family.guardian, *family.children)]
    names += [helper.name for helper in script.volunteers] + ["example.org"]

    assert len(events) > 300
    assert [name for name in names if name in said] == []


def test_what_waited_for_a_cancelled_session_is_withdrawn(afternoon: Afternoon, expected: Expected) -> None:
    assert afternoon.closing.notices[NoticeStatus.CANCELLED.value] == expected.withdrawn > 0
    assert NoticeStatus.PLANNED.value not in afternoon.closing.notices


def test_nothing_was_quarantined(afternoon: Afternoon) -> None:
    services = [each for each in afternoon.record.instances if each.service and each.service != "gateway"]
    assert [httpx2.get(f"{each.url}/status").json()["quarantine"] for each in services] == [0] * 6


@pytest.mark.soak
def test_played_again_it_ends_with_the_same_table(afternoon: Afternoon) -> None:
    assert stage.play(afternoon.record, as_json=False) == afternoon.closing
