"""From a fact to JSON: the written form, its keys in order at every level."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from operator import attrgetter
from types import NoneType
from typing import Any, TypeAlias

from domain.facts.access import Source
from domain.facts.envelope import Actor, Correction, Device, Fact
from domain.facts.form import Data
from domain.facts.quick import NotQuickError
from domain.facts.reading import FACT_TYPES
from domain.instants import write_instant
from domain.limits import LARGEST_INTEGER

Json: TypeAlias = dict[str, Any]
_Fields: TypeAlias = tuple[tuple[str, ...], Callable[[Data], tuple[Any, ...]]]

_AS_THEY_ARE = frozenset({str, int, bool, NoneType})


def written(fact: Fact) -> Json:
    """The JSON object of a fact in the one written form: nothing left out that says something."""
    quick = written_quickly(fact)
    return quick if quick is not None else written_carefully(fact)


def written_quickly(fact: Fact) -> Json | None:
    """The same with the keys of every object in order; None when it holds a value of which only JSON itself is sure."""
    try:
        return _fact(fact)
    except NotQuickError:
        return None


def _fact(fact: Fact) -> Json:
    out: Json = {"actor": _actor(fact.actor)}
    if fact.caused_by is not None:
        out["caused_by"] = fact.caused_by
    out["change"] = fact.change
    out["data"] = written_data(fact.data)
    if fact.device is not None:
        out["device"] = _device(fact.device)
    out["effective_at"] = write_instant(fact.effective_at)
    out["id"] = fact.id
    if fact.location is not None:
        out["location"] = fact.location
    if fact.reason is not None:
        out["reason"] = fact.reason
    out["recorded_at"] = write_instant(fact.recorded_at)
    if fact.source is not None:
        out["source"] = fact.source
    out["type"] = fact.type
    return out


def _actor(actor: Actor) -> Json:
    out: Json = {"id": actor.id, "kind": actor.kind}
    if actor.on_behalf_of is not None:
        out["on_behalf_of"] = actor.on_behalf_of
    return out


def _device(device: Device) -> Json:
    out: Json = {}
    if device.id is not None:
        out["id"] = device.id
    if device.ip is not None:
        out["ip"] = device.ip
    if device.session is not None:
        out["session"] = device.session
    if device.user_agent is not None:
        out["user_agent"] = device.user_agent
    return out


def written_data(data: Data) -> Json:
    """The JSON object of a fact's data with its keys in order. NotQuickError as above."""
    keys, get = _FIELDS[type(data).__name__]
    nulls = data.nulls
    out: Json = {}
    for key, value in zip(keys, get(data), strict=False):
        kind = type(value)
        if kind not in _AS_THEY_ARE:
            out[key] = _write_as(kind)(value)
        elif value is not None or key in nulls:
            out[key] = value
    return out


def _fields(form: type[Data]) -> _Fields:
    names = {field.alias or name: name for name, field in form.__pydantic_fields__.items()}
    keys = tuple(sorted(names))
    # Of one name alone attrgetter gives a value and no tuple; the last value has no key and goes unseen.
    return keys, attrgetter(*(names[key] for key in keys), names[keys[0]])


_FIELDS: Mapping[str, _Fields] = {name: _fields(form) for name, form in FACT_TYPES.items()}
"""The keys of each type's data in order, and what gets the values that belong to them."""


def _write_as(kind: type) -> Callable[[Any], Any]:
    write = _WRITTEN_AS.get(kind)
    if write is None:
        raise NotQuickError
    return write


def _in_order(content: Any) -> Any:
    kind = type(content)
    if kind is dict:
        if not all(type(key) is str for key in content):
            raise NotQuickError
        return {key: _in_order(content[key]) for key in sorted(content)}
    if kind is list:
        return [_in_order(value) for value in content]
    if kind not in _AS_THEY_ARE or (kind is int and not -LARGEST_INTEGER <= content <= LARGEST_INTEGER):
        raise NotQuickError
    return content


def _source(source: Source) -> Json:
    return {"account": source.account, "location": source.location}


_WRITTEN_AS: Mapping[type, Callable[[Any], Any]] = {
    tuple: list,
    datetime: write_instant,
    date: date.isoformat,
    dict: _in_order,
    list: _in_order,
    Source: _source,
    Fact: _fact,
}


def written_carefully(fact: Fact) -> Json:
    """The same by the forms themselves, which know how to write whatever they take; the order of keys is left open."""
    out: Json = Fact.__pydantic_serializer__.to_python(fact, mode="json", exclude_none=True, exclude={"data"})
    data = fact.data
    inner = data.fact if isinstance(data, Correction) else None
    said: Json = type(data).__pydantic_serializer__.to_python(
        data, mode="json", exclude={"fact"} if inner is not None else None
    )
    for name, field in type(data).__pydantic_fields__.items():
        key = field.alias or name
        if said.get(key, 0) is None and name not in data.nulls:
            del said[key]
    if inner is not None:
        said["fact"] = written_carefully(inner)
    return {**out, "data": said}
