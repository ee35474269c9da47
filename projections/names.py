"""What people and places are called: the latest said about them, whoever is asking."""

from typing import TypeAlias

from domain.facts import Actor, Data, UserInvited, UserLinked
from domain.ledger import Record
from domain.roles import title
from projections.said import PLACE, PlaceSaid, Registers, account_key, account_of, hear, member_key, member_of

Key: TypeAlias = tuple[str | None, str]


class Names:
    """The names of a record. A member's id is known in its location only, an account's everywhere."""

    def __init__(self, record: Record) -> None:
        """Read the record; a later line has the last word, one that is left out only where no other says anything."""
        self._said: dict[str | None, Registers] = {}
        self._anywhere: Registers = {}
        self._linked_in: dict[str, str | None] = {}
        self._home: str | None = None
        standing = [line for line in record.lines if line.fact.id not in record.left_out]
        fallen = [line for line in record.lines if line.fact.id in record.left_out]
        for line in (*fallen, *standing):
            self._hear(line.fact.location, line.fact.data)

    @classmethod
    def of(cls, location: str, said: Registers) -> "Names":
        """The names of a record that is all of one location, from the registers of what was said there."""
        names = cls(Record((), {}, {}))
        names._said[location] = names._anywhere = said
        names._home = location
        return names

    def knows_member(self, member: str, location: str | None) -> bool:
        """Whether the location was ever told of a member by this id."""
        return self._name_of(member, location) is not None

    def member(self, member: str, location: str | None) -> str:
        """A team member's name, else the id."""
        name = self._name_of(member, location)
        return name if name is not None else member

    def position(self, member: str, location: str | None) -> str | None:
        """A team member's position, as it is said in the middle of a sentence."""
        position = member_of(self._said.get(location, {}), member_key(member)).position
        return _lowered(position) if position and position.strip() else None

    def given(self, account: str, location: str | None) -> str | None:
        """The name that came with an invitation or a grant, here or elsewhere."""
        key = account_key(account)
        here = account_of(self._said.get(location, {}), key).given
        return here if here is not None else account_of(self._anywhere, key).given

    def account(self, account: str, location: str | None) -> str:
        """An account's name: the one given, else that of the linked member, else the id."""
        given = self.given(account, location)
        if given is not None:
            return given
        link = self._link(account, location)
        name = self._name_of(link[1], link[0]) if link is not None else None
        return name if name is not None else account

    def placed(self, account: str, location: str | None) -> str:
        """The name with the linked member's position: "Ivo (stock)"; without one the name alone."""
        link = self._link(account, location)
        position = self.position(link[1], link[0]) if link is not None else None
        name = self.account(account, location)
        return f"{name} ({position})" if position is not None else name

    def titled(self, account: str, location: str | None) -> str:
        """The name with the linked member's position, else with the role: "Ann (receptionist)", "Vic (viewer)"."""
        placed, name = self.placed(account, location), self.account(account, location)
        role = self._role(account, location)
        return f"{name} ({title(role)})" if placed == name and role is not None else placed

    def place(self, location: str | None) -> str:
        """A location's name, else its id."""
        if location is None:
            return "the ledger"
        said = self._said.get(location, {}).get(PLACE)
        return said.name if isinstance(said, PlaceSaid) else location

    def actor(self, actor: Actor, location: str | None) -> str:
        """Who did it, as said in the middle of a sentence: "Olga", "support (sup-7) on behalf of Olga"."""
        return self._acting(actor, location, self.account(actor.id, location))

    def titled_actor(self, actor: Actor, location: str | None) -> str:
        """Who did it, a person with position or role: "Olga (owner)"."""
        return self._acting(actor, location, self.titled(actor.id, location))

    def _acting(self, actor: Actor, location: str | None, person: str) -> str:
        kinds = {
            "system": f"the system {actor.id}",
            "api_key": f"the key {actor.id}",
            "support": f"support ({actor.id})",
        }
        who, behind = kinds.get(actor.kind, person), actor.on_behalf_of
        return f"{who} on behalf of {self.account(behind, location)}" if behind is not None else who

    def _name_of(self, member: str, location: str | None) -> str | None:
        return member_of(self._said.get(location, {}), member_key(member)).name

    def _role(self, account: str, location: str | None) -> str | None:
        key = account_key(account)
        here = account_of(self._said.get(location, {}), key).role
        return here if here is not None else account_of(self._anywhere, key).role

    def _link(self, account: str, location: str | None) -> Key | None:
        key = account_key(account)
        here = account_of(self._said.get(location, {}), key).member
        if here is not None:
            return (location, here)
        elsewhere = account_of(self._anywhere, key).member
        return (self._linked_in.get(key, self._home), elsewhere) if elsewhere is not None else None

    def _hear(self, location: str | None, data: Data) -> None:
        key = hear(self._said.setdefault(location, {}), data)
        if key is None:
            return
        hear(self._anywhere, data)
        if isinstance(data, UserLinked) or (isinstance(data, UserInvited) and data.member is not None):
            self._linked_in[key] = location


def _lowered(position: str) -> str:
    """A position without capitals; abbreviations keep theirs ("CEO", "IT support")."""
    return " ".join(word if len(word) > 1 and word.isupper() else word.lower() for word in position.split())
