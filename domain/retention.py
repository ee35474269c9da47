"""How long observations are kept: by class, counted in months, a year of them at a time."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal, TypeAlias, get_args

ObservationClass: TypeAlias = Literal["sign_ins", "exports", "record_edits", "log_views", "refusals"]
CLASSES: tuple[ObservationClass, ...] = get_args(ObservationClass)

TYPES: Mapping[ObservationClass, tuple[str, ...]] = {
    "sign_ins": ("SignInRefused", "SignedIn", "SignedOut"),
    "exports": ("DataExported", "DataImported"),
    "record_edits": ("RecordDeleted", "RecordEdited"),
    "log_views": ("LogViewed",),
    "refusals": ("CommandRefused",),
}
"""The observations of each class. What has no class is kept as long as the class with the longest term."""

LEAST_MONTHS = 12
"""Nothing goes before that, whatever is set."""

MOST_MONTHS = 1_200


def class_of(kind: str) -> ObservationClass | None:
    """The class of a type of observation; None where it has none."""
    return next((name for name, types in TYPES.items() if kind in types), None)


def due_from(year: int, months: int) -> datetime:
    """When the observations of a year (UTC) are due: when the term of the last of them is over."""
    later, month = divmod(months, 12)
    return datetime(year + 1 + later, month + 1, 1, tzinfo=UTC)


def due_classes(
    year: int, terms: Mapping[ObservationClass, int | None], moment: datetime
) -> tuple[ObservationClass, ...]:
    """The classes whose observations of a year are due by a moment; a class without a term never is."""
    return tuple(
        name for name in CLASSES if (months := terms.get(name)) is not None and due_from(year, months) <= moment
    )


def due_types(year: int, terms: Mapping[ObservationClass, int | None], moment: datetime) -> tuple[str, ...] | None:
    """The types that are due; None where everything of the year is, also what has no class."""
    due = due_classes(year, terms, moment)
    return None if len(due) == len(CLASSES) else tuple(kind for name in due for kind in TYPES[name])
