"""The demo's year as a file of facts."""

import io
from functools import cache

from domain import canonical
from infrastructure.demo.story import story


@cache
def _lines() -> bytes:
    return b"".join(canonical.write(fact) + b"\n" for fact in story())


def story_lines() -> io.BytesIO:
    """The file, from its beginning."""
    return io.BytesIO(_lines())
