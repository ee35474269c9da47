"""Carries erasures out, says where each one stands, and does again what a restored backup has undone."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain import rows
from domain.catalogue import Catalogue
from domain.commands import OfPerson
from domain.entries import Entry, stream_of
from domain.erasures import Erasure, Person, Whom, erasure_of
from domain.facts import ErasureAllowed, ErasureAsked, ErasureRefused, Fact, PersonErased
from domain.ledger import AsOf, Ledger
from infrastructure.erasing.beside import Beside
from infrastructure.erasing.persons import Persons
from infrastructure.erasing.remembered import ErasureList, Remembered, remembered
from infrastructure.mapper import read_rows
from infrastructure.postgres.statements import statements
from infrastructure.sealing.keys import KeyStore
from infrastructure.store import Store
from infrastructure.store.boundary import make_rows

_SQL = statements("erasing")
_ABOUT = ErasureAsked | ErasureRefused | ErasureAllowed | PersonErased


@dataclass(frozen=True, slots=True)
class Found:
    """Where the erasure of one stands: of an account as a whole, of one member or client."""

    location: str | None
    whom: Whom
    erasure: Erasure


class Erasures:
    """The erasures of a ledger; safe to share between threads and processes."""

    def __init__(
        self,
        store: Store,
        catalogues: Mapping[int, Catalogue],
        *,
        keys: KeyStore | None = None,
        listed: ErasureList | None = None,
    ) -> None:
        """`keys` is where they are destroyed; `listed` the list that outlives a restore of both databases."""
        self._store = store
        self._catalogues = catalogues
        self._keys = keys
        self._listed = listed
        self.persons = Persons(store, catalogues, keys)
        self._beside = Beside(store.connections)

    def person(self, location: str | None, request: OfPerson) -> Person:
        """See Erasing."""
        found = self.persons.find(location, request)
        if found.known or self._listed is None:
            return found
        # After a restore the list may be all that knows of somebody whose keys are gone.
        whom = (location, request.account, request.member, request.client)
        return replace(found, known=any(_whole(each) == whom for each in self._listed.read()))

    def carry_out(self, erased: Sequence[Fact], *, again: bool = False) -> None:
        """See Erasing. Remembered first, then destroyed: killed between the two, the next start goes on.

        `again`: only what was there at the time of the facts; what came since is of somebody who was invited again.
        """
        self._destroy([remembered(fact) for fact in erased], None if again else self._store.now())
        rows.forget()

    def of(self, location: str | None, whom: Whom) -> Erasure:
        """Where the erasure of one stands now."""
        stream = f"location:{location}" if location is not None else f"account:{whom.account}"
        facts = (entry.fact for entry in self._about(stream))
        # Most were never asked for: then nothing is folded.
        if not any(isinstance(fact.data, _ABOUT) and whom.is_meant(fact.data) for fact in facts):
            return Erasure()
        return self._folded(stream, [whom])[whom]

    def of_request(self, location: str | None, request: OfPerson) -> Erasure:
        """The same, of whom a command names."""
        return self.of(location, Whom(request.account, request.member, request.client))

    def every(self) -> list[Found]:
        """Everybody for whom an erasure was ever asked for: accounts as a whole, then members and clients by place."""
        streams: dict[tuple[str | None, str], dict[Whom, None]] = {}
        for entry in self._about():
            data = entry.fact.data
            assert isinstance(data, _ABOUT)
            whom = Whom(data.account, data.member, data.client)
            alone = whom if entry.fact.location is None or data.account is None else None
            if alone is not None:
                streams.setdefault((entry.fact.location, stream_of(entry.fact)), {})[alone] = None
        found = []
        for (location, stream), everyone in sorted(streams.items(), key=lambda item: (item[0][0] or "", item[0][1])):
            states = self._folded(stream, everyone)
            found += [Found(location, whom, states[whom]) for whom in everyone]
        return found

    def due(self, at: datetime) -> Iterator[Found]:
        """Those that have fallen due and are not done."""
        for found in self.every():
            due = found.erasure.due
            if due is not None and due <= at:
                yield found

    def replay(self) -> list[Remembered]:
        """Do again what a restored backup has undone, before anything is read; what the ledger itself does not know.

        Asked for at every start: where nothing was restored it is two questions.
        """
        in_ledger = [remembered(entry.fact) for entry in self._about() if _is_own(entry)]
        if self._listed is not None:
            listed = self._listed.read()
            known, of_list = {each.fact for each in in_ledger}, {each.fact for each in listed}
            self._listed.add([each for each in in_ledger if each.fact not in of_list])
        else:
            listed, known = [], {each.fact for each in in_ledger}
        lost = [each for each in listed if each.fact not in known]
        came_back = self._destroy_keys([*in_ledger, *lost])
        if came_back or lost:
            for each in (*in_ledger, *lost):
                self._forget_beside(each, each.at)
            rows.forget()
        last = _last_of(in_ledger)
        return [each for each in lost if last.get(_whole(each), each.at) <= each.at]

    def _destroy(self, erased: Sequence[Remembered], until: datetime | None) -> None:
        if self._listed is not None:
            self._listed.add(erased)
        self._destroy_keys(erased)
        for each in erased:
            self._forget_beside(each, until if until is not None else each.at)

    def _destroy_keys(self, erased: Iterable[Remembered]) -> list[str]:
        """Destroy the very keys that are named: a subject that was invited again has another one."""
        if self._keys is None:
            return []
        named: dict[str, list[str]] = {}
        for each in erased:
            for subject, key in zip(each.subjects, each.keys, strict=False):
                named.setdefault(subject, []).append(key)
        return self._keys.replay(named) if named else []

    def _forget_beside(self, each: Remembered, until: datetime) -> None:
        if each.account is None or each.location is not None:
            return
        devices = self._beside.forget(each.account, until)
        if devices and self._keys is not None:
            self._keys.destroy(devices)

    def _about(self, stream: str | None = None) -> list[Entry]:
        """Every fact about an erasure, of one stream or of all, by stream, in order."""
        connections = self._store.connections
        found = connections.read(_SQL["erasures"], {"stream": stream}, prepare=False)
        entries, _ = read_rows(make_rows(found, connections.boundary))
        return entries

    def _folded(self, stream: str, everyone: Iterable[Whom]) -> dict[Whom, Erasure]:
        entries, unread = read_rows(self._store.read_stream(stream, settled=False))
        now = self._store.now()
        lines = Ledger(entries, self._catalogues, quarantined=unread).as_of(AsOf(now, now)).lines
        return {whom: erasure_of(lines, whom) for whom in everyone}


def _is_own(entry: Entry) -> bool:
    """Whether this ledger decided it: what an import tells of other ledgers destroys nothing here."""
    return isinstance(entry.fact.data, PersonErased) and entry.stamp.imported is None


def _whole(each: Remembered) -> tuple[str | None, str | None, str | None, str | None]:
    return each.location, each.account, each.member, each.client


def _last_of(erased: Iterable[Remembered]) -> dict[tuple[str | None, ...], datetime]:
    last: dict[tuple[str | None, ...], datetime] = {}
    for each in erased:
        last[_whole(each)] = max(each.at, last.get(_whole(each), each.at))
    return last
