"""The demo's dispute end to end: one file, checked offline, with the 7 of then and the 6 of now."""

import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from domain import canonical
from domain.instants import end_of_day
from infrastructure.books import NotFoundError
from infrastructure.bundle.archive import pack, unpack
from infrastructure.bundle.bundling import Bundling, NoBundleError, NotSignedError, SpoiltBundleError
from infrastructure.bundle.checking import NAMES
from infrastructure.bundle.reading import Asked, read_signed
from infrastructure.door.noting import Noting
from infrastructure.store import Row, Store
from projections.filters import Filter
from tests.infrastructure.bundle.disputing import MARCH, OPERATOR, SCENES, Dispute, answers_of
from tests.infrastructure.erasing.places import Places
from tests.infrastructure.evidence.tampering import as_superuser

CHARGE_DAY = "2026-03-31"


def test_it_holds_and_says_seven_then_and_six_now(dispute: Dispute) -> None:
    made = dispute.bundle()
    report = dispute.checked(made.data)
    assert [each for each in report.findings if not each.holds] == []
    assert {each.name for each in report.findings} == set(NAMES)
    answers = answers_of(made.data)
    last = answers["days"][-1]
    assert (last["date"], last["then"]["billable"], last["now"]["billable"]) == (CHARGE_DAY, 7, 6)
    (charge,) = answers["charges"]
    assert (charge["charge"], charge["billed"]["billable"]) == (SCENES.charge, 7)
    assert (charge["as_known_then"]["agrees"], charge["as_known_now"]["agrees"]) == (True, False)
    causes = [
        fact["id"]
        for each in answers["differences"]
        for row in each["difference"]["differences"]
        for fact in row["facts"]
    ]
    assert SCENES.dismissal in causes


def test_its_answers_are_those_of_the_books(dispute: Dispute) -> None:
    """Byte for byte, with what is kept and without."""
    made = dispute.bundle(replace(MARCH, seat=SCENES.seat))
    answers = answers_of(made.data)
    books = dispute.ledger.books(answers["days"][0]["then"]["position"])
    for row in answers["days"]:
        day = date.fromisoformat(row["date"])
        assert row["then"] == books.seats(SCENES.location, day, day)
        assert row["now"] == books.seats(SCENES.location, day, SCENES.known_now)
        assert row["explained"]["then"] == books.explanation(SCENES.location, SCENES.seat, day, day)


def test_the_page_says_what_is_disputed_and_why(dispute: Dispute) -> None:
    page = unpack(dispute.bundle().data)["index.html"].decode()
    assert "7 billable as known then, 6 as known now" in page
    assert "dismissed Mia Lindner as of 4 March 2026" in page
    assert "Told on 9 April 2026 11:20 by support" in page
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")


def test_the_export_is_on_the_log_before_and_is_in_the_bundle(dispute: Dispute) -> None:
    made = dispute.bundle()
    wanted = Filter(types=frozenset({"DataExported"}), actor="operator")
    (row,) = dispute.ledger.books().log(SCENES.location, wanted)["log"]
    assert row["id"] == made.export
    assert row["target"]["id"] == MARCH.said()
    assert made.export.encode() in unpack(made.data)["bodies"]


def test_nothing_of_another_location_is_in_it(dispute: Dispute) -> None:
    files = unpack(dispute.bundle().data)
    content = b"\n".join(files[name] for name in files if not name.startswith(("kit/", "replayer", "catalogue/")))
    rows = list(dispute.ledger.store.read_all())
    strangers = [row for row in rows if row.location not in {SCENES.location, None}]
    assert len(strangers) > 500
    assert [row.position for row in strangers if str(row.fact).encode() in content or row.body in content] == []
    elsewhere = _names(strangers) - _names([row for row in rows if row.location in {SCENES.location, None}])
    assert elsewhere
    assert [name for name in elsewhere if canonical.write(name) in content] == []


def _names(rows: Iterable[Row]) -> set[str]:
    """The names and contacts that facts say."""
    found: set[str] = set()
    for row in rows:
        data = canonical.read(row.personal or b"{}").get("data", {})
        found |= {data[key] for key in ("name", "contact") if isinstance(data.get(key), str) and len(data[key]) > 3}
    return found


def test_it_goes_on_from_a_checkpoint_that_the_other_side_holds(dispute: Dispute) -> None:
    note = unpack(dispute.bundle().data)["checkpoint"]
    made = dispute.bundle(since=read_signed("note", note))
    report = dispute.checked(made.data, note)
    assert report.holds
    said = {each.name: each.sentence for each in report.findings}
    assert "has grown out of the earlier checkpoint" in said["consistency"]
    without = dispute.checked(dispute.bundle().data, note)
    assert without.broken == {"consistency"}
    assert "made with --since" in next(each.sentence for each in without.findings if not each.holds)


