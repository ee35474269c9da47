"""What an answer says about observations that are retired: since when nothing is missing from it."""

from collections.abc import Collection, Mapping
from datetime import datetime

from domain.instants import write_instant
from domain.retention import CLASSES, TYPES, ObservationClass
from infrastructure.basis import Answer
from infrastructure.postgres.statements import statements
from infrastructure.store import Store

_SQL = statements("retention")

SIGN_INS: tuple[ObservationClass, ...] = ("sign_ins",)
"""What a roster shows of observations."""


def covered(store: Store, answer: Answer, classes: Collection[ObservationClass] = CLASSES) -> Answer:
    """The answer, with `retired` where observations of these classes are: each class, and before when."""
    found = retired_before(store)
    missing = [name for name in CLASSES if name in found and name in classes]
    retired = [{"class": name, "before": write_instant(found[name])} for name in missing]
    return {**answer, "retired": retired} if retired else answer


def retired_before(store: Store) -> Mapping[ObservationClass, datetime]:
    """The classes of which something is retired, each with the end of the last year that is."""
    before: dict[ObservationClass, datetime] = {}
    for types, ends in store.connections.read(_SQL["coverage"]):
        for name in CLASSES:
            if types is None or set(TYPES[name]) <= set(types):
                before[name] = max(ends, before.get(name, ends))
    return before


def sentence(answer: Answer) -> str | None:
    """What `retired` of an answer says, for people; None where nothing is retired."""
    said = [f"{row['class'].replace('_', ' ')} before {row['before'][:10]}" for row in answer.get("retired", ())]
    return f"Retired, unless held or named by a later fact: {', '.join(said)}." if said else None
