"""The evidence of a bill: how long it takes to make and to check, and how large it is and its proofs are."""

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from domain.facts import Actor
from infrastructure.bundle.checking import check, trust_in
from infrastructure.bundle.own import own
from infrastructure.bundle.reading import Asked
from infrastructure.bundle.wiring import bundling_of
from infrastructure.door.caller import EVERYWHERE, Caller
from infrastructure.door.noting import Noting
from infrastructure.evidence.settings import EvidenceSettings
from infrastructure.evidence.wiring import publishing_of
from infrastructure.wiring import Application
from tests.benchmarks.busy_hours import END
from tests.benchmarks.companies import cloned
from tests.benchmarks.company import COMPANIES
from tests.benchmarks.databases import ledger_of
from tests.benchmarks.measuring import Calls, Line, Sized, single
from tests.benchmarks.scale import Scale
from tests.infrastructure.signing.processes import Running, signing

SEATS = 100
DAYS = 31
_CALLER = Caller(Actor(kind="system", id="benchmark"), "benchmark", places=EVERYWHERE)


def bundles(_server: str, scale: Scale, runs: int) -> list[Line]:
    """A location of about a hundred seats over a month, in the smallest of the loaded companies."""
    name, original = next(iter(scale.ledgers.items()))
    with TemporaryDirectory() as folder, signing(Path(folder) / "signer") as signer, _copy(original) as ledger:
        settings = EvidenceSettings(signer=Path(str(signer.said["socket"])))
        publishing = publishing_of(ledger.store, settings)
        assert publishing is not None
        publishing.publish()
        last = datetime.fromtimestamp(END, UTC).date() - timedelta(days=1)
        location, seats = _location(ledger, last)
        title = f"{seats} seats over {DAYS} days, {COMPANIES[name].facts:,} facts in the ledger"
        return _measured(
            ledger, settings, signer, Asked(location, last - timedelta(DAYS - 1), last, None, None), title, runs
        )


@contextmanager
def _copy(original: str) -> Iterator[Application]:
    with cloned(original) as database, ledger_of(database) as ledger:
        yield ledger


def _location(ledger: Application, last: date) -> tuple[str, int]:
    """The location whose list is nearest to a hundred seats."""
    books = ledger.books()
    rows = [(row["location"], row["billable"] + row["free"]) for row in books.fleet(last, None)["locations"]]
    return min(rows, key=lambda row: abs(row[1] - SEATS))


def _measured(
    ledger: Application, settings: EvidenceSettings, signer: Running, asked: Asked, title: str, runs: int
) -> list[Line]:
    bundling = bundling_of(ledger, Noting(ledger.store), settings)
    made: list[bytes] = []
    making = [single(lambda: made.append(bundling.bundle(_CALLER, asked).data)) for _ in range(runs)]
    trust = trust_in(signer.keys[0].written(), (), None)
    reports = []
    checking = [single(lambda: reports.append(check(made[-1], trust, own()))) for _ in range(runs)]
    assert all(report.holds for report in reports)
    with zipfile.ZipFile(io.BytesIO(made[-1])) as archive:
        sizes = {each.filename: each.file_size for each in archive.infolist()}
    proofs = sum(size for name, size in sizes.items() if "proofs/" in name or name in {"checkpoint", "head.json"})
    return [
        Calls(f"a bundle of {title}", "", "", making, per_cent=50),
        Calls(f"its check, all proofs and {DAYS * 2} counts", "", "under 5 s", checking, per_cent=50),
        Sized("that bundle", len(made[-1]), f"proofs and heads {proofs:,} bytes, leaves {sizes['leaves']:,} bytes"),
    ]
