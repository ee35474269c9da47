"""Makes a dispute bundle: the export is a fact first, then a checkpoint covers it, then all of it is put together."""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from domain import canonical
from domain.entries import TERMS, Entry, Quarantined, from_bytes
from domain.evidence.notes import Key
from domain.facts import OBSERVATIONS, DataExported, InvalidFactError
from infrastructure.bundle import layout
from infrastructure.bundle.answering import answered
from infrastructure.bundle.archive import pack
from infrastructure.bundle.checking import Report, check, trust_in
from infrastructure.bundle.collecting import Collected, collect, files_of
from infrastructure.bundle.manifest import about, written
from infrastructure.bundle.opening import opened
from infrastructure.bundle.own import Own, own
from infrastructure.bundle.page import Shown, page
from infrastructure.bundle.proving import Proofs, proofs_of
from infrastructure.bundle.reading import Asked, Signed
from infrastructure.bundle.readme import readme
from infrastructure.bundle.recounting import Recount
from infrastructure.bundle.sealed import OpenedPart, opened_at, personal_in
from infrastructure.door.caller import Caller
from infrastructure.evidence.proving import Proving, Published
from infrastructure.store import StoreError
from infrastructure.wiring import Application

PATIENCE = 15.0
"""Seconds that a bundle waits for a checkpoint that covers it."""

_LOOK_AGAIN = 0.05
_WHY = "the evidence of a bill, for others to check"


class NotSignedError(StoreError):
    """There is no checkpoint that a bundle could rest on; the sentence says what to do."""


class SpoiltBundleError(StoreError):
    """What was put together does not pass its own check: it is not handed out."""


class NoBundleError(ValueError):
    """There can be no bundle about that; the sentence says what to ask for instead."""


class Notes(Protocol):
    """Where an export is written down."""

    def exported(self, caller: Caller, location: str, data: DataExported, reason: str) -> tuple[str, datetime]:
        """Append that data leaves the ledger; the fact's id and its time."""


