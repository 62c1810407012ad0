"""The compatibility gate, proven on old versions that are made up."""

import copy
import json
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from contracts.activities.v1 import EnrolmentConfirmed
from contracts.generation import compatibility, files, gates
from contracts.generation.compatibility import Version, breaks
from contracts.generation.release import NotReleasable, release
from contracts.generation.topology import Hearer

EVENT = "linli.activities.enrolment.confirmed.v1"
COMMAND = "linli.activities.record-attendance.v1"
REPLY = f"{COMMAND}.reply"
HEARERS = [
    Hearer("notify", "notify-plan-confirmation", (EnrolmentConfirmed,)),
    Hearer("volunteers", "volunteers-needs", (EnrolmentConfirmed,)),
]
today = cache(compatibility.today)


class MadeUp:
    """A version that was released once; change it, and today's contracts are what became of it."""

    def __init__(self) -> None:
        self.inventory: Any = copy.deepcopy(dict(today().inventory))
        self.schemas: Any = copy.deepcopy(dict(today().schemas))

    def fields(self, name: str) -> Any:
        return self.schemas[name]["properties"]

    def required(self, name: str) -> list[str]:
        needed: list[str] = self.schemas[name]["required"]
        return needed

    def found(self) -> list[str]:
        """What the gate says of today, seen from this version."""
        return list(breaks(Version("0.9.0", self.inventory, self.schemas), today(), HEARERS))


@pytest.fixture
def old() -> MadeUp:
    return MadeUp()


def test_an_unchanged_contract_passes(old: MadeUp) -> None:
    assert old.found() == []


def test_a_renamed_field_of_an_event_is_refused_and_names_who_breaks(old: MadeUp) -> None:
    old.fields(EVENT)["places"] = old.fields(EVENT).pop("seats")
    old.required(EVENT).remove("seats")
    old.required(EVENT).append("places")

    found = old.found()

    assert any("the field places is removed since 0.9.0" in each for each in found)
    assert all("notify, volunteers, integrators" in each for each in found)


def test_an_optional_field_that_an_event_lost_is_refused(old: MadeUp) -> None:
    old.fields(EVENT)["colour"] = {"type": "string"}

    assert any("the field colour is removed" in each for each in old.found())


def test_a_new_required_field_of_an_event_is_refused(old: MadeUp) -> None:
    del old.fields(EVENT)["seats_left"]
    old.required(EVENT).remove("seats_left")

    assert any("the new field seats_left is required" in each for each in old.found())


def test_a_new_optional_field_of_an_event_is_allowed(old: MadeUp) -> None:
    programme = "linli.activities.programme.created.v1"
    assert "theme" not in old.required(programme)
    del old.fields(programme)["theme"]

    assert old.found() == []


def test_another_type_of_an_event_field_is_refused(old: MadeUp) -> None:
    old.fields(EVENT)["seats"] = {"type": "string"}

    [found] = old.found()
    assert "the field seats was string and is integer now" in found
    assert "notify" in found


def test_another_pattern_or_format_is_refused(old: MadeUp) -> None:
    old.fields(EVENT)["session_id"] = {"type": "string", "pattern": "^S[0-9]+$"}

    found = old.found()
    assert any("session_id had pattern '^S[0-9]+$' and has None now" in each for each in found)


def test_a_wider_limit_of_an_event_field_is_refused(old: MadeUp) -> None:
    old.fields(EVENT)["seats_left"]["maximum"] = 10

    assert any("seats_left had maximum 10" in each for each in old.found())


def test_a_code_that_an_event_lost_is_refused(old: MadeUp) -> None:
    attendance = "linli.activities.attendance.recorded.v1"
    old.fields(attendance)["mark"]["enum"].append("stayed_at_home")

    [found] = old.found()
    assert "the field mark lost the codes stayed_at_home" in found


def test_a_code_that_an_event_gained_is_allowed(old: MadeUp) -> None:
    attendance = "linli.activities.attendance.recorded.v1"
    old.fields(attendance)["mark"]["enum"].remove("check_out")

    assert old.found() == []


def test_a_removed_message_is_refused(old: MadeUp) -> None:
    old.inventory["messages"]["linli.activities.enrolment.postponed.v1"] = old.inventory["messages"][EVENT]
    old.schemas["linli.activities.enrolment.postponed.v1"] = old.schemas[EVENT]

    [found] = old.found()
    assert "linli.activities.enrolment.postponed.v1: the message is removed" in found


def test_a_new_required_field_of_a_command_is_refused(old: MadeUp) -> None:
    del old.fields(COMMAND)["method"]
    old.required(COMMAND).remove("method")

    [found] = old.found()
    assert "the new field method is required" in found
    assert "gateway, integrators" in found


def test_a_new_optional_field_of_a_command_is_allowed(old: MadeUp) -> None:
    schedule = "linli.activities.schedule-session.v1"
    assert "permit_number" not in old.required(schedule)
    del old.fields(schedule)["permit_number"]

    assert old.found() == []


