"""Exports a log: spooled page by page, and on the log itself, before the first byte leaves."""

import hashlib
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import BinaryIO, Protocol, cast

from domain.facts import DataExported
from domain.instants import read_instant
from infrastructure.door.asking import Asking
from infrastructure.door.caller import Caller
from infrastructure.door.permissions import ForbiddenError
from infrastructure.door.room import ReadingRoom
from infrastructure.exports.forms import FORMATS, FormatName
from infrastructure.exports.manifest import Exported, written_manifest
from projections.filters import Filter
from projections.paging import Page

WHAT = "security log"
"""What the fact of an export says that left."""

EXPORTS_AN_HOUR = 20
"""Exports by one actor in an hour."""

MOST_ROWS = 500_000
"""Rows of one export."""

_PAGE = 1_000
_HOUR = timedelta(hours=1)
_IN_MEMORY = 1 << 20


class TooMuchError(Exception):
    """More than may be exported; the sentence says what to do."""


class Notes(Protocol):
    """Where an export is written down."""

    def exported(self, caller: Caller, location: str, data: DataExported, reason: str) -> tuple[str, datetime]:
        """Append that data leaves the ledger; the fact's id and its time."""


class Exports:
    """Exports of one ledger, for callers: what they may see of the log, as often as they may take it away."""

    def __init__(self, room: ReadingRoom, notes: Notes, clock: Callable[[], datetime]) -> None:
        self._room = room
        self._notes = notes
        self._clock = clock

    def log(
        self, caller: Caller, location: str, wanted: Filter, asking: Asking, form: FormatName, *, packed: bool = False
    ) -> Exported:
        """The whole log that is asked for, newest first; `packed`: in an archive, with its manifest beside it.

        It is on a disk, and the DataExported is in the ledger, before this returns. Close its file when done.
        ForbiddenError and NotFoundError as for the log; TooMuchError beyond the rows or exports that may be.
        """
        if caller.account is None and "export" not in caller.scopes:
            raise ForbiddenError("This key does not have the scope export; ask for one that has.")
        seen = self._room.sight(caller, location)
        self._check_quota(caller)
        spool = cast("BinaryIO", tempfile.SpooledTemporaryFile(_IN_MEMORY))  # noqa: SIM115 # closed by who sends it
        exported = Exported(location, form, wanted.said(), seen.types, spool)
        try:
            self._write(exported, caller, wanted, asking, packed=packed)
        except BaseException:
            spool.close()
            raise
        spool.seek(0)
        return exported

    def _check_quota(self, caller: Caller) -> None:
        books = self._room.books(Asking())
        since = self._clock() - _HOUR
        taken = Filter(actor=caller.actor.id, types=frozenset({"DataExported"}), since=since)
        rows = books.log(None, taken, page=Page(_PAGE))["log"]
        if sum(row["target"]["id"] == WHAT for row in rows) >= EXPORTS_AN_HOUR:
            raise TooMuchError(f"One may take {EXPORTS_AN_HOUR} exports an hour; wait, or ask for more at once.")

    def _write(self, exported: Exported, caller: Caller, wanted: Filter, asking: Asking, *, packed: bool) -> None:
        form = FORMATS[exported.format]
        archive = zipfile.ZipFile(exported.file, "w", zipfile.ZIP_DEFLATED) if packed else None
        exported.name = f"log.{form.ending}"
        member = cast("BinaryIO", archive.open(exported.name, "w", force_zip64=True)) if archive else exported.file
        measured = Measured(member)
        self._fill(exported, measured, caller, wanted, asking)
        exported.size, exported.sha256 = measured.size, measured.digest.hexdigest()
        data = DataExported(what=WHAT, format=exported.format, rows=exported.rows)
        if archive is not None:
            member.close()
        exported.fact, exported.at = self._notes.exported(caller, exported.location, data, exported.about)
        if archive is not None:
            archive.writestr("manifest.json", written_manifest(exported, caller))
            archive.close()

    def _fill(self, exported: Exported, file: "Measured", caller: Caller, wanted: Filter, asking: Asking) -> None:
        writer = FORMATS[exported.format].open(cast("BinaryIO", file))
        before: int | None = None
        while True:
            answer = self._room.log(caller, exported.location, wanted, asking, Page(_PAGE, before))
            exported.basis = answer
            exported.rows += len(answer["log"])
            if exported.rows > MOST_ROWS:
                raise TooMuchError(f"This is more than {MOST_ROWS:,} rows; ask for fewer days at once.")
            if answer["log"]:
                writer.add(list(reversed(answer["log"])))
            before = answer["earlier"]
            if before is None:
                break
            on = read_instant(answer["on"]) if answer["on"] is not None else None
            known = read_instant(answer["known"])
            asking = replace(asking, on=on, known=known, position=answer["position"], at_least=None)
        writer.end()


class Measured:
    """A file that is written, with its size and digest so far."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.size = 0
        self.digest = hashlib.sha256()
        self.closed = False

    def write(self, piece: bytes) -> int:
        """Write on."""
        piece = bytes(piece)
        self._file.write(piece)
        self.size += len(piece)
        self.digest.update(piece)
        return len(piece)

    def tell(self) -> int:
        """How much was written."""
        return self.size

    def flush(self) -> None:
        """Nothing is held back here."""

    def close(self) -> None:
        """The file itself is closed by who opened it."""
        self.closed = True
