"""Rows of a log as a page shows them: what changed as signs and words, values to filter by or to leave out."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from domain import canonical
from domain.ledger import Line
from infrastructure.web.log_query import Pairs, excluded, narrowed

Shown: TypeAlias = dict[str, Any]
Sign: TypeAlias = tuple[str, str]

MOST_COUNTED = 8
"""Actors and types that are counted by name."""

_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")


def words_of(name: str) -> str:
    """A type of fact as words: "Rights edited"."""
    return _WORD.sub(" ", name).capitalize()


def shown_row(row: Mapping[str, Any], pairs: Pairs) -> Shown:
    """A row with what changed as signs and words, and its values with the queries that ask for or leave them out."""
    device, target = row["device"] or {}, row["target"]
    values = [
        ("actor", row["actor"]["id"]),
        ("type", row["type"]),
        ("device", device.get("id")),
        ("ip", device.get("ip")),
    ]
    if target is not None and target["kind"] in {"account", "member"}:
        values.append((target["kind"], target["id"]))
    links = {
        key: {"value": value, "only": narrowed(pairs, key, value), "without": excluded(pairs, key, value)}
        for key, value in values
        if value
    }
    return {**row, "links": links, "words": words_of(row["type"]), "changed": changed(row["before"], row["after"])}


def changed(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[Sign]:
    """What a fact says it changed, each with its sign: `+` given, `-` taken, `→` became."""
    old, new = before or {}, after or {}
    found: list[Sign] = []
    taken = [*_listed(old, "revoked"), *_beyond(old, new)]
    given = [*_listed(new, "granted"), *_beyond(new, old)]
    found += [("+", right) for right in given]
    found += [("-", right) for right in taken]
    for key in dict.fromkeys((*old, *new)):
        if key in {"rights", "granted", "revoked"} or old.get(key) == new.get(key):
            continue
        found.append(("→", f"{key.replace('_', ' ')}: {_text(old.get(key))} → {_text(new.get(key))}"))
    return found


def counted(lines: Sequence[Line], rows: Iterable[Mapping[str, Any]], pairs: Pairs) -> Mapping[str, list[Shown]]:
    """How many lines there are of each type and by each actor, the most first, with the queries that ask for them.

    Actors are called what the rows of the page call them, others by their ids.
    """
    names = {row["actor"]["id"]: row["actor"]["name"] for row in rows}
    types = Counter(line.fact.type for line in lines).most_common(MOST_COUNTED)
    actors = Counter(line.fact.actor.id for line in lines).most_common(MOST_COUNTED)
    return {
        "type": [_count(words_of(name), count, narrowed(pairs, "type", name)) for name, count in types],
        "actor": [_count(names.get(who, who), count, narrowed(pairs, "actor", who)) for who, count in actors],
    }


def _count(name: str, count: int, only: str) -> Shown:
    return {"name": name, "count": count, "only": only}


def _listed(said: Mapping[str, Any], key: str) -> list[str]:
    return list(said.get(key, ()))


def _beyond(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """Rights of one list that are not on the other."""
    there = set(_listed(other, "rights"))
    return [right for right in _listed(one, "rights") if right not in there]


def _text(value: Any) -> str:
    if value is None or value in ({}, ""):
        return "nothing"
    return value if isinstance(value, str) else canonical.write(value).decode()
