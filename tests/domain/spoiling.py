"""Spoils JSON content in one place, to see that whatever reads it refuses or takes it, and never falls over."""

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

ANYTHING: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 0, -1, 1.5, 10**15, "", "x", "\ud800", [], [1], ["x"], {}, {"x": 1}, {"x": "\ud800"}, {"\ud800": 1}]
)


@st.composite
def spoilt(draw: st.DrawFn, whole: Any) -> Any:
    """The content with one part replaced by something, or with one key more."""
    path = draw(st.sampled_from(sorted(_paths(whole), key=repr)))
    if draw(st.booleans()):
        path = (*path, draw(st.sampled_from(["x", "fact", "\ud800"])))
    return _put(whole, path, draw(ANYTHING))


def _paths(content: Any) -> Iterator[tuple[Any, ...]]:
    yield ()
    for key, value in content.items() if isinstance(content, dict) else enumerate(content):
        yield (key,)
        if isinstance(value, dict | list):
            yield from ((key, *path) for path in _paths(value))


def _put(content: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path or not isinstance(content, dict | list):
        return value
    if isinstance(content, list):
        if not isinstance(path[0], int):
            return [*content, value]
        return [_put(old, path[1:], value) if place == path[0] else old for place, old in enumerate(content)]
    return {**content, path[0]: _put(content.get(path[0], {}), path[1:], value)}