def test_a_field_of_a_command_that_is_no_longer_taken_is_refused(old: MadeUp) -> None:
    old.fields(COMMAND)["colour"] = {"type": "string"}

    assert any("the field colour is removed" in each for each in old.found())


def test_a_code_that_a_command_no_longer_takes_is_refused(old: MadeUp) -> None:
    old.fields(COMMAND)["mark"]["enum"].append("stayed_at_home")

    assert any("the field mark lost the codes stayed_at_home" in each for each in old.found())


def test_a_narrower_limit_inside_a_list_of_a_command_is_refused(old: MadeUp) -> None:
    rooms = old.fields("linli.registry.open-site.v1")["rooms"]["items"]["properties"]
    rooms["capacity"]["maximum"] = 200_000

    [found] = old.found()
    assert "the field rooms[].capacity had maximum 200000 and has 100000 now" in found


def test_a_field_that_a_reply_lost_is_refused(old: MadeUp) -> None:
    old.fields(REPLY)["seat"] = {"type": "integer"}
    old.required(REPLY).append("seat")

    [found] = old.found()
    assert "in its reply the field seat is removed" in found


def test_a_field_that_a_reply_gained_is_allowed(old: MadeUp) -> None:
    del old.fields(REPLY)["version"]
    old.required(REPLY).remove("version")

    assert old.found() == []


def test_another_route_is_refused(old: MadeUp) -> None:
    old.inventory["messages"][COMMAND]["route"] = "POST /v1/attendance"

    [found] = old.found()
    assert "its route 'POST /v1/attendance' is 'POST /v1/sessions/{session_id}/attendance' now" in found


def test_a_reason_code_that_is_gone_or_means_something_else_is_refused(old: MadeUp) -> None:
    old.inventory["reasons"]["too-late"] = old.inventory["reasons"]["too-early"]
    old.inventory["reasons"]["too-early"] = {**old.inventory["reasons"]["too-early"], "status": 409}

    first, second = sorted(old.found())
    assert "the reason code too-late of 0.9.0 is gone" in first
    assert "too-early: status 409 of 0.9.0 is 422 now" in second


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the contracts' files in which a version may be released."""
    for name in ("schemas", "samples"):
        shutil.copytree(files.HOME / name, tmp_path / name)
    for name in ("pyproject.toml", "CHANGELOG.md"):
        shutil.copy(files.HOME / name, tmp_path / name)
    monkeypatch.setattr(files, "RELEASED", tmp_path / "released")
    monkeypatch.setattr(gates, "today", today)
    return tmp_path


def nothing_wrong() -> list[str]:
    return []


def released(home: Path) -> Path:
    changelog = home / "CHANGELOG.md"
    changelog.write_text(changelog.read_text("utf-8") + "\n## [0.1.0]\n", "utf-8")
    return release("0.1.0", home, gate=nothing_wrong)


def test_a_release_is_held_against_what_comes_after(home: Path) -> None:
    frozen = released(home)
    assert list(gates.promises_broken()) == []

    schema = frozen / "schemas" / f"{EVENT}.json"
    changed = json.loads(schema.read_text("utf-8"))
    changed["properties"]["seats"] = {"type": "string"}
    schema.write_text(json.dumps(changed), "utf-8")

    [found] = gates.promises_broken()
    assert f"{EVENT}: the field seats was string and is integer now since 0.1.0" in found


def test_a_sample_of_a_release_must_stay_readable(home: Path) -> None:
    sample = released(home) / "samples" / f"{EVENT}.json"
    changed = json.loads(sample.read_text("utf-8"))
    del changed["data"]["seats"]
    sample.write_text(json.dumps(changed), "utf-8")

    [found] = gates.promises_broken()
    assert f"the sample {EVENT} of 0.1.0 is no longer read: data.seats: Field required" in found.replace(
        "0.data", "data"
    )


def test_an_event_sample_with_a_code_of_the_future_stays_readable(home: Path) -> None:
    name = "linli.activities.attendance.recorded.v1"
    sample = released(home) / "samples" / f"{name}.json"
    changed = json.loads(sample.read_text("utf-8"))
    changed["data"]["mark"] = "teleported"
    sample.write_text(json.dumps(changed), "utf-8")

    assert list(gates.promises_broken()) == []


def test_a_release_needs_its_version_and_its_words(home: Path) -> None:
    with pytest.raises(NotReleasable, match="a version reads like"):
        release("soon", home, gate=nothing_wrong)
    with pytest.raises(NotReleasable) as refused:
        release("0.2.0", home, gate=nothing_wrong)
    assert "set its version to 0.2.0" in str(refused.value)
    assert "has no section `## [0.2.0]`" in str(refused.value)


def test_a_release_never_changes_and_passes_the_gates(home: Path) -> None:
    released(home)
    with pytest.raises(NotReleasable, match="released already"):
        release("0.1.0", home, gate=nothing_wrong)
    shutil.rmtree(home / "released")
    with pytest.raises(NotReleasable, match="something is stale"):
        release("0.1.0", home, gate=lambda: ["something is stale"])
