"""The description of the API (OpenAPI 3.1), completed with what its routes share: credentials, answers, problems."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI

from infrastructure.exports.forms import FORMATS
from infrastructure.http.coming_in import session_cookie
from infrastructure.http.documenting_answers import ANSWERS, COUNT, DONE, EVENTS, FEED, IMPORTED, TEXT, Schema, of
from infrastructure.http.documenting_bodies import REFERENCE, command_schema
from infrastructure.http.feed_forms import BATCH
from infrastructure.http.problems import MEDIA_TYPE, TITLES

Responses = dict[int | str, dict[str, Any]]

_PROBLEM = {MEDIA_TYPE: {"schema": {"$ref": REFERENCE.format(model="Problem")}}}
_JSON = "application/json"
_FILES = sorted({form.media_type.partition(";")[0] for form in FORMATS.values()} | {"application/zip"})
_EVIDENCE = {"/v1/evidence/checkpoint": "text/plain", "/v1/evidence/tile/{tile}": "application/octet-stream"}
_LINES = {"schema": {"type": "string", "description": "JSON Lines: a fact a line."}}


def problems(*statuses: int) -> Responses:
    """The answers of requests that come to nothing, each a problem (RFC 9457)."""
    return {status: {"description": TITLES[status], "content": _PROBLEM} for status in statuses}


EVERY = problems(401, 403, 422, 500, 503)
"""What any route may answer with."""

OF_SOMETHING = problems(404)
"""Routes that name something: `404` also for what is not the caller's to know of."""

ASKED: Responses = {
    **problems(409),
    304: {"description": "The caller has this very answer already: the tag of If-None-Match is its tag."},
}
"""Questions with a basis: `409` when the ledger has not come that far."""

TURNED = problems(400)
"""Questions in pages: `400` for a cursor of another question, filter or caller."""

BROUGHT = problems(400, 404, 408, 409, 413, 415)
"""Requests with a body."""


class DescribedApi(FastAPI):
    """An application whose description is complete."""

    def openapi(self) -> dict[str, Any]:
        """The description; the same at every asking."""
        if self.openapi_schema is None:
            found = super().openapi()
            _complete(found, session_cookie(self.state.house))
        assert self.openapi_schema is not None
        return self.openapi_schema


def _complete(found: dict[str, Any], cookie: str) -> None:
    """Add what FastAPI cannot know, because routes answer with bytes of their own and read bodies themselves."""
    body, named = command_schema()
    parts = found.setdefault("components", {})
    parts["schemas"] = {"Problem": _problem(), **named}
    parts["securitySchemes"] = {
        "key": {"type": "http", "scheme": "bearer", "description": "The key of a system."},
        "session": {"type": "apiKey", "in": "cookie", "name": cookie, "description": "A person who has signed in."},
    }
    for path, operations in found["paths"].items():
        for method, operation in operations.items():
            operation["security"] = [{"key": []}, {"session": []}]
            for status, response in _shared(path, method, operation).items():
                if status == 422 or str(status) not in operation["responses"]:
                    operation["responses"][str(status)] = response
            if path in ANSWERS:
                _answers(operation, {_JSON: ANSWERS[path]})
                operation["parameters"].append(_header("If-None-Match", "The tag of an answer that the caller has."))
    feed, bring = found["paths"]["/v1/facts"]["get"], found["paths"]["/v1/facts"]["post"]
    _answers(feed, {_JSON: {"anyOf": [FEED, _OCSF]}, BATCH: EVENTS, "text/event-stream": TEXT})
    feed["parameters"].append(_header("Last-Event-ID", "Where a stream goes on: after the last id it gave."))
    _answers(bring, {_JSON: IMPORTED})
    bring["requestBody"] = _body({"application/x-ndjson": _LINES, "application/jsonl": _LINES})
    export = found["paths"]["/v1/locations/{location}/log/export"]["get"]
    _answers(export, {kind: {"type": "string", "format": "binary"} for kind in _FILES})
    for path, kind in _EVIDENCE.items():
        _answers(found["paths"][path]["get"], {kind: {"type": "string"}})
    command = found["paths"]["/v1/commands"]["post"]
    for status in (200, 207):
        _answers(command, {_JSON: DONE}, status)
    command["parameters"].append(_header("Idempotency-Key", "Sent again with the same key, it is done once."))
    command["requestBody"] = _body({_JSON: {"schema": body}})


def _shared(path: str, method: str, operation: Mapping[str, Any]) -> Responses:
    """What a route may answer with beside its own answers; its own words for a status come first."""
    found = dict(EVERY)
    names = {parameter["name"] for parameter in operation.get("parameters", ())}
    if "{" in path:
        found |= OF_SOMETHING
    if path in ANSWERS or "at_least" in names:
        found |= ASKED
    if "cursor" in names:
        found |= TURNED
    if method != "get":
        found |= BROUGHT
    return found


_OCSF = of(next=COUNT, position=COUNT, events={"type": "array", "items": {"type": "object"}})


def _problem() -> Schema:
    schema = of(
        type=TEXT, title=TEXT, status={"enum": sorted(TITLES)}, code={**TEXT, "minLength": 1}, detail=TEXT, request=TEXT
    )
    return {**schema, "description": "Problem details (RFC 9457); `code` is for programs, `detail` for people."}


def _answers(operation: dict[str, Any], kinds: Mapping[str, Schema], status: int = 200) -> None:
    described = operation["responses"].setdefault(str(status), {"description": "Some of it was refused."})
    described["content"] = {kind: {"schema": schema} for kind, schema in kinds.items()}


def _body(kinds: Mapping[str, Schema]) -> dict[str, Any]:
    return {"required": True, "content": dict(kinds)}


def _header(name: str, says: str) -> dict[str, Any]:
    schema = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": r"^[\x21-\x7e]+$"}
    return {"name": name, "in": "header", "required": False, "description": says, "schema": schema}
