"""What every form shares: frozen, closed, strict about types, with errors that name the field."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Self, TypeVar, cast, dataclass_transform
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    PlainSerializer,
    StringConstraints,
)
from pydantic.dataclasses import dataclass
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema, ErrorDetails, SchemaSerializer, SchemaValidator

from domain.canonical import check_free, check_text
from domain.facts.quick import QUICK_DAY, QUICK_FREE, QUICK_ID, QUICK_INSTANT, QUICK_RIGHTS, QUICK_SCOPES, quick_text
from domain.instants import read_date, read_instant, read_time_zone, write_instant
from domain.limits import IDENTIFIER_LENGTH, NAME_LENGTH, RIGHTS_COUNT, SEATS_COUNT, TEXT_LENGTH


class InvalidFactError(ValueError):
    """This is not a fact of the contract; `field` is the path of the field, `reason` what is wrong with it."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}" if field else reason)
        self.field = field
        self.reason = reason


CLOSED = ConfigDict(extra="forbid", strict=True, populate_by_name=True, serialize_by_alias=True)
"""Unknown keys are refused, nothing is converted silently."""

R = TypeVar("R")


class Form(BaseModel):
    """A closed form that nothing changes afterwards: commands."""

    model_config = ConfigDict(frozen=True, **CLOSED)


class Record:
    """A closed form of which a ledger holds a great many: with slots it takes a sixth of the memory of a `Form`."""

    __slots__ = ()
    __pydantic_validator__: ClassVar[SchemaValidator]
    __pydantic_serializer__: ClassVar[SchemaSerializer]
    __pydantic_fields__: ClassVar[Mapping[str, FieldInfo]]

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Strict about its fields, and yet read from an object of JSON."""
        schema = handler(source)
        assert schema["type"] == "dataclass", schema["type"]
        return {**schema, "strict": False}

    @classmethod
    def read(cls, raw: object) -> Self:
        """The record that an object of JSON holds. pydantic's ValidationError otherwise."""
        found: Self = cls.__pydantic_validator__.validate_python(raw)
        return found

    def said(self) -> dict[str, Any]:
        """What it says, by the names of its fields; what it leaves open is left out."""
        named = ((field.name, getattr(self, field.name)) for field in fields(self))  # type: ignore[arg-type]
        return {name: value for name, value in named if value is not None}


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(Field,))
def record(cls: type[R]) -> type[R]:
    """Make a Record of a class: its annotations are its fields, checked whenever one is made."""
    made: Any = dataclass(config=CLOSED, frozen=True, slots=True, kw_only=True)(cls)
    return cast("type[R]", made)


class Data(Record):
    """The `data` of one type of fact."""

    __slots__ = ()
    personal: ClassVar[frozenset[str]] = frozenset()
    """Fields about a person, stored apart from the rest so that they can be erased."""

    nulls: ClassVar[frozenset[str]] = frozenset()
    """Fields that are written as null rather than left out when they hold nothing."""


def _uuid(value: object) -> object:
    if isinstance(value, str):
        try:
            found = UUID(value)
        except ValueError:
            raise ValueError("is not a UUID") from None
        if str(found) != value.lower():
            raise ValueError("is not a UUID in its usual form, 8-4-4-4-12 hexadecimal digits")
        return str(found)
    return value


def _instant(value: object) -> object:
    return read_instant(value) if isinstance(value, str) else value


def _date(value: object) -> object:
    return read_date(value) if isinstance(value, str) else value


def as_tuple(value: object) -> object:
    """A JSON list as a tuple, anything else as it is, for the form to refuse."""
    return tuple(value) if isinstance(value, list) else value


def check_whole(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """The value itself; ValueError when it holds what the ledger cannot keep."""
    check_free(value)
    return value


def _time_zone(value: str) -> str:
    read_time_zone(value)
    return value


FactId = Annotated[str, BeforeValidator(_uuid), QUICK_ID]
Identifier = Annotated[str, StringConstraints(pattern=rf"^[A-Za-z0-9._:\-]{{1,{IDENTIFIER_LENGTH}}}$")]
Slug = Annotated[str, StringConstraints(pattern=rf"^[A-Za-z0-9._\-]{{1,{IDENTIFIER_LENGTH}}}$")]
Name = Annotated[
    str, StringConstraints(min_length=1, max_length=NAME_LENGTH), AfterValidator(check_text), quick_text(NAME_LENGTH, 1)
]
Text = Annotated[str, StringConstraints(max_length=TEXT_LENGTH), AfterValidator(check_text), quick_text(TEXT_LENGTH)]
Instant = Annotated[
    datetime, BeforeValidator(_instant), PlainSerializer(write_instant, when_used="json"), QUICK_INSTANT
]
Day = Annotated[date, BeforeValidator(_date), QUICK_DAY]
TimeZone = Annotated[str, StringConstraints(max_length=NAME_LENGTH), AfterValidator(_time_zone)]
Rights = Annotated[tuple[Slug, ...], BeforeValidator(as_tuple), Field(max_length=RIGHTS_COUNT), QUICK_RIGHTS]
Seats = Annotated[int, Field(ge=0, le=SEATS_COUNT)]
Count = Annotated[int, Field(ge=0)]
FreeObject = Annotated[dict[str, Any], AfterValidator(check_whole), QUICK_FREE]
ScopeValue = int | str | list[int | str]
Scopes = Annotated[dict[Slug, ScopeValue], AfterValidator(check_whole), QUICK_SCOPES]


def refusal_of(details: ErrorDetails, *, prefix: str = "") -> InvalidFactError:
    """One pydantic error as the field's path and a plain reason."""
    path = ".".join(str(part) for part in details["loc"] if part not in {"int", "str", "list[union[int,str]]"})
    return InvalidFactError(f"{prefix}{path}".rstrip("."), _plain(details))


def _plain(details: ErrorDetails) -> str:
    kind = details["type"]
    context = details.get("ctx", {})
    if kind == "missing":
        return "is missing"
    if kind in {"extra_forbidden", "unexpected_keyword_argument"}:
        return "is not a field of this form"
    if kind == "string_pattern_mismatch":
        return f"{_shown(details['input'])} is not an id: 1 to {IDENTIFIER_LENGTH} characters of A-Z a-z 0-9 . _ : -"
    if kind in {"string_type", "int_type", "bool_type", "dict_type", "tuple_type", "dataclass_type", "list_type"}:
        wanted = {"string": "a text", "int": "a whole number", "bool": "true or false", "dict": "an object"}
        return f"{_shown(details['input'])} is not {wanted.get(kind.split('_')[0], 'a list')}"
    if kind == "value_error" and "error" in context:
        return str(context["error"])
    if kind in {"literal_error", "enum"}:
        return f"{_shown(details['input'])} is none of {context.get('expected')}"
    return f"{details['msg'][0].lower()}{details['msg'][1:]}"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
