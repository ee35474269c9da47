"""The quick reading of a form: one call into compiled code that says yes or nothing.

Whatever it takes, the form itself takes with an equal result; whatever it does not take is the form's to judge.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter
from pydantic.fields import FieldInfo
from pydantic_core import CoreConfig, CoreSchema
from pydantic_core import core_schema as cs

from domain.instants import read_date, read_instant
from domain.limits import FREE_OBJECT_DEPTH, FREE_OBJECT_KEYS, IDENTIFIER_LENGTH, LARGEST_INTEGER, RIGHTS_COUNT

_SLUG = re.compile(rf"[A-Za-z0-9._\-]{{1,{IDENTIFIER_LENGTH}}}")
UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
"""An id as it is written in the ledger."""

_FEW_RIGHTS = 8
_TAKES_ALL_OR_NOTHING = CoreConfig(extra_fields_behavior="forbid", strict=True)


class NotQuickError(ValueError):
    """The quick reading does not take this; the form may."""


@dataclass(frozen=True, eq=False)
class Quickly:
    """Stands last in the annotation of a field: what is asked in the place of all that stands before it."""

    schema: CoreSchema


def quick_schema(form: type[Any], **given: CoreSchema) -> CoreSchema:
    """What reads a record quickly; `given` are the schemas of fields for which the annotation is not asked."""
    fields: Mapping[str, FieldInfo] = form.__pydantic_fields__
    hints = get_type_hints(form, include_extras=True)
    parts = {name: given[name] if name in given else _asked(hints[name]) for name in fields}
    arguments = [
        cs.dataclass_field(name, _or_default(part, fields[name]), kw_only=True, validation_alias=fields[name].alias)
        for name, part in parts.items()
    ]
    return cs.dataclass_schema(
        form,
        cs.dataclass_args_schema(form.__name__, arguments),
        list(parts),
        # Without it pydantic would take the validator that the class has already: the form.
        generic_origin=form,
        slots=True,
        strict=False,
        config=_TAKES_ALL_OR_NOTHING,
    )


def _asked(annotation: Any) -> CoreSchema:
    marks = annotation.__metadata__ if get_origin(annotation) is Annotated else ()
    if marks and isinstance(marks[-1], FieldInfo) and marks[-1].alias is not None and not marks[-1].metadata:
        marks = marks[:-1]  # a name says nothing about a value
    if marks and isinstance(marks[-1], Quickly):
        return marks[-1].schema
    if hasattr(annotation, "__pydantic_fields__"):
        return quick_schema(annotation)
    if get_origin(annotation) in {Union, UnionType} and type(None) in get_args(annotation):
        others = [each for each in get_args(annotation) if each is not type(None)]
        if len(others) == 1:
            return cs.nullable_schema(_asked(others[0]))
    schema: CoreSchema = TypeAdapter(annotation).core_schema
    if schema["type"] == "int":
        # JSON holds no larger number; one that was not read by our own reader is left to it.
        return {**schema, "le": min(schema.get("le", LARGEST_INTEGER), LARGEST_INTEGER)}
    return schema


def _or_default(part: CoreSchema, field: FieldInfo) -> CoreSchema:
    return part if field.is_required() else cs.with_default_schema(part, default=field.default)


def _rights(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > RIGHTS_COUNT:
        raise NotQuickError
    try:
        return _slugs(tuple(value)) if len(value) > _FEW_RIGHTS else tuple(map(_slug, value))
    except TypeError:  # an item that cannot be looked up is no slug
        raise NotQuickError from None


@lru_cache(maxsize=4096)
def _slugs(value: tuple[object, ...]) -> tuple[str, ...]:
    """The same object for the same slugs: a role's hundred rights are checked once and held once."""
    return tuple(map(_slug, value))


@lru_cache(maxsize=4096)
def _slug(value: object) -> str:
    if not isinstance(value, str) or _SLUG.fullmatch(value) is None:
        raise NotQuickError
    return value


def _scopes(value: object) -> dict[str, Any]:
    found = _free(value)
    for key, scope in found.items():
        if _SLUG.fullmatch(key) is None:
            raise NotQuickError
        for each in scope if type(scope) is list else (scope,):
            if type(each) is not str and type(each) is not int:
                raise NotQuickError
    return found


def _free(value: object) -> dict[str, Any]:
    if type(value) is not dict:
        raise NotQuickError
    if value:
        check_plain(value)
    return value.copy()


def check_plain(content: Any, depth: int = 0) -> None:
    """NotQuickError unless this is a free value of objects, lists, texts, small whole numbers, true, false and null.

    A number with decimals has to be judged by how it was written, which cannot be seen any more.
    """
    kind = type(content)
    if depth > FREE_OBJECT_DEPTH:
        raise NotQuickError
    if kind is str:
        if not content.isascii():
            content.encode()
    elif kind is int:
        if not -LARGEST_INTEGER <= content <= LARGEST_INTEGER:
            raise NotQuickError
    elif kind is dict:
        if len(content) > FREE_OBJECT_KEYS:
            raise NotQuickError
        for key, value in content.items():
            if type(key) is not str or not key.isascii():
                raise NotQuickError
            check_plain(value, depth + 1)
    elif kind is list:
        for value in content:
            check_plain(value, depth + 1)
    elif content is not None and kind is not bool:
        raise NotQuickError


def _of_text(read: Any) -> CoreSchema:
    return cs.chain_schema([cs.str_schema(strict=True), cs.no_info_plain_validator_function(read)])


QUICK_ID = Quickly(cs.str_schema(pattern=f"^{UUID}$", strict=True))
QUICK_INSTANT = Quickly(_of_text(read_instant))
QUICK_DAY = Quickly(_of_text(read_date))
QUICK_RIGHTS = Quickly(cs.no_info_plain_validator_function(_rights))
QUICK_SCOPES = Quickly(cs.no_info_plain_validator_function(_scopes))
QUICK_FREE = Quickly(cs.no_info_plain_validator_function(_free))


def quick_text(most: int, least: int = 0) -> Quickly:
    """A text of that many characters; compiled code refuses half a character by itself where it counts them."""
    return Quickly(cs.str_schema(min_length=least, max_length=most, strict=True))
