"""What requests bring, as JSON Schema: each command with the form that reads it."""

from collections.abc import Mapping

from domain.commands import COMMANDS, Observe
from domain.commands.form import Request
from domain.facts import OBSERVATIONS
from domain.limits import IDENTIFIER_LENGTH, NAME_LENGTH, TEXT_LENGTH
from infrastructure.http.commands import AT_ONCE
from infrastructure.http.documenting_answers import Schema

REFERENCE = "#/components/schemas/{model}"
_IDENTIFIER: Schema = {
    "type": "string",
    "pattern": r"^[A-Za-z0-9._:-]+$",
    "minLength": 1,
    "maxLength": IDENTIFIER_LENGTH,
}
_ENVELOPE: Mapping[str, Schema] = {
    "location": _IDENTIFIER,
    "id": {"type": "string", "format": "uuid"},
    "change": {"type": "string", "minLength": 1, "maxLength": NAME_LENGTH},
    "reason": {"type": "string", "maxLength": TEXT_LENGTH},
    "actor": {
        "type": "object",
        "description": "Only with a key that vouches: whom it passes on.",
        "properties": {"kind": {"enum": ["person", "support"]}, "id": _IDENTIFIER},
        "required": ["kind", "id"],
        "additionalProperties": False,
    },
    "device": {"type": "object", "description": "Together with `actor`: from which device."},
}


def command_schema() -> tuple[Schema, Mapping[str, Schema]]:
    """The body of a command request, and the schemas that it refers to."""
    named: dict[str, Schema] = {}
    for name, form in COMMANDS.items():
        data = _form(form, named)
        named[f"command_{name}"] = {
            "type": "object",
            "title": name,
            "properties": {"command": {"const": name}, **_ENVELOPE, "data": data},
            "required": ["command"] if not data.get("required") else ["command", "data"],
            "additionalProperties": False,
        }
    one = {"oneOf": [{"$ref": REFERENCE.format(model=f"command_{name}")} for name in COMMANDS]}
    named["Command"] = one
    several: Schema = {
        "type": "object",
        "properties": {
            "commands": {
                "type": "array",
                "items": {"$ref": REFERENCE.format(model="Command")},
                "minItems": 1,
                "maxItems": AT_ONCE,
            },
            "change": _ENVELOPE["change"],
        },
        "required": ["commands"],
        "additionalProperties": False,
    }
    return {"anyOf": [{"$ref": REFERENCE.format(model="Command")}, several]}, named


def _form(form: type[Request] | type[Observe], named: dict[str, Schema]) -> Schema:
    """The `data` of a command; what it refers to goes to `named`."""
    if form is Observe:
        # On the wire the fields of what was seen stand beside its type.
        return {"type": "object", "properties": {"type": {"enum": sorted(OBSERVATIONS)}}, "required": ["type"]}
    found: Schema = form.model_json_schema(ref_template=REFERENCE)
    named.update(found.pop("$defs", {}))
    return found
