"""The description is valid, complete, and says the same as what reads requests and writes replies."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import orjson
import pytest
from openapi_schema_validator import OAS31Validator, oas31_format_checker
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from callvault.dialects.callvault import DIALECT, replies
from callvault.dialects.callvault.asked import Parameter, Preset
from callvault.dialects.callvault.description.openapi import description
from callvault.dialects.callvault.errors import refuse
from callvault.dialects.callvault.operation import Operation
from callvault.dialects.callvault.operations import OPERATIONS
from callvault.errors import BadRequest
from callvault.model.card import Card, read_card
from callvault.model.query import Slice
from callvault.model.recording import Recording
from callvault.model.written_card import write_card
from tests.unit.dialects.tellings import CORE, telling
from tests.unit.dialects.visits import TEA_ORDER, TERMS, document, every_error, visit

GOLDEN = Path(__file__).parents[3] / "golden"
DESCRIPTION: dict[str, Any] = orjson.loads(orjson.dumps(description("https://vault.example.net", "1.2.3")))
PARAMETERS = [(operation, parameter) for operation in OPERATIONS for parameter in operation.parameters]


def described(operation: Operation) -> dict[str, Any]:
    told: dict[str, Any] = DESCRIPTION["paths"][operation.path][operation.method.lower()]
    return told


def faults(schema: dict[str, Any] | str, value: object) -> list[str]:
    """What is wrong with a value under a schema, or under a component by its name."""
    root = {"$ref": f"#/components/schemas/{schema}"} if isinstance(schema, str) else schema
    validator = OAS31Validator({**root, "components": DESCRIPTION["components"]}, format_checker=oas31_format_checker)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]


def schema_of(operation: Operation, parameter: Parameter[Any]) -> dict[str, Any]:
    (told,) = (each for each in described(operation)["parameters"] if each["name"] == parameter.name)
    schema: dict[str, Any] = told.get("schema") or told["content"]["application/json"]["schema"]
    return schema


def test_it_is_valid() -> None:
    validate(DESCRIPTION, cls=OpenAPIV31SpecValidator)


def test_it_is_what_the_server_serves() -> None:
    reply = replies.say_description(None, visit())
    assert document(reply)["servers"] == [{"url": "https://vault.example.net"}]
    assert document(reply)["paths"] == DESCRIPTION["paths"]


def test_it_describes_the_routes_and_nothing_else() -> None:
    routes = {(route.method, route.path) for route in DIALECT.routes}
    told = {(method.upper(), path) for path, item in DESCRIPTION["paths"].items() for method in item}
    assert {(method, path) for method, path in told if method != "HEAD"} == routes
    assert {("GET", path) for method, path in told if method == "HEAD"} <= routes


def test_it_says_who_may_come() -> None:
    for route in DIALECT.routes:
        told = DESCRIPTION["paths"][route.path][route.method.lower()]
        assert (told.get("security") == []) is route.public
        assert ("401" in told["responses"]) is not route.public


def test_it_says_what_bodies_are_taken() -> None:
    for operation in OPERATIONS:
        body = described(operation).get("requestBody", {}).get("content", {})
        kinds = {kind.partition("/")[0] for kind in body} - {"application"}
        assert (kinds == {"audio"}) is operation.takes_audio
        assert ("application/json" in body) is (operation.takes is not None)
    for route in DIALECT.routes:
        operation = next(each for each in OPERATIONS if (each.method, each.path) == (route.method, route.path))
        assert operation.takes_audio is route.streams


def test_operations_have_names_of_their_own() -> None:
    names = [operation["operationId"] for item in DESCRIPTION["paths"].values() for operation in item.values()]
    assert len(set(names)) == len(names)


def test_a_webhook_is_what_goes_out() -> None:
    (told,) = [item["post"] for item in DESCRIPTION["webhooks"].values()]
    for event in CORE["events"]:
        notice = DIALECT.hooks.phrase(telling("callvault", event))
        assert faults("Notice", orjson.loads(notice.body)) == []
    assert {each["name"] for each in told["parameters"]} <= {name for name, _ in notice.headers}


def test_every_component_is_used() -> None:
    text = json.dumps(DESCRIPTION)
    for family in ("schemas", "headers", "responses"):
        for name in DESCRIPTION["components"][family]:
            if (family, name) not in {("responses", "405"), ("responses", "410"), ("responses", "429")}:
                assert f'"#/components/{family}/{name}"' in text, f"{family} {name}"


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_it_describes_every_parameter_and_no_other(operation: Operation) -> None:
    told = {(each["name"], each["in"]) for each in described(operation).get("parameters", [])}
    assert {pair for pair in told if pair[1] != "path"} == {(each.name, each.place) for each in operation.parameters}
    assert {f"{{{name}}}" for name, place in told if place == "path"} == {
        segment for segment in operation.path.split("/") if segment.startswith("{")
    }


def samples(schema: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    """Texts at the edges of what a schema allows, and whether it does."""
    if "enum" in schema:
        yield from ((word, True) for word in schema["enum"])
        yield "no-such-word", False
    elif schema.get("type") == "integer":
        least, most = schema["minimum"], schema["maximum"]
        yield from ((str(least), True), (str(most), True), (str(least - 1), False), (str(most + 1), False))
        yield "1.5", False
    elif schema.get("type") == "boolean":
        yield from (("true", True), ("false", True), ("1", False))
    elif schema.get("format") == "uuid":
        yield from (("019ca8a0-46c2-7a3b-8c4d-5e6f708192a3", True), ("019ca8a046c27a3b8c4d5e6f708192a3", False))
    elif schema.get("format") == "date-time":
        yield from (("2026-03-01T09:00:00Z", True), ("2026-03-01T10:00:00.5+01:00", True), ("noon", False))
    elif "maxLength" in schema:
        yield from (("x" * schema["maxLength"], True), ("x" * (schema["maxLength"] + 1), False), ("a\x07", False))


@pytest.mark.parametrize(("operation", "parameter"), PARAMETERS, ids=lambda each: getattr(each, "id", "") or each.name)
def test_a_parameter_is_described_as_it_is_read(operation: Operation, parameter: Parameter[Any]) -> None:
    schema = schema_of(operation, parameter)
    assert (schema["type"] == "array") is parameter.many if "type" in schema else not parameter.many
    inner = schema["items"] if parameter.many else schema
    if parameter.name == "Idempotency-Key":
        inner = {**inner, "maxLength": 255}  # the two more are quotes
    for text, allowed in samples(inner):
        if allowed:
            parameter.kind.read(text, parameter.name)
        else:
            with pytest.raises(BadRequest):
                parameter.kind.read(text, parameter.name)
    if isinstance(parameter, Preset):
        assert schema["default"] == parameter.default
        assert faults(inner, schema["default"]) == []
    if parameter.example is not None:
        parameter.kind.read(parameter.example, parameter.name)
        assert faults(inner, parameter.example) == []


def test_a_page_token_is_described_as_it_is_written() -> None:
    token = document(replies.say_page(Slice(items=(TEA_ORDER,), more=True), visit("/callvault/v1/recordings")))["next"]
    find = next(operation for operation in OPERATIONS if operation.id == "findRecordings")
    after = next(parameter for parameter in find.parameters if parameter.name == "after")
    assert faults(schema_of(find, after), token) == []
    assert faults(schema_of(find, after), token[1:]) != []


def test_every_example_is_one() -> None:
    contents = [
        content
        for item in DESCRIPTION["paths"].values()
        for operation in item.values()
        for answer in operation["responses"].values()
        for content in answer.get("content", {}).values()
        if "example" in content
    ]
    assert len(contents) >= 6
    for content in contents:
        assert faults(content["schema"], content["example"]) == []


def test_what_is_required_is_always_there_and_what_is_there_is_described() -> None:
    schema = DESCRIPTION["components"]["schemas"]["Recording"]
    assert set(schema["properties"]) == {entry.name for entry in fields(Recording)} | {"links"}
    told = document(replies.say_one(TEA_ORDER, visit()))
    assert faults("Recording", told) == []
    for name in schema["required"]:
        assert faults("Recording", {key: value for key, value in told.items() if key != name})


def test_a_card_is_described_as_it_is_read() -> None:
    properties = DESCRIPTION["components"]["schemas"]["Card"]["properties"]
    assert set(properties) < {entry.name for entry in fields(Card)}
    told = write_card(TEA_ORDER)
    said = {name: told[name] for name in told if name in properties}
    assert faults("Card", said) == []
    assert read_card(said)
    for card in (
        {"status": "available"},
        {"labl": "a"},
        {"media_state": "absent"},
        {"direction": "in"},
        {"notes": "a"},
    ):
        assert faults("Card", card) != []


@pytest.mark.parametrize("error", every_error(), ids=repr)
def test_every_problem_is_described(error: Exception) -> None:
    reply = refuse(error, visit().request, TERMS)  # type: ignore[arg-type]
    if getattr(error, "code", "") not in {"error", "operator-error"}:
        assert faults("Problem", document(reply)) == []
    assert str(reply.status) in DESCRIPTION["components"]["responses"]


EXCHANGES = [
    pytest.param(exchange, id=f"{path.parent.name}: {exchange['about']}")
    for path in sorted(GOLDEN.glob("*/callvault.json"))
    for exchange in json.loads(path.read_text())["exchanges"]
]


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_the_golden_replies_are_as_described(exchange: dict[str, Any]) -> None:
    asked, told = exchange["request"], exchange["reply"]
    operation = operation_of(asked["method"], asked["path"].partition("?")[0])
    if operation is None:
        assert told["status"] in {404, 405}
        assert faults("Problem", told["body"]) == []
        return
    answer = operation["responses"][str(told["status"])]
    if "$ref" in answer:
        answer = DESCRIPTION["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    content = answer.get("content", {})
    kind = told.get("headers", {}).get("content-type")
    assert (kind is None and not content) or kind in content or asked["method"] == "HEAD"
    if "body" in told and kind is not None:
        assert faults(content[kind]["schema"], told["body"]) == []


def operation_of(method: str, path: str) -> dict[str, Any] | None:
    """The operation whose path this is, if any; templates match any segment, and literal ones go first."""
    for template, item in sorted(DESCRIPTION["paths"].items(), key=lambda pair: "{" in pair[0]):
        pairs = list(zip(template.split("/"), path.split("/"), strict=False))
        same = all(want == have or want.startswith("{") for want, have in pairs)
        if same and len(pairs) == template.count("/") + 1 == path.count("/") + 1 and method.lower() in item:
            found: dict[str, Any] = item[method.lower()]
            return found
    return None
