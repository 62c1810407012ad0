"""The rules of the house hold for every contract, and each of them can fail."""

import ast
import sys
import types
from pathlib import Path
from typing import Annotated, Any, NamedTuple
from uuid import uuid4

import pytest
from pydantic import TypeAdapter, ValidationError

import contracts
from contracts import envelope
from contracts.activities.v1 import AttendanceMark, AttendanceRecorded
from contracts.activities.v1.attendance import OnSiteDigits
from contracts.activities.v1.calendar import Month
from contracts.activities.v1.figures import Period
from contracts.catalogue import EVENTS, MESSAGES, REQUESTS
from contracts.data import INTERNAL, PERSONAL, DataClass, Slug
from contracts.generation import files, rules
from contracts.generation.samples import event_sample, request_sample
from contracts.message import Command, Done, Event, Message, Part, data_classes
from contracts.refusals import GENERAL, Reason, Refusal, Refused
from contracts.region import RegionCode

HOME = Path(contracts.__file__).parent
SHIPPED = [path for path in HOME.rglob("*.py") if "generation" not in path.parts]
CLIENT = HOME / "client"
ID_NUMBER = "11010519491231002X"


class Row(NamedTuple):
    """A row whose second place is of a person."""

    code: Annotated[str, INTERNAL]
    name: Annotated[str, PERSONAL]


def declare_event(**fields: Any) -> type[Event]:
    """An event of a service that does not exist."""
    namespace = {"__module__": "contracts.weather.v1", "__annotations__": fields}
    declared: type[Event] = types.new_class(
        "Rained", (Event,), {"fact": "shower.fell"}, lambda body: body.update(namespace)
    )
    return declared


def unbounded(schema: Any, place: str = "") -> list[str]:
    """Where a JSON schema takes a whole number of any size: a database counts no further than 2^63."""
    if isinstance(schema, list):
        return [found for part in schema for found in unbounded(part, place)]
    if not isinstance(schema, dict):
        return []
    here = [place] if schema.get("type") == "integer" and not {"maximum", "exclusiveMaximum"} & schema.keys() else []
    return here + [found for name, part in schema.items() for found in unbounded(part, f"{place}/{name}")]


@pytest.mark.parametrize("request_kind", REQUESTS, ids=lambda kind: kind.contract.name)
def test_no_request_takes_a_number_that_no_database_can_count_to(request_kind: type[Message]) -> None:
    assert unbounded(request_kind.model_json_schema()) == []


def test_an_unbounded_number_is_found() -> None:
    class Weather(Part):
        degrees: tuple[int | None, ...]

    assert unbounded(Weather.model_json_schema()) == ["/properties/degrees/items/anyOf"]


def test_no_event_carries_data_of_a_person() -> None:
    for event in EVENTS:
        assert {found for _, found in data_classes(event)} <= {DataClass.PUBLIC, DataClass.INTERNAL}


@pytest.mark.parametrize("data_class", [DataClass.PERSONAL, DataClass.SENSITIVE, DataClass.MINOR])
def test_an_event_with_data_of_a_person_cannot_be_declared(data_class: DataClass) -> None:
    with pytest.raises(TypeError, match="not in an event"):
        declare_event(shower_id=Annotated[str, INTERNAL], who=Annotated[str, data_class])


def test_data_of_a_person_cannot_hide_in_the_rows_of_an_event() -> None:
    with pytest.raises(TypeError, match=r"rows\.name is personal"):
        declare_event(shower_id=Annotated[str, INTERNAL], rows=tuple[Row, ...])


@pytest.mark.parametrize("data_class", [DataClass.PERSONAL, DataClass.SENSITIVE, DataClass.MINOR])
def test_a_command_that_replies_with_data_of_a_person_cannot_be_declared(data_class: DataClass) -> None:
    namespace = {"__module__": "contracts.weather.v1", "__annotations__": {"who": Annotated[str, data_class]}}
    reply = types.new_class("Shower", (Part,), {}, lambda body: body.update(namespace))
    contract = {"name": "rain", "permission": "weather.rain", "http": "POST /v1/showers"}
    with pytest.raises(TypeError, match=r"replies with data of a person: \['who'\]"):
        types.new_class(
            "Rain",
            (Command[reply],),
            contract,
            lambda body: body.update({"__module__": "contracts.weather.v1"}),  # type: ignore[valid-type]
        )


def test_text_without_a_data_class_cannot_be_declared() -> None:
    with pytest.raises(TypeError, match="must declare its data class"):
        declare_event(shower_id=Annotated[str, INTERNAL], who=str)


@pytest.mark.parametrize("kind", MESSAGES, ids=lambda kind: kind.__name__)
def test_no_text_field_takes_an_identity_number(kind: type[Any]) -> None:
    data = event_sample(kind)["data"] if issubclass(kind, Event) else request_sample(kind)

    assert list(rules.id_number_findings(kind, data)) == []


def test_a_field_that_takes_an_identity_number_is_found() -> None:
    namespace = {"__module__": "contracts.weather.v1", "__annotations__": {"number": Annotated[str, INTERNAL]}}
    arguments = {"name": "note", "permission": "weather.note", "http": "POST /v1/notes"}
    careless: type[Message] = types.new_class("Note", (Command[Done],), arguments, lambda body: body.update(namespace))

    found = list(rules.id_number_findings(careless, {"number": "x"}))

    assert any(ID_NUMBER in each for each in found)


def test_an_identity_number_has_an_error_of_its_own() -> None:
    fields = request_sample(next(each for each in REQUESTS if each.__name__ == "RecordConsent"))
    kind = next(each for each in REQUESTS if each.__name__ == "RecordConsent")

    with pytest.raises(ValidationError) as refused:
        kind.model_validate(fields | {"notice_version": ID_NUMBER})

    assert [error["type"] for error in refused.value.errors()] == ["id-number-not-accepted"]
    assert ID_NUMBER not in str(refused.value)


