"""Everything that is held about one person, as one archive that the person can be given."""

import json
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO, cast

from domain import canonical
from domain.commands import OfPerson
from domain.erasures import Person, client_subject
from domain.facts import DataExported
from domain.instants import write_instant
from domain.personal import account_subject, member_subject
from infrastructure.door.caller import Caller
from infrastructure.door.veil import Veil, of_account, of_device
from infrastructure.erasing.held_facts import HeldFacts
from infrastructure.erasing.persons import Persons
from infrastructure.postgres.statements import statements
from infrastructure.store import Store

WHAT = "what is held about a person"
"""What the fact of such an export says that left."""

_SQL = statements("erasing")
_IN_MEMORY = 1 << 20
_ABOUT = """What the access-rights ledger holds about {name}, on {at}.

person.json   the account and the team members that belong together, where an erasure stands, and which keys there are
facts.jsonl   every fact in which {name} acts or is acted on, oldest first: `position` is its place in the ledger,
              `fact` what it says without anybody's personal fields, `personal` the personal fields of {name},
              `sentence` the fact in words
beside.json   what lies beside the facts: sign-in, sessions, devices, second steps, passkeys, saved views

Passwords and the secrets of second steps are left out: they are of no use but to come in.
Personal fields of other people are left out; the words of a fact may name whom it was done by or to.
"""


@dataclass(frozen=True)
class Held:
    """The archive at its beginning, and the fact that says that it was taken."""

    file: BinaryIO
    facts: int
    fact: str


class Holding:
    """Looks together what is held; safe to share between threads."""

    def __init__(
        self,
        store: Store,
        persons: Persons,
        facts: HeldFacts,
        note: Callable[[Caller, str | None, DataExported, str], tuple[str, datetime]],
    ) -> None:
        self._store = store
        self._persons = persons
        self._facts = facts
        self._note = note
        self._veil = Veil(store.connections)

    def export(self, caller: Caller, location: str | None, request: OfPerson, state: Mapping[str, Any]) -> Held:
        """The archive, after the fact that it was taken. Close its file when done. NotFoundError when nothing is held.

        `state` says where an erasure of the person stands.
        """
        person = self._persons.find(location, request)
        name = request.account or request.member or request.client or ""
        spool = cast("BinaryIO", tempfile.SpooledTemporaryFile(_IN_MEMORY))  # noqa: SIM115 # closed by who sends it
        try:
            with zipfile.ZipFile(spool, "w", zipfile.ZIP_DEFLATED) as archive:
                count = self._write(archive, location, request, person, state)
            data = DataExported(what=WHAT, format="zip", rows=count)
            fact, _ = self._note(caller, location, data, canonical.write({"person": name}).decode())
        except BaseException:
            spool.close()
            raise
        spool.seek(0)
        return Held(spool, count, fact)

    def _write(
        self,
        archive: zipfile.ZipFile,
        location: str | None,
        request: OfPerson,
        person: Person,
        state: Mapping[str, Any],
    ) -> int:
        name = request.account or request.member or request.client or ""
        archive.writestr("README.txt", _ABOUT.format(name=name, at=write_instant(self._store.now())))
        count = 0
        with archive.open("facts.jsonl", "w", force_zip64=True) as file:
            for line in self._facts.of(location, request, person, subjects_of(location, request, person)):
                file.write(canonical.write(line) + b"\n")
                count += 1
        about = {
            "account": request.account,
            "client": request.client,
            "member": request.member,
            "location": location,
            "members": {place: list(members) for place, members in person.members.items()},
            "erasure": dict(state),
            "keys": dict(person.keys),
        }
        archive.writestr("person.json", canonical.write(about) + b"\n")
        archive.writestr("beside.json", canonical.write(self._beside(request.account)) + b"\n")
        return count

    def _beside(self, account: str | None) -> Mapping[str, Any]:
        """What lies beside the facts, unveiled."""
        return {} if account is None else dict(self._of_account(account))

    def _of_account(self, account: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        whose = of_account(account)
        for what, names, veiled in _TABLES:
            found = []
            for row in self._store.connections.read(_SQL[f"held_{what}"], (account,)):
                of_row = of_device(row[0]) if what == "devices" else whose
                said = dict(zip(names, row, strict=True))
                shown = self._veil.all_under([(of_row, said[each]) for each in veiled])
                found.append(_plain({**said, **dict(zip(veiled, shown, strict=True))}))
            yield what, found


def subjects_of(location: str | None, request: OfPerson, person: Person) -> frozenset[str]:
    """Whose personal fields are this person's."""
    if request.account is not None:
        members = (member_subject(place, member) for place, every in person.members.items() for member in every)
        return frozenset({account_subject(request.account), *members})
    assert location is not None, "members and clients are of a location"
    if request.member is not None:
        return frozenset({member_subject(location, request.member)})
    return frozenset({client_subject(location, request.client or "")})


def _plain(said: Mapping[str, Any]) -> dict[str, Any]:
    """A row as JSON: instants as texts, what a browser told as an object."""
    found = {key: write_instant(value) if isinstance(value, datetime) else value for key, value in said.items()}
    if isinstance(found.get("hints"), str):
        found["hints"] = json.loads(found["hints"])
    return found


_TABLES: Sequence[tuple[str, Sequence[str], Sequence[str]]] = (
    ("sign_in", ("email", "has_password", "made_at", "ended_at"), ("email",)),
    (
        "sessions",
        ("id", "device", "two_step", "ip", "user_agent", "made_at", "seen_at", "expires_at", "revoked_at"),
        ("ip", "user_agent"),
    ),
    ("second_steps", ("channel", "made_at"), ()),
    ("passkeys", ("id", "name", "made_at", "used_at"), ("name",)),
    (
        "devices",
        ("id", "user_agent", "hints", "name", "first_seen_at", "last_seen_at"),
        ("user_agent", "hints", "name"),
    ),
    ("views", ("location", "name", "query", "usual", "made_at"), ("name", "query")),
    ("auditing", ("chain", "made_at", "expires_at"), ()),
)
"""Of each table its columns, and which of them lie veiled."""
