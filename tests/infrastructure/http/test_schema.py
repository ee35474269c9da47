"""The description of the API: whole, bounded, and of the API alone."""

from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema_rs
import pytest

from infrastructure.http.documenting_answers import ANSWERS
from tests.infrastructure.http.serving import Running

Json = Mapping[str, Any]


@pytest.fixture
def description(demo: Running) -> Json:
    """As it is given to anybody who asks."""
    with demo.client() as client:
        found: Json = client.get("/v1/openapi.json").json()
    return found


def operations(description: Json) -> Iterator[tuple[str, Json]]:
    for path, found in description["paths"].items():
        for method, operation in found.items():
            yield f"{method} {path}", operation


def test_it_is_of_the_api_and_not_of_the_pages(description: Json) -> None:
    assert description["openapi"].startswith("3.1")
    assert all(path.startswith("/v1/") for path in description["paths"])
    assert {"/v1/facts", "/v1/commands", *ANSWERS} <= set(description["paths"])


def test_every_operation_says_who_may_call_it_and_what_it_answers(description: Json) -> None:
    assert {scheme["type"] for scheme in description["components"]["securitySchemes"].values()} == {"http", "apiKey"}
    for name, operation in operations(description):
        assert operation["security"], name
        responses = operation["responses"]
        assert {"401", "403", "422", "500", "503"} <= set(responses), name
        for status, response in responses.items():
            if status.startswith("2") and status != "204":
                assert all(kind["schema"] for kind in response["content"].values()), (name, status)
                assert response["content"], (name, status)
            elif status not in {"204", "304"}:
                assert list(response["content"]) == ["application/problem+json"], (name, status)


def test_every_parameter_is_bounded(description: Json) -> None:
    for name, operation in operations(description):
        for parameter in operation.get("parameters", ()):
            assert list(unbounded(parameter["schema"])) == [], (name, parameter["name"])


def unbounded(schema: Json) -> Iterator[Json]:
    """What of a schema may be as large as anybody likes."""
    if "enum" in schema or "const" in schema:
        return
    if "anyOf" in schema:
        for inner in schema["anyOf"]:
            yield from unbounded(inner)
    elif schema["type"] == "string":
        if not {"maxLength", "format"} & schema.keys() and "{" not in schema.get("pattern", ""):
            yield schema
    elif schema["type"] in {"integer", "number"}:
        if not {"minimum", "maximum"} <= schema.keys():
            yield schema
    elif schema["type"] == "array":
        if "maxItems" not in schema:
            yield schema
        yield from unbounded(schema["items"])
    elif schema["type"] not in {"boolean", "null"}:
        yield schema


@pytest.mark.parametrize("schema", [{"type": "string"}, {"anyOf": [{"type": "array", "items": {"type": "null"}}]}])
def test_what_is_unbounded_is_found(schema: Json) -> None:
    assert list(unbounded(schema))


def test_its_schemas_are_schemas_and_refer_to_what_is_there(description: Json) -> None:
    for name, schema in description["components"]["schemas"].items():
        whole = {**schema, "components": description["components"]}
        assert jsonschema_rs.validator_for(whole) is not None, name
    problem = jsonschema_rs.validator_for(description["components"]["schemas"]["Problem"])
    assert not problem.is_valid({"title": "Not found"})