def test_an_ordinary_long_number_is_no_identity_number() -> None:
    assert TypeAdapter(Slug).validate_python("110105194912310021") == "110105194912310021"


@pytest.mark.parametrize(
    "subject",
    [
        "evt.Activities.enrolment",
        "evt.activities.seats_offered",
        "evt.活动.x",
        "evt..x",
        ".".join("a" * 17),
        "evt." + "a" * 300,
    ],
)
def test_a_subject_outside_the_grammar_is_found(subject: str) -> None:
    assert list(rules.subject_findings(subject))


def test_subjects_have_room_and_tell_kind_service_and_region() -> None:
    for event in EVENTS:
        tokens = envelope.subject_of(event, "350503001007").split(".")
        assert len(tokens) == 9
        assert tokens[:2] == ["evt", event.contract.service]
        assert tokens[5:] == ["3505", "03", "001", "007"]
    for request in REQUESTS:
        assert request.contract.subject.split(".")[0] == {"command": "cmd", "query": "qry"}[request.contract.kind]


@pytest.mark.parametrize(
    ("first", "second", "ambiguous"),
    [
        ("/v1/sites/{site_id}", "/v1/sites/{id}", True),
        ("/v1/sites/{site_id}/close", "/v1/{thing}/home/close", True),
        ("/v1/divisions/find", "/v1/divisions/{code}", False),
        ("/v1/sites/{site_id}", "/v1/sites/{site_id}/close", False),
        ("/v1/sites/{site_id}", "/v1/units/{unit_id}", False),
        ("/v1/sites", "/v1/sites", True),
    ],
)
def test_routes_that_one_request_may_mean_are_found(first: str, second: str, ambiguous: bool) -> None:
    assert rules.is_ambiguous(first, second) is ambiguous


def test_reasons_that_nobody_gives_declares_or_translates_are_found() -> None:
    good = Reason(409, "场次 {session_id} 已满。", "Session {session_id} is full.")
    assert list(rules.reason_findings({"full": good}, {"full"})) == []

    assert "no contract gives it" in next(rules.reason_findings({"full": good}, set()))
    assert "not in the closed list" in next(rules.reason_findings({}, {"full"}))
    for bad in (
        Reason(409, "Session is full.", "Session is full."),
        Reason(409, "已满。", "已满。"),
        Reason(409, "已满。", ""),
        Reason(409, "场次 {session_id} 已满。", "Session is full."),
    ):
        assert list(rules.reason_findings({"full": bad}, {"full"}))


def test_a_refusal_may_have_a_parameter_named_code() -> None:
    refusal = Refusal("division-code-unknown", code="350599000000")

    assert Refused("division-code-unknown", code="350599000000").refusal == refusal
    assert refusal.reason.sentence("en", refusal.params).startswith("No division has the code 350599000000.")


def test_a_code_a_reader_does_not_know_reads_as_unknown() -> None:
    sample = event_sample(AttendanceRecorded)
    sample["data"] |= {"mark": "teleported", "added_later": True}
    sample["addedlater"] = "x"

    event = envelope.read(AttendanceRecorded, files.as_text(sample))

    assert event.data.mark is AttendanceMark.UNKNOWN


@pytest.mark.parametrize("mark", ["teleported", "unknown"])
def test_a_writer_must_use_a_known_code(mark: str) -> None:
    fields = event_sample(AttendanceRecorded)["data"] | {"mark": mark}

    with pytest.raises(ValidationError, match="must be one of check_in, check_out"):
        AttendanceRecorded.model_validate(fields)


def test_what_a_caller_sends_as_trace_cannot_change_an_event() -> None:
    sample = envelope.read(AttendanceRecorded, files.as_text(event_sample(AttendanceRecorded)))
    forged = '00","actor":"somebody-else","x":"'

    text = envelope.seal(
        sample.data,
        id=uuid4(),
        time=sample.time,
        region=sample.region,
        version=1,
        actor='a"b',
        correlation=uuid4(),
        causation=uuid4(),
        traceparent=forged,
    )

    opened = envelope.read(AttendanceRecorded, text)
    assert (opened.actor, opened.traceparent) == ('a"b', None)


def imported(path: Path) -> set[str]:
    """Top-level names of absolute imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add(str(node.module).partition(".")[0])
    return found


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.relative_to(HOME)))
def test_contracts_need_pydantic_and_the_standard_library_alone(path: Path) -> None:
    allowed = {"pydantic", "pydantic_core"} | ({"nats"} if path.is_relative_to(CLIENT) else set())

    assert imported(path) - sys.stdlib_module_names <= allowed
    assert "contracts" not in imported(path)


def test_general_reasons_can_be_repeated_where_they_say_so() -> None:
    repeated = {code for code, reason in GENERAL.items() if reason.retryable}
    assert repeated == {"deadline-expired", "too-many-requests", "unavailable"}


@pytest.mark.parametrize(
    ("kind", "text"),
    [(RegionCode, "350503000000"), (Month, "2026-11"), (Period, "2026Q4"), (OnSiteDigits, "202611")],
)
def test_digits_are_those_of_ascii(kind: Any, text: str) -> None:
    """Those of other scripts look alike and are another text: no region, no month, no code."""
    reader: TypeAdapter[str] = TypeAdapter(kind)
    assert reader.validate_python(text) == text
    with pytest.raises(ValidationError):
        reader.validate_python(text.replace("2", "２").replace("3", "３"))
