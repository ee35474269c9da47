"""Commands about the second step of signing in, what was seen, and the past (rules.md)."""

from typing import Any, ClassVar

from domain.commands.form import Request
from domain.facts.form import FactId, Form, Identifier, Text
from domain.facts.observations import Channel


class OfChannel(Request):
    """A command about one channel of two-step sign-in."""

    somewhere: ClassVar = False
    account: Identifier
    channel: Channel


class EnableTwoStep(OfChannel):
    """Ask for a second step at sign-in."""


class DisableTwoStep(OfChannel):
    """No longer ask for a second step."""


class Observe(Form):
    """Record what was seen: `type` is a type of observation, the rest its fields."""

    somewhere: ClassVar = False
    type: str
    fields: dict[str, Any]


class Correct(Request):
    """Say something about the past; what the inner fact leaves out is taken from the command."""

    somewhere: ClassVar = False
    kind: str
    corrects: FactId | None = None
    fact: dict[str, Any] | None = None
    reason: Text | None = None
