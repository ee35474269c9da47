"""How older bodies are read: each step lifts one type from one form to the next, and stays here for ever."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

Content: TypeAlias = dict[str, Any]


def _unlinked_without_cause(content: Content) -> Content:
    """Form 1 of UserUnlinked did not say why; what other facts caused says so itself, the rest was done by hand."""
    cause = "manual" if content.get("caused_by") is None else "dismissal"
    data = content.get("data")
    return {**content, "data": {"cause": cause, **data}} if isinstance(data, dict) else content


FORMS: Mapping[str, int] = {"UserUnlinked": 2}
"""The present form of each type that has had more than one; every other type is in its first."""

_STEPS: Mapping[tuple[str, int], Callable[[Content], Content]] = {("UserUnlinked", 1): _unlinked_without_cause}


def upcast(content: Content, form: int) -> Content:
    """The content as the present form of its type; a later form than the present one is not for this program."""
    kind = str(content.get("type"))
    while (step := _STEPS.get((kind, form))) is not None:
        content = step(content)
        form += 1
    return content
