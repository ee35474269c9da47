"""Whom an erasure is about: the members that an account was ever linked to, in every location, and what is held."""

from collections.abc import Iterable, Mapping

from domain.catalogue import Catalogue
from domain.commands import OfPerson
from domain.entries import Entry
from domain.erasures import Person, client_subject
from domain.facts import UserInvited, UserLinked
from domain.ledger import lines_of
from domain.personal import account_subject, member_subject
from infrastructure.door.veil import of_device
from infrastructure.erasing.beside import Beside
from infrastructure.kept import log_keys
from infrastructure.kept.kept import Kept
from infrastructure.kept.reading import PageReading
from infrastructure.mapper import read_rows
from infrastructure.postgres.statements import statements
from infrastructure.sealing.keys import KeyStore, subject_hash
from infrastructure.store import Store
from infrastructure.store.arrays import byteas

TYING = frozenset({"UserInvited", "AccessGranted", "UserLinked"})
"""Types of facts that make a location, or a member of it, an account's."""

_SQL = statements("erasing")
_CARRYING = frozenset({"Correction"})


class Persons:
    """Looks people up; safe to share between threads."""

    def __init__(self, store: Store, catalogues: Mapping[int, Catalogue], keys: KeyStore | None) -> None:
        self._store = store
        self._kept = Kept(store, catalogues)
        self._beside = Beside(store.connections)
        self._keys = keys

    def find(self, location: str | None, request: OfPerson) -> Person:
        """All that the ledger knows to be of one person, or of one member or client of a location."""
        if request.account is not None:
            return self._of_account(request.account)
        assert location is not None, "members and clients are of a location"
        if request.member is not None:
            subject = member_subject(location, request.member)
        else:
            subject = client_subject(location, request.client or "")
        keys = self.keys_of([subject])
        return Person(keys=keys, known=bool(keys))

    def keys_of(self, subjects: Iterable[str]) -> dict[str, str]:
        """By subject the key that still opens something; subjects without one are left out."""
        if self._keys is None:
            return {}
        of_hash = {subject_hash(subject): subject for subject in subjects}
        rows = self._keys.connections.read(_SQL["keys_of"], (byteas(list(of_hash)),))
        return {of_hash[bytes(hashed)]: key for hashed, key in rows}

    def _of_account(self, account: str) -> Person:
        members = self._members_of(account)
        subjects = [account_subject(account)]
        subjects += [member_subject(location, member) for location, every in members.items() for member in every]
        devices = tuple(of_device(device) for device in self._beside.lone_devices(account))
        keys, beside = self.keys_of([*subjects, *devices]), self._beside.count(account)
        known = bool(members or keys or beside)
        if not known:
            known = bool(self._store.connections.read(_SQL["is_known"], {"account": account})[0][0])
        return Person(members=members, keys=keys, besides=devices, beside=beside, known=known)

    def _members_of(self, account: str) -> dict[str, tuple[str, ...]]:
        """By location, in order, the members that the account was ever linked to."""
        found: dict[str, dict[str, None]] = {}
        for entry in self._tying(account):
            for line in lines_of(entry, 0):
                data, location = line.fact.data, line.fact.location
                if line.fact.type in TYING and getattr(data, "account", None) == account and location is not None:
                    members = found.setdefault(location, {})
                    if isinstance(data, UserLinked | UserInvited) and data.member is not None:
                        members[data.member] = None
        return {location: tuple(sorted(found[location])) for location in sorted(found)}

    def _tying(self, account: str) -> Iterable[Entry]:
        """Entries in which such a fact can be: those on the account's lists, and all that are not on lists yet."""
        last, kept = self._store.sequence(), self._kept.position()
        if kept:
            kinds = log_keys.kinds_of(TYING)
            listed = [log_keys.account_key(account) ^ log_keys.MASKS[kind] for kind in kinds]
            asked = {"keys": listed, "end": log_keys.place_of(kept + 1)}
            places = self._store.connections.read(_SQL["places_of_account"], asked, prepare=False)
            reading = PageReading(self._store, kept)
            yield from reading.entries({log_keys.position_of(place) for (place,) in places}).values()
        if kept < last:
            entries, _ = read_rows(self._store.read_all(kept, last, types=sorted(TYING | _CARRYING)))
            yield from entries
