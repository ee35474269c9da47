"""Who acts at this moment, from which device and in which change: set once a request, read by whoever commands."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias
from uuid import uuid4

from domain.limits import IDENTIFIER_LENGTH, NAME_LENGTH, TEXT_LENGTH

Said: TypeAlias = Mapping[str, Any]
"""An actor or a device as a command names it."""

_CHANGE = re.compile(r"[A-Za-z0-9._:-]{1,200}")
_IDENTIFIER = re.compile(rf"[A-Za-z0-9._:-]{{1,{IDENTIFIER_LENGTH}}}")
_current: ContextVar["Acting | None"] = ContextVar("accessledger_acting", default=None)


@dataclass(frozen=True)
class Acting:
    """One request of one person, or of nobody who is known."""

    find_actor: Callable[[], Said | None]
    """Asked at most once, and only when a command is given: finding out who is signed in may cost a query."""

    device: Said = field(default_factory=dict)
    change: str = field(default_factory=lambda: str(uuid4()))

    @cached_property
    def actor(self) -> Said | None:
        """The actor; None when nobody is signed in."""
        return self.find_actor()


def current() -> Acting | None:
    """Who acts in this thread or task; None outside of a request."""
    return _current.get()


@contextmanager
def acting(who: Acting) -> Iterator[Acting]:
    """Let somebody act until the block ends: for jobs and scripts, and for the middlewares."""
    token = _current.set(who)
    try:
        yield who
    finally:
        _current.reset(token)


def device_said(*, agent: str | None, address: str | None, device: str | None, session: str | None) -> Said:
    """The device of a request, as far as it can be told; what does not fit a command is left out or cut."""
    said = {
        "id": device if device is not None and _IDENTIFIER.fullmatch(device) else None,
        "ip": address[:NAME_LENGTH] if address else None,
        "session": session[:NAME_LENGTH] if session else None,
        "user_agent": agent[:TEXT_LENGTH] if agent else None,
    }
    return {key: value for key, value in said.items() if value is not None}


def change_named(text: str | None) -> str:
    """The change of a request: its own id where it brings a fit one, else a new one."""
    return text if text is not None and _CHANGE.fullmatch(text) else str(uuid4())