def test_a_fork_of_the_log_does_not_go_on_from_it(dispute: Dispute, bundled_template: Places, tmp_path: Path) -> None:
    """The ledger as it was before a fact, and then another one: the auditor's checkpoint tells."""
    other = bundled_template.copy(tmp_path / "other")
    note = unpack(dispute.bundle().data)["checkpoint"]
    with other.opened() as ledger:
        fork = Dispute(ledger)
        fork.signer.signer = dispute.signer.signer
        forked = fork.bundle(replace(MARCH, last=MARCH.last - timedelta(days=1)))
        assert dispute.checked(forked.data).holds
        assert dispute.checked(forked.data, note).broken == {"consistency"}
        with pytest.raises(SpoiltBundleError, match="not shown to have grown"):
            fork.bundle(since=read_signed("note", note))
    other.drop()


def test_who_is_erased_is_a_pseudonym_and_every_number_stays(dispute: Dispute) -> None:
    before = dispute.bundle()
    name = next(
        seat["name"] for seat in answers_of(before.data)["days"][-1]["then"]["seats"] if seat["member"] == "mia"
    )
    erase = {"command": "erase", "id": str(uuid4()), "data": {"account": "acc-mia", "basis": "Article 17 (1) (b)"}}
    actor = {"actor": {"kind": "support", "id": "sup-7"}, "device": {"id": "dev-9"}}
    outcome = dispute.ledger.desk.submit({**erase, **actor})
    assert outcome.refusal is None, outcome.refusal
    after = dispute.bundle()
    assert dispute.checked(before.data).holds
    assert dispute.checked(after.data).holds
    assert any("closed and read as erased" in each.sentence for each in dispute.checked(after.data).findings)
    for made in (before, after):
        last = answers_of(made.data)["days"][-1]
        assert (last["then"]["billable"], last["now"]["billable"]) == (7, 6)
    told = b"\n".join(unpack(after.data).values())
    assert name.encode() in b"\n".join(unpack(before.data).values())
    assert name.encode() not in told
    assert b"erased-" in told


def test_without_a_signer_there_is_no_bundle_but_an_unsigned_one(dispute: Dispute) -> None:
    bundling = Bundling(dispute.ledger, Noting(dispute.ledger.store), None)
    with pytest.raises(NotSignedError, match="accessledger signer"):
        bundling.bundle(OPERATOR, MARCH)
    made = bundling.bundle(OPERATOR, MARCH, unsigned=True)
    report = dispute.checked(made.data)
    assert report.broken == {"signature"}
    assert "not signed" in unpack(made.data)["index.html"].decode()


def test_what_cannot_be_asked_is_not_noted_as_exported(dispute: Dispute) -> None:
    before = dispute.ledger.store.sequence()
    today = dispute.ledger.clock().date()
    for asked, error in (
        (replace(MARCH, location="nowhere"), NotFoundError),
        (replace(MARCH, first=MARCH.last + timedelta(days=1)), NoBundleError),
        (replace(MARCH, first=date(2020, 1, 1)), NoBundleError),
        (Asked(SCENES.location, today, today + timedelta(days=3), None, None), NoBundleError),
        (replace(MARCH, known=dispute.ledger.clock() + timedelta(days=1)), NoBundleError),
    ):
        with pytest.raises(error):
            dispute.bundle(asked)
    assert dispute.ledger.store.sequence() == before


def test_the_replayer_counts_the_same_without_the_program(dispute: Dispute, tmp_path: Path) -> None:
    made = dispute.bundle()
    (tmp_path / "bundle.zip").write_bytes(made.data)
    (tmp_path / "replayer.pyz").write_bytes(unpack(made.data)["replayer.pyz"])
    day = end_of_day(date.fromisoformat(CHARGE_DAY), dispute.ledger.books().zone(SCENES.location))
    for known, billable in (((), 7), ((str(SCENES.known_now.isoformat()),), 6)):
        done = subprocess.run(
            [sys.executable, "-I", "replayer.pyz", "bundle.zip", CHARGE_DAY, *known],
            cwd=tmp_path,
            capture_output=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr.decode()
        assert canonical.read(done.stdout.strip())["billable"] == billable
    assert day < SCENES.known_now


def test_a_stored_fact_that_was_changed_makes_no_bundle(dispute: Dispute) -> None:
    """The tooth of the operator's own check: what would not hold is not handed out."""
    dispute.publishing.publish()
    store: Store = dispute.ledger.store
    row = next(row for row in store.read_all() if row.location == SCENES.location and row.type == "AddedToSchedule")
    spoilt = row.body.replace(b"AddedToSchedule", b"RemovedFromSchedule").decode()
    as_superuser(
        store, f"UPDATE ledger.entries SET body = convert_to($body${spoilt}$body$, 'UTF8') WHERE fact = '{row.fact}'"
    )
    with pytest.raises(SpoiltBundleError, match="own check"):
        dispute.bundle()


def test_it_is_the_same_file_for_the_same_content(dispute: Dispute) -> None:
    made = dispute.bundle()
    assert pack(unpack(made.data)) == made.data
