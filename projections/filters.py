"""Which facts a history or a log is asked for."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Literal, TypeAlias

from domain.facts import (
    AccessGranted,
    CommandRefused,
    Correction,
    Data,
    Fact,
    RightsEdited,
    RoleChanged,
    SignInRefused,
    UserInvited,
)
from domain.ledger import Line

Outcome: TypeAlias = Literal["done", "refused"]

REFUSALS = frozenset({"CommandRefused", "SignInRefused"})
"""Types of facts that say that something was not done."""

ABOUT_RIGHTS = frozenset({"AccessGranted", "RightsEdited", "RoleChanged", "UserInvited"})
"""Types of facts that give or take rights."""


@dataclass(frozen=True, slots=True)
class Without:
    """What is left out: a line to which any of these applies, each understood as where it is asked for."""

    members: frozenset[str] = frozenset()
    accounts: frozenset[str] = frozenset()
    actors: frozenset[str] = frozenset()
    devices: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    ips: frozenset[str] = frozenset()
    rights: frozenset[str] = frozenset()


NOTHING = Without()


@dataclass(frozen=True, slots=True)
class Filter:
    """All that is given must hold. `since` and `until` are about when a fact became known; `until` is not part."""

    member: str | None = None
    account: str | None = None
    actor: str | None = None
    device: str | None = None
    types: frozenset[str] | None = None
    since: datetime | None = None
    until: datetime | None = None
    outcome: Outcome | None = None
    ip: str | None = None
    right: str | None = None
    without: Without = NOTHING

    @property
    def asks_whom(self) -> bool:
        """Whether it matters whom a line is about."""
        return any((self.member, self.account, self.without.members, self.without.accounts))

    @property
    def looks_through(self) -> bool:
        """Whether no list has what is asked for: much may have to be read for little."""
        out = self.without
        return any((self.ip, self.right, out.ips, out.rights, out.members, out.accounts, out.actors, out.devices))

    def among(self, types: frozenset[str]) -> frozenset[str]:
        """Those of some types of which a fact can be asked for."""
        found = types if self.types is None else types & self.types
        if self.outcome is not None:
            found = found & REFUSALS if self.outcome == "refused" else found - REFUSALS
        if self.right is not None:
            found &= ABOUT_RIGHTS
        return found - self.without.types

    def matches(self, line: Line, corrected: Line | None = None) -> bool:
        """Whether the line is asked for. A correction is also about what it corrects (`corrected`) and what it says."""
        fact = line.fact
        if self.since is not None and line.known_at < self.since:
            return False
        if self.until is not None and line.known_at >= self.until:
            return False
        if self.types is not None and fact.type not in self.types:
            return False
        if self.actor is not None and self.actor not in {fact.actor.id, fact.actor.on_behalf_of}:
            return False
        if self.device is not None and (fact.device is None or fact.device.id != self.device):
            return False
        if not self._came_so(fact):
            return False
        if not self.asks_whom and self.without is NOTHING:
            return True
        about = [fact, *_inside(fact)]
        if corrected is not None:
            about += [corrected.fact, *_inside(corrected.fact)]
        if self._is_left_out(fact, about):
            return False
        if self.member is None and self.account is None:
            return True
        return any(self._about(told) for told in about)

    def said(self) -> dict[str, str]:
        """The filter as texts, by the words of its fields; what is not asked is not there."""
        found = {each.name: getattr(self, each.name) for each in fields(self) if each.name not in {"types", "without"}}
        for name in ("since", "until"):
            found[name] = found[name].isoformat() if found[name] is not None else None
        found["types"] = _listed(self.types) if self.types is not None else None
        for each in fields(self.without):
            found[f"without_{each.name}"] = _listed(getattr(self.without, each.name)) or None
        return {name: str(value) for name, value in found.items() if value is not None}

    def _came_so(self, fact: Fact) -> bool:
        """Whether outcome, address and right are those asked for."""
        if self.outcome is not None and outcome_of(fact.data) != self.outcome:
            return False
        if self.ip is not None and (fact.device is None or fact.device.ip != self.ip):
            return False
        return self.right is None or self.right in rights_touched(fact.data)

    def _is_left_out(self, fact: Fact, about: list[Fact]) -> bool:
        out = self.without
        if fact.type in out.types or not out.actors.isdisjoint((fact.actor.id, fact.actor.on_behalf_of)):
            return True
        if fact.device is not None and (fact.device.id in out.devices or fact.device.ip in out.ips):
            return True
        if out.rights and not out.rights.isdisjoint(rights_touched(fact.data)):
            return True
        if not (out.members or out.accounts):
            return False
        whom = [_whom(told.data) for told in about]
        return any(not out.members.isdisjoint(members) for members, _ in whom) or any(
            not out.accounts.isdisjoint(accounts) for _, accounts in whom
        )

    def _about(self, fact: Fact) -> bool:
        members, accounts = _whom(fact.data)
        if self.member is not None and self.member not in members:
            return False
        return self.account is None or self.account in accounts


EVERYTHING = Filter()


def outcome_of(data: Data) -> Outcome:
    """What came of an attempt."""
    return "refused" if isinstance(data, CommandRefused | SignInRefused) else "done"


def rights_touched(data: Data) -> frozenset[str]:
    """The rights that a fact gives or takes."""
    match data:
        case RightsEdited():
            return frozenset((*data.granted, *data.revoked))
        case RoleChanged():
            return frozenset(data.rights_before) ^ frozenset(data.rights_after)
        case UserInvited() | AccessGranted():
            return frozenset(data.rights)
        case _:
            return frozenset()


def _listed(words: frozenset[str]) -> str:
    return " ".join(sorted(words))


def _whom(data: Data) -> tuple[set[str | None], set[str | None]]:
    """The members and the accounts that a fact names; what a refused command was about may be either."""
    target = data.target if isinstance(data, CommandRefused) else None
    return {getattr(data, "member", None), target} - {None}, {getattr(data, "account", None), target} - {None}


def _inside(fact: Fact) -> list[Fact]:
    """The facts that a correction carries, outermost first."""
    found: list[Fact] = []
    while isinstance(fact.data, Correction) and fact.data.fact is not None:
        fact = fact.data.fact
        found.append(fact)
    return found
