"""Attests at the desk how people come and go: each sign-in, each refusal and each second step is a fact."""

from typing import Any, Literal, TypeAlias
from uuid import uuid4

from domain.facts import Actor, Device
from domain.refusals import Code
from infrastructure.desk import Desk
from infrastructure.door.permissions import ForbiddenError

Channel: TypeAlias = Literal["email", "totp", "passkey"]
NOBODY = "sign-in:unknown"
"""The account of a refusal when nobody is known by the name that was given; the name itself is not kept."""


class Attesting:
    """Sends what happens at the door to the desk; every error of the desk is raised, so that nothing goes unsaid."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def signed_in(self, account: str, device: Device, channel: str | None, why: str | None = None) -> None:
        """Somebody came in, by a second step through that channel."""
        self._observe("SignedIn", person(account), device, account=account, two_step=channel, why=why)

    def refused(self, account: str, device: Device, why: str, channel: str | None = None) -> None:
        """Somebody tried to come in as that account, and was not let in."""
        self._observe("SignInRefused", person(account), device, account=account, two_step=channel, why=why)

    def signed_out(self, account: str, device: Device, why: str | None = None) -> None:
        """Somebody left."""
        self._observe("SignedOut", person(account), device, account=account, why=why)

    def opened(self, link: Actor, device: Device, why: str) -> None:
        """Somebody came in by a link."""
        self._observe("SignedIn", link, device, account=link.id, why=why)

    def enabled(self, account: str, device: Device, channel: Channel) -> None:
        """The account asks for this second step from here on."""
        self._second_step("enable_two_step", person(account), device, account, channel)

    def disabled(self, account: str, device: Device | None, channel: Channel) -> None:
        """The account no longer asks for it; by the person, or without a device by the operator."""
        actor = person(account) if device is not None else Actor(kind="system", id="operator")
        self._second_step("disable_two_step", actor, device, account, channel)

    def _observe(self, kind: str, actor: Actor, device: Device, **fields: str | None) -> None:
        said = {key: value for key, value in fields.items() if value is not None}
        outcome = self._desk.submit(_command("observe", actor, device, {"type": kind, **said}))
        assert outcome.refusal is None, outcome.refusal

    def _second_step(self, command: str, actor: Actor, device: Device | None, account: str, channel: Channel) -> None:
        outcome = self._desk.submit(_command(command, actor, device, {"account": account, "channel": channel}))
        # What the ledger says already (a channel of an earlier system) needs no second saying.
        if outcome.refusal is not None and outcome.refusal.code is not Code.NO_CHANGE:
            raise ForbiddenError(outcome.refusal.sentence)


def person(account: str) -> Actor:
    """The person of an account."""
    return Actor(kind="person", id=account)


def _command(name: str, actor: Actor, device: Device | None, data: dict[str, Any]) -> dict[str, Any]:
    raw: dict[str, Any] = {"command": name, "id": str(uuid4()), "actor": actor.said(), "data": data}
    if device is not None:
        raw["device"] = device.said()
    return raw