@dataclass(frozen=True, slots=True)
class Signing:
    """How a checkpoint comes about, and whose signature it bears."""

    publish: Callable[[], Published | None]
    key: Callable[[], Key]


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle as it leaves the ledger."""

    data: bytes
    name: str
    export: str
    report: Report


class Bundling:
    """Makes bundles over one ledger."""

    def __init__(self, ledger: Application, notes: Notes, signing: Signing | None) -> None:
        self._ledger = ledger
        self._notes = notes
        self._signing = signing
        self._proving = Proving(ledger.store)

    @property
    def signs(self) -> bool:
        """Whether there is a signer."""
        return self._signing is not None

    def bundle(self, caller: Caller, asked: Asked, *, since: Signed | None = None, unsigned: bool = False) -> Bundle:
        """The bundle of a question, checked. Its export is in the ledger, and settled, before this returns.

        `since`: a checkpoint from before, that this one is to be shown to have grown out of. NotFoundError when there
        is no such location, NoBundleError for days that cannot be asked for; NotSignedError when no checkpoint comes
        about, unless `unsigned` asks for a bundle that nobody vouches for; SpoiltBundleError.
        """
        self._check(asked)
        if self._signing is None and not unsigned:
            raise NotSignedError(
                "No signer is set, so nobody could check a bundle. Start `accessledger signer` and name its socket in "
                "ACCESSLEDGER_SIGNER; or ask for --unsigned, which proves nothing to anybody."
            )
        data = DataExported(what=asked.said(), format="zip", rows=asked.days)
        export, at = self._notes.exported(caller, asked.location, data, _WHY)
        position = self._settled(export)
        published = None if unsigned else self._covering(position)
        upto = position if published is None else published.position
        place = [f"location:{asked.location}", f"observations:{asked.location}"]
        own_facts = collect(self._ledger.store, place, upto, [UUID(export)], location=asked.location)
        terms = collect(self._ledger.store, [TERMS], upto)
        content = _Content(asked, export, at, own_facts, terms)
        proofs = proofs_of(self._ledger.store, self._proving, asked.location, published, since)
        data_out = pack(self._files(content, proofs))
        report = self._checked(data_out, unsigned=unsigned, since=since)
        name = f"evidence-{asked.location.replace(':', '-')}-{asked.first}-{asked.last}.zip"
        return Bundle(data_out, name, export, report)

    def _check(self, asked: Asked) -> None:
        """NotFoundError for a location that is not there, NoBundleError for days that are none, or are to come."""
        now = self._ledger.clock()
        today = now.astimezone(self._ledger.books().zone(asked.location)).date()
        if asked.days < 1:
            raise NoBundleError("The last day lies before the first; give them the other way round.")
        if asked.days > layout.MOST_DAYS:
            raise NoBundleError(f"That is more than {layout.MOST_DAYS} days; ask for fewer at a time.")
        if asked.last > today:
            raise NoBundleError(f"It is {today} there; nothing is known yet of the days up to {asked.last}.")
        if asked.known is not None and asked.known > now:
            raise NoBundleError(
                "What will be known is not known yet; leave `known` out, or name an instant before now."
            )

    def _settled(self, export: str) -> int:
        """The position of the fact of the export."""
        store, pause = self._ledger.store, threading.Event()
        for _ in range(round(PATIENCE / _LOOK_AGAIN)):
            store.sequence()
            found = store.find([UUID(export)])
            if found and found[0].position is not None:
                return found[0].position
            pause.wait(_LOOK_AGAIN)
        raise NotSignedError("The export has no final position yet: an open transaction holds it back. Try again.")

    def _covering(self, position: int) -> Published:
        """The first checkpoint that covers a position; asked for if it is not there."""
        assert self._signing is not None
        pause = threading.Event()
        for _ in range(round(PATIENCE / _LOOK_AGAIN)):
            found = self._proving.covering(position)
            if found is not None:
                self._signing.publish()  # the witnesses may not have seen it yet
                return self._proving.at_size(found.checkpoint.size) or found
            self._signing.publish()
            pause.wait(_LOOK_AGAIN)
        raise NotSignedError(f"No checkpoint covers position {position} after {PATIENCE:.0f} s; see the signer's log.")

    def _files(self, content: "_Content", proofs: Proofs) -> dict[str, bytes]:
        asked, program = content.asked, own()
        open_parts = opened(self._ledger.store, (each for each in content.facts if each.body is not None))
        books = self._ledger.books(content.position)
        now = asked.known if asked.known is not None else content.at
        answers = answered(books, asked, now)
        basis = (content.at, content.position)
        recount = Recount(asked, *content.read(open_parts), program.catalogues, basis)
        says = about(asked, content.export, basis, recount, program, signed=proofs.note is not None)
        shown = Shown(says, answers, proofs.note, program.catalogues[max(program.catalogues)])
        files = {
            **proofs.files,
            **files_of(layout.PLACE, content.place),
            **files_of(layout.TERMS, content.terms),
            layout.ANSWERS: canonical.write(answers) + b"\n",
            layout.OPENED: canonical.write([part.written() for part in open_parts]) + b"\n",
            layout.PAGE: page(shown),
            layout.README: readme(),
            layout.REPLAYER: program.replayer,
            **program.kit,
            **_catalogues(says, program),
        }
        return {**files, layout.MANIFEST: written(says, files)}

    def _checked(self, data: bytes, *, unsigned: bool, since: Signed | None) -> Report:
        """What the check says of it. SpoiltBundleError when that is not what has to be said."""
        key = self._signing.key().written() if self._signing is not None else _NOBODY
        report = check(data, trust_in(key, earlier=since.note.written().encode() if since is not None else None), own())
        broken = report.broken - ({"signature"} if unsigned else set())
        if broken:
            said = next(each.sentence for each in report.findings if each.name in broken)
            raise SpoiltBundleError(
                f"This bundle would not pass its own check: {said} Run `accessledger verify --all`."
            )
        return report


_NOBODY = Key("nobody", 1, bytes(32)).written()


@dataclass(frozen=True, slots=True)
class _Content:
    """What a bundle is put together of."""

    asked: Asked
    export: str
    at: datetime
    place: list[Collected]
    terms: list[Collected]

    @property
    def facts(self) -> list[Collected]:
        return sorted((*self.place, *self.terms), key=lambda each: each.leaf.position)

    @property
    def position(self) -> int:
        """The last position of all leaves: what comes after it in the ledger is about others."""
        return max(each.leaf.position for each in self.facts)

    def read(self, parts: Iterable[OpenedPart]) -> tuple[list[Entry], list[Quarantined]]:
        """The disclosed facts that decide, and what of them cannot be read."""
        opened_there: Mapping[int, Mapping[str, OpenedPart]] = opened_at(parts)
        entries: list[Entry] = []
        unread: list[Quarantined] = []
        for each in self.facts:
            if each.body is None or not each.leaf.decides:
                continue
            position = each.leaf.position
            try:
                entry = from_bytes(
                    each.body, personal_in(each.personal or b"", opened_there.get(position, {})), position
                )
            except InvalidFactError as error:
                unread.append(Quarantined(position, str(each.fact), "", str(error)))
                continue
            if entry.fact.type not in OBSERVATIONS:
                entries.append(entry)
        return entries, unread


def _catalogues(says: Mapping[str, Any], program: Own) -> dict[str, bytes]:
    """The rights catalogues by which seats were judged."""
    versions = [int(version) for version in says["catalogues"]]
    return {layout.catalogue_name(version): program.catalogue_files[version] for version in versions}
