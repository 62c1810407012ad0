"""What a person sees of a running stack: the live events, and tokens to try things out with."""

import json
from itertools import islice

import httpx2
import pytest

from contracts.catalogue import EVENTS
from contracts.message import Event
from deploy.local.trouble import Trouble
from deploy.sentences import SENTENCES, sentence
from deploy.token import token
from deploy.watch import Places, event_of, follow, frames, line_of, prefix_of
from tests.journeys.conftest import Afternoon


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.contract.name)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_event_has_a_sentence_that_its_facts_fill(
    event: type[Event], language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINLI_LANG", language)
    facts = {name: f"<{name}>" for name in event.model_fields}

    said = sentence({"type": event.contract.type, "data": facts})

    assert f"{event.contract.service}.{event.contract.name}" in SENTENCES
    assert "…" not in said
    assert said != event.contract.type


def test_an_event_of_a_type_that_is_not_known_yet_is_shown_by_its_type() -> None:
    assert sentence({"type": "linli.care.wish.granted.v1", "data": {"x": 1}}) == "care.wish.granted"


@pytest.mark.parametrize(
    ("kind", "facts", "said"),
    [
        (
            "session.amended",
            {"title": "剪纸", "fields": ["capacity", "title"]},
            "session changed: 剪纸 (capacity, title)",
        ),
        (
            "count.adjusted",
            {"sessions_held": 0, "person_times": None},
            "a closed count was adjusted: sessions by 0, person-times by –",
        ),
    ],
)
def test_lists_are_written_out_and_what_is_withheld_is_a_dash(
    kind: str, facts: dict[str, object], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINLI_LANG", "en")

    assert sentence({"type": f"linli.activities.{kind}.v1", "data": facts}) == said


def test_yes_and_no_are_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINLI_LANG", "zh")

    reviewed = {"type": "linli.registry.record-access.reviewed.v1", "data": {"justified": False}}
    assert sentence(reviewed) == "紧急调阅已复核，理由成立：否"


def test_a_frame_is_read_as_the_specification_has_it() -> None:
    lines = ["retry: 1000", "id: a:1", "", ": still here", "", "id: a:2", "event: t", "data: {", "data: }", ""]

    assert list(frames(iter(lines))) == [
        {"retry": "1000", "id": "a:1"},
        {"id": "a:2", "event": "t", "data": "{\n}"},
    ]


def test_a_message_that_cannot_be_read_is_shown_as_such_and_ends_nothing() -> None:
    event = event_of({"id": "a:3", "event": "linli.registry.unit.registered.v1", "data": "\ufffd not JSON"})

    assert event is not None
    assert "linli.registry.unit.registered.v1" in line_of(event, "-")


@pytest.mark.parametrize(
    ("written", "prefix"),
    [
        ("activities", "linli.activities."),
        ("activities.session", "linli.activities.session"),
        ("linli.notify.", "linli.notify."),
    ],
)
def test_a_type_may_be_written_short(written: str, prefix: str) -> None:
    assert prefix_of(written) == prefix


def test_a_watcher_misses_nothing_and_sees_nothing_twice_when_the_gateway_is_killed(afternoon: Afternoon) -> None:
    told = sum(afternoon.closing.events.values())
    events = (event for event in follow(afternoon.stack.directory, {}, "all") if "id" in event)
    seen = list(islice(events, 50))
    afternoon.stack.kill("gateway-1")
    seen += islice(events, told - len(seen))
    afternoon.stack.wait_ready(["gateway-1"])

    assert len({event["id"] for event in seen}) == told


def test_a_watcher_of_a_region_sees_its_events_alone(afternoon: Afternoon) -> None:
    asked = {"region": "500236", "types": "linli.activities.session"}
    [planned, counted] = islice(follow(afternoon.stack.directory, asked, "all"), 2)

    assert [planned["region"], counted["region"]] == ["500236131209"] * 2
    assert "长凼村" in line_of(planned, Places(afternoon.stack.directory).name(planned["region"]))


def test_a_region_that_cannot_be_read_is_refused_with_a_sentence(afternoon: Afternoon) -> None:
    with pytest.raises(Trouble, match="region"):
        next(follow(afternoon.stack.directory, {"region": "35x"}, "all"))


def test_a_token_may_do_what_its_role_may_in_its_region(
    afternoon: Afternoon, capsys: pytest.CaptureFixture[str]
) -> None:
    token(["editor"], region="350503", data=afternoon.stack.directory, as_json=True)
    made = json.loads(capsys.readouterr().out)
    headers = {"authorization": f"Bearer {made['token']}"}
    url = afternoon.record.gateway_url

    own = httpx2.get(f"{url}/v1/units?region=350503000000", headers=headers)
    counting = httpx2.post(f"{url}/v1/divisions/import", headers=headers, json={})

    assert [unit["name"][:3] for unit in own.json()["units"]] == ["丰泽区", "东湖街", "东湖社"]
    assert (counting.status_code, counting.json()["code"]) == (403, "not-permitted")


@pytest.mark.parametrize(("role", "region"), [("queen", "3505"), ("service", "3505"), ("editor", "35051")])
def test_a_token_of_an_unknown_role_or_region_is_not_made(afternoon: Afternoon, role: str, region: str) -> None:
    with pytest.raises(Trouble):
        token([role], region=region, data=afternoon.stack.directory)
