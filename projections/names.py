"""What people and places are called: the latest said about them, whoever is asking."""

from domain import facts
from domain.facts import Actor
from domain.ledger import Record
from domain.roles import title

Key = tuple[str | None, str]


class Names:
    """The names of a record. A member's id is known in its location only, an account's everywhere."""

    def __init__(self, record: Record) -> None:
        """Read the record; a later line has the last word, one that is left out only where no other says anything."""
        self._members: dict[Key, str] = {}
        self._positions: dict[Key, str | None] = {}
        self._accounts: dict[Key, str] = {}
        self._roles: dict[Key, str] = {}
        self._links: dict[Key, Key] = {}
        self._places: dict[str, str] = {}
        standing = [line for line in record.lines if line.fact.id not in record.left_out]
        fallen = [line for line in record.lines if line.fact.id in record.left_out]
        for line in (*fallen, *standing):
            self._hear(line.fact.location, line.fact.data)

    def knows_member(self, member: str, location: str | None) -> bool:
        """Whether the location was ever told of a member by this id."""
        return (location, member) in self._members

    def member(self, member: str, location: str | None) -> str:
        """A team member's name, else the id."""
        return self._members.get((location, member), member)

    def position(self, member: str, location: str | None) -> str | None:
        """A team member's position, as it is said in the middle of a sentence."""
        position = self._positions.get((location, member))
        return _lowered(position) if position and position.strip() else None

    def given(self, account: str, location: str | None) -> str | None:
        """The name that came with an invitation or a grant, here or elsewhere."""
        return self._accounts.get((location, account), self._accounts.get((None, account)))

    def account(self, account: str, location: str | None) -> str:
        """An account's name: the one given, else that of the linked member, else the id."""
        given = self.given(account, location)
        if given is not None:
            return given
        link = self._link(account, location)
        return self._members.get(link, account) if link is not None else account

    def placed(self, account: str, location: str | None) -> str:
        """The name with the linked member's position: "Ivo (stock)"; without one the name alone."""
        link = self._link(account, location)
        position = self.position(link[1], link[0]) if link is not None else None
        name = self.account(account, location)
        return f"{name} ({position})" if position is not None else name

    def titled(self, account: str, location: str | None) -> str:
        """The name with the linked member's position, else with the role: "Ann (receptionist)", "Vic (viewer)"."""
        placed, name = self.placed(account, location), self.account(account, location)
        role = self._roles.get((location, account), self._roles.get((None, account)))
        return f"{name} ({title(role)})" if placed == name and role is not None else placed

    def place(self, location: str | None) -> str:
        """A location's name, else its id."""
        return self._places.get(location, location) if location is not None else "the ledger"

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

    def _link(self, account: str, location: str | None) -> Key | None:
        return self._links.get((location, account), self._links.get((None, account)))

    def _hear(self, location: str | None, data: facts.Data) -> None:
        match data:
            case facts.TeamMemberAdded():
                self._members[location, data.member] = data.name
                self._positions[location, data.member] = data.position
            case facts.TeamMemberEdited():
                self._hear_profile((location, data.member), data.after)
            case facts.UserInvited() | facts.AccessGranted():
                self._hear_account(location, data.account, data.role)
                if data.name is not None:
                    self._accounts[location, data.account] = self._accounts[None, data.account] = data.name
                if isinstance(data, facts.UserInvited) and data.member is not None:
                    self._hear_link(location, data.account, data.member)
            case facts.RoleChanged():
                self._hear_account(location, data.account, data.after)
            case facts.UserLinked():
                self._hear_link(location, data.account, data.member)
            case facts.LocationOpened() if location is not None:
                self._places[location] = data.name
            case _:
                pass

    def _hear_profile(self, key: Key, after: dict[str, object]) -> None:
        name, position = after.get("name"), after.get("position")
        if isinstance(name, str):
            self._members[key] = name
        if "position" in after and (position is None or isinstance(position, str)):
            self._positions[key] = position

    def _hear_account(self, location: str | None, account: str, role: str) -> None:
        self._roles[location, account] = self._roles[None, account] = role

    def _hear_link(self, location: str | None, account: str, member: str) -> None:
        self._links[location, account] = self._links[None, account] = (location, member)


def _lowered(position: str) -> str:
    """A position without capitals; abbreviations keep theirs ("CEO", "IT support")."""
    return " ".join(word if len(word) > 1 and word.isupper() else word.lower() for word in position.split())
