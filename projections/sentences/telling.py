"""What it takes to tell one fact: who did it, and what everybody and every right is called."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from domain.facts import CataloguePublished, Fact
from domain.ledger import Line, Record
from projections import moments
from projections.names import Names
from projections.plain import clip

_NAMED = 3


@dataclass(frozen=True)
class Words:
    """Everything that is the same for all facts of a record."""

    names: Names
    rights: Mapping[str, str]
    zone: ZoneInfo
    lines: Mapping[str, Line]
    """The lines of the record by the id of their fact."""


@dataclass(frozen=True, slots=True)
class Telling:
    """One fact about to be told. Ids come in, names go out."""

    fact: Fact
    words: Words

    @property
    def by(self) -> str:
        """The actor in the middle of a sentence."""
        return self.words.names.actor(self.fact.actor, self.fact.location)

    @property
    def who(self) -> str:
        """The actor at the beginning of a sentence; a person's name stays as it is."""
        by = self.by
        return by if self.fact.actor.kind == "person" else by[:1].upper() + by[1:]

    @property
    def impersonal(self) -> bool:
        """Whether a system did it, whose name adds nothing to what happens by itself."""
        return self.fact.actor.kind == "system"

    def oneself(self, account: str) -> bool:
        """Whether the actor is that account, nobody in between."""
        actor = self.fact.actor
        return actor.kind == "person" and actor.id == account and actor.on_behalf_of is None

    def member(self, member: str) -> str:
        """A team member."""
        return self.words.names.member(member, self.fact.location)

    def account(self, account: str) -> str:
        """An account by its bare name."""
        return self.words.names.account(account, self.fact.location)

    def placed(self, account: str) -> str:
        """An account with its position, for sentences that say the role themselves."""
        return self.words.names.placed(account, self.fact.location)

    def titled(self, account: str) -> str:
        """An account with position or role."""
        return self.words.names.titled(account, self.fact.location)

    def linked(self, account: str) -> str:
        """An account beside a team member: by its own name, never by the one borrowed from the member."""
        given = self.words.names.given(account, self.fact.location)
        return f"the user {given}" if given is not None else f"the account {account}"

    @property
    def place(self) -> str:
        """The fact's location."""
        return self.words.names.place(self.fact.location)

    def right(self, slug: str) -> str:
        """A right, a scope or a restriction by its name in the catalogue, in quotes."""
        return f"'{self.words.rights.get(slug, slug)}'"

    def rights(self, slugs: Sequence[str]) -> str:
        """Up to three rights by name; beyond, the first three and how many more."""
        return listed([self.right(slug) for slug in slugs[:_NAMED]], len(slugs) - _NAMED)

    def held(self, slugs: Sequence[str]) -> str:
        """A whole set of rights: few by name, many by number."""
        if not slugs:
            return "without any rights"
        return f"with {self.rights(slugs)}" if len(slugs) <= _NAMED else f"with {len(slugs)} rights"

    def when(self, instant: datetime) -> str:
        """An instant on the location's clocks."""
        return moments.moment(instant, self.words.zone)

    def day(self, found: date) -> str:
        """A date."""
        return moments.day(found)


def words_of(names: Names, record: Record, zone: ZoneInfo) -> Words:
    """The words for a record, with the rights as the catalogues that it published call them."""
    return Words(names, _rights_of(record), zone, {line.fact.id: line for line in record.lines})


def listed(things: Sequence[str], more: int = 0) -> str:
    """a, b and c; with more left: a, b, c and 9 more."""
    if more > 0:
        return f"{', '.join(things)} and {more} more"
    if len(things) < 2:
        return "".join(things)
    return f"{', '.join(things[:-1])} and {things[-1]}"


def counted(number: int, thing: str) -> str:
    """1 right, 3 rights, 1,250 rows."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def changes(before: Mapping[str, object], after: Mapping[str, object]) -> str:
    """What became of the fields of a profile or a record; empty when nothing changed."""
    parts = []
    for name in dict.fromkeys([*before, *after]):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        field = name.replace("_", " ")
        if old is None:
            parts.append(f"{field} set to {shown(new)}")
        elif new is None:
            parts.append(f"{field} {shown(old)} removed")
        else:
            parts.append(f"{field} from {shown(old)} to {shown(new)}")
    return listed(parts[:_NAMED], len(parts) - _NAMED)


def shown(value: object) -> str:
    """A value of a field: a text in quotes, yes or no, a number, anything else as JSON; long ones cut short."""
    if isinstance(value, str):
        return f"'{clip(value)}'"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return clip(json.dumps(value, ensure_ascii=False))


def _rights_of(record: Record) -> Mapping[str, str]:
    """Names by slug, from the newest version that the record published; else from the oldest that knows the slug."""
    catalogues = record.catalogues
    data = (line.fact.data for line in record.lines)
    published = {said.version for said in data if isinstance(said, CataloguePublished)} & catalogues.keys()
    found: dict[str, str] = {}
    for version in [*sorted(catalogues, reverse=True), *sorted(published)]:
        found.update(catalogues[version].short_names)
    return found
