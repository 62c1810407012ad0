"""Everything that is made from the contracts is fresh, valid, and says what the classes say."""

import copy
import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from contracts.activities.v1 import EnrolmentConfirmed
from contracts.catalogue import EVENTS, MESSAGES, REQUESTS, SERVICES
from contracts.generation import asyncapi, files, inventory, openapi, topology, typescript
from contracts.generation.samples import NoSample, value_of
from contracts.generation.schemas import reachable
from contracts.message import Event
from contracts.refusals import reason_of

ROOT = Path(__file__).parents[2]
ASYNCAPI = jsonschema_rs.validator_for(json.loads((Path(__file__).parent / "asyncapi-3.0.0.json").read_text("utf-8")))
document = cache(openapi.document)
schemas = cache(files.schemas)
inventory_of_today = cache(inventory.inventory)
types = cache(typescript.types)


@cache
def asyncapi_documents() -> dict[str, Any]:
    hearers = topology.hearers()
    return {"merged": asyncapi.merged_document(hearers), **asyncapi.documents(hearers)}


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the made files that may be spoilt. The documents are made once, for that takes most of the time."""
    monkeypatch.setattr(files, "schemas", schemas)
    monkeypatch.setattr(files, "inventory", inventory_of_today)
    monkeypatch.setattr(typescript, "types", types)
    monkeypatch.setattr(openapi, "document", document)
    documents = asyncapi_documents()
    monkeypatch.setattr(asyncapi, "documents", lambda _: {name: documents[name] for name in SERVICES})
    monkeypatch.setattr(asyncapi, "merged_document", lambda _: documents["merged"])
    for name in ("schemas", "samples", "documents", "released"):
        monkeypatch.setattr(files, name.upper(), tmp_path / "contracts" / name)
    monkeypatch.setattr(files, "HOME", tmp_path / "contracts")
    monkeypatch.setattr(files, "README", tmp_path / "README.md")
    (tmp_path / "README.md").write_text(f"# x\n{inventory.MAP_BEGIN}\n{inventory.MAP_END}\nrest\n", "utf-8")
    files.write()
    assert list(files.stale()) == []
    return tmp_path / "contracts"


def test_a_spoilt_file_is_found_and_mended(workshop: Path) -> None:
    (workshop / "documents" / "openapi.json").write_text("{}", "utf-8")
    (workshop / "schemas" / "linli.activities.enrol.v1.json").unlink()
    (workshop / "schemas" / "linli.activities.gone.v1.json").write_text("{}", "utf-8")

    found = list(files.stale())
    assert len(found) == 3
    assert all("run ./linli contracts generate" in each for each in found)

    assert len(files.write()) == 3
    assert list(files.stale()) == []


def test_the_map_of_the_readme_is_kept_between_its_markers(workshop: Path) -> None:
    readme = workshop.parent / "README.md"
    text = readme.read_text("utf-8")
    assert text.startswith("# x\n")
    assert text.endswith("rest\n")
    assert all(f"**{service}**" in text for service in SERVICES)

    commands = sum(each.contract.service == "notify" and each.contract.kind == "command" for each in REQUESTS)
    assert f"[{commands} commands, " in text
    readme.write_text(text.replace(f"[{commands} commands", "[99 commands"), "utf-8")
    assert list(files.stale()) == ["README.md is stale: run ./linli contracts generate"]

    readme.write_text("# no markers", "utf-8")
    with pytest.raises(LookupError, match="map:begin"):
        files.made()


def test_a_sample_is_kept_and_must_stay_valid(workshop: Path) -> None:
    sample = workshop / "samples" / "linli.activities.enrol.v1.json"
    fields = json.loads(sample.read_text("utf-8"))
    sample.write_text(json.dumps(fields | {"people": fields["people"] * 3}), "utf-8")
    assert files.write() == []
    assert list(files.stale()) == []

    sample.write_text(json.dumps(fields | {"seats": 3}), "utf-8")
    assert list(files.stale()) == [
        "contracts/samples/linli.activities.enrol.v1.json is no longer valid: seats: Extra inputs are not permitted"
    ]

    sample.rename(sample.with_name("linli.activities.enroll.v1.json"))
    found = list(files.stale())
    assert len(found) == 2
    assert "is missing" in found[0]
    assert "belongs to no message: delete it" in found[1]


@pytest.mark.parametrize("draft", [jsonschema_rs.Draft202012Validator, jsonschema_rs.Draft7Validator])
def test_every_sample_keeps_its_schema_in_both_drafts(draft: Any) -> None:
    for name, schema in schemas().items():
        sample = json.loads((files.SAMPLES / f"{name}.json").read_text("utf-8"))
        data = sample["data"] if "specversion" in sample else sample
        plain = {key: value for key, value in schema.items() if key != "$schema"}
        draft(plain, validate_formats=True).validate(data)
        with pytest.raises(jsonschema_rs.ValidationError):
            draft(plain).validate({**data, "never_heard_of": 1})


def test_every_event_sample_keeps_the_envelope_schema() -> None:
    envelope = jsonschema_rs.validator_for(json.loads((files.SCHEMAS / "envelope.json").read_text("utf-8")))
    for event in EVENTS:
        sample = json.loads((files.SAMPLES / f"{event.contract.type}.json").read_text("utf-8"))
        envelope.validate(sample)
        assert sample["dataschema"] == schemas()[event.contract.type]["$id"]


def test_a_field_without_a_plausible_value_is_named() -> None:
    with pytest.raises(NoSample, match="favourite_colour"):
        value_of("favourite_colour", {"type": "string"})


@pytest.mark.parametrize("name", ["merged", *SERVICES])
def test_asyncapi_documents_are_valid(name: str) -> None:
    document = copy.deepcopy(asyncapi_documents()[name])
    assert [error.message for error in ASYNCAPI.iter_errors(document)] == []
    assert list(dangling(document)) == []

    document["operations"][next(iter(document["operations"]))]["action"] = "shout"
    assert not ASYNCAPI.is_valid(document)


def test_asyncapi_names_every_message_and_who_hears_it(tmp_path: Path) -> None:
    file = tmp_path / "topology.json"
    consumer = {"service": "notify", "durable": "notify-plan-confirmation", "events": ["EnrolmentConfirmed"]}
    file.write_text(json.dumps({"consumers": [consumer]}), "utf-8")
    hearers = topology.hearers(file)

    merged = asyncapi.merged_document(hearers)
    assert len(merged["channels"]) == len(EVENTS) + 2 * len(REQUESTS)
    address = "evt.activities.enrolment.confirmed.v1.{city}.{district}.{street}.{community}"
    assert merged["channels"]["EnrolmentConfirmed"]["address"] == address

    heard = asyncapi.service_document("notify", hearers)["operations"]["notifyPlanConfirmationOnEnrolmentConfirmed"]
    assert heard["action"] == "receive"
    assert heard["x-jetstream"] == {"stream": "EVT_ACTIVITIES", "durable": "notify-plan-confirmation"}


def test_the_map_says_how_much_a_service_hears_of_each_other_and_by_how_many_consumers() -> None:
    says = Counter(event.contract.service for event in EVENTS)
    one = topology.Hearer("notify", "notify-one", (EnrolmentConfirmed,))
    same = topology.Hearer("notify", "notify-same", (EnrolmentConfirmed,))
    everything = topology.Hearer("notify", "notify-webhooks", EVENTS)

    assert f"| activities: 1 of {says['activities']}, by 2 |" in inventory.map_table([one, same])
    assert f"| registry: all {says['registry']}, by 1; activities: all " in inventory.map_table([everything])


def test_the_links_of_the_map_lead_to_what_is_there() -> None:
    links = re.findall(r"\]\(([^)]+)\)", inventory.map_table(topology.hearers()))

    assert len(links) == 3 * len(SERVICES)
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_a_topology_that_hears_what_nobody_says_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "topology.json"
    file.write_text(json.dumps({"consumers": [{"service": "notify", "durable": "x", "events": ["Rained"]}]}), "utf-8")

    with pytest.raises(LookupError, match="Rained"):
        topology.hearers(file)


def dangling(document: Any) -> Iterator[str]:
    """References that lead nowhere."""
    left = [document]
    while left:
        node = left.pop()
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str) and not leads_somewhere(document, node["$ref"]):
                yield node["$ref"]
            left += node.values()
        elif isinstance(node, list):
            left += node


def leads_somewhere(document: Any, reference: str) -> bool:
    for step in reference.removeprefix("#/").split("/"):
        document = document.get(step) if isinstance(document, dict) else None
    return document is not None


def operations() -> list[tuple[str, str, Any]]:
    return [(path, method, made) for path, item in document()["paths"].items() for method, made in item.items()]


def test_openapi_has_every_route_once_and_the_event_stream() -> None:
    declared = {
        (each.contract.route.path, each.contract.route.method.lower()) for each in REQUESTS if each.contract.route
    }

    assert {(path, method) for path, method, _ in operations()} == {*declared, ("/v1/events", "get")}
    assert len({made["operationId"] for _, _, made in operations()}) == len(REQUESTS) + 1
    assert list(dangling(document())) == []


def test_openapi_paths_and_parameters_agree() -> None:
    for path, method, made in operations():
        named = [each for each in made["parameters"] if "name" in each]
        assert {each["name"] for each in named if each["in"] == "path"} == {
            part[1:-1] for part in path.split("/") if part.startswith("{")
        }
        assert all(each["required"] for each in named if each["in"] == "path")
        assert ("requestBody" in made) <= (method != "get")
        assert {"$ref": "#/components/parameters/IdempotencyKey"} in made["parameters"] or method == "get"


def test_openapi_asks_for_a_token_unless_a_route_is_public() -> None:
    for _, _, made in operations():
        assert made["security"] == ([] if made["x-permission"] == "public" else [{"bearer": []}])
        own = any(reason_of(code).status == 401 for code in made.get("x-refusals", ()))
        assert ("401" in made["responses"]) == (own or made["x-permission"] != "public")


def validator(schema: Any) -> Any:
    """With the components that the schema needs: compiling all of them for each takes seconds."""
    return jsonschema_rs.Draft202012Validator(
        {**schema, "components": {"schemas": reachable(schema)}}, validate_formats=True
    )


def test_openapi_examples_keep_their_schemas() -> None:
    checked = 0
    for _, _, made in operations():
        contents = [made.get("requestBody", {}).get("content", {}), made["responses"]["200"]["content"]]
        for content in (media for media in contents if "application/json" in media):
            media = content["application/json"]
            validator(media["schema"]).validate(media["example"])
            checked += 1
    problem = validator(document()["components"]["schemas"]["Problem"])
    for example in document()["components"]["examples"].values():
        problem.validate(example["value"])
        assert "{" not in example["value"]["detail"]
        assert "…" not in example["value"]["detail"]
    assert checked > len(REQUESTS)


def test_openapi_shows_each_refusal_of_a_route_in_both_languages() -> None:
    [enrol] = [made for _, _, made in operations() if made["operationId"] == "enrol"]
    conflict = enrol["responses"]["409"]["content"]["application/problem+json"]["examples"]

    assert {"window-closed.zh", "window-closed.en"} <= conflict.keys()
    examples = document()["components"]["examples"]
    assert examples["window-closed.zh"]["value"]["detail"] == "报名已截止。请选其他场次。"
    assert examples["window-closed.en"]["value"]["detail"] == "Enrolment is closed. Choose another session."
    unavailable = document()["components"]["responses"]["unavailable"]
    assert "Retry-After" in unavailable["headers"]


def test_typescript_declares_every_message_event_and_route() -> None:
    text = typescript.types()

    for kind in MESSAGES:
        assert f"export interface {kind.__name__} " in text or f"export type {kind.__name__} " in text
    for event in EVENTS:
        assert f'CloudEvent<"{event.contract.type}", {event.__name__}>' in text
    assert '"POST /v1/sessions/{session_id}/enrolments": { request: Enrol; reply: EnrolmentState;' in text
    assert text.count("{") == text.count("}")


def test_schemas_carry_the_data_class_of_each_field() -> None:
    person = schemas()["linli.registry.register-person.v1"]["properties"]

    assert (person["name"]["x-data-class"], person["email"]["x-data-class"]) == ("personal", "personal")
    assert person["region"]["x-data-class"] == "public"
    for event in EVENTS:
        assert issubclass(event, Event)
        classes = {field.get("x-data-class") for field in schemas()[event.contract.type]["properties"].values()}
        assert classes <= {"public", "internal", None}
