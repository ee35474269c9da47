"""Once a day a server has the ledger verified by a process of its own; a failed or a missing one is noticed."""

import json
import logging
import subprocess
import sys
from datetime import timedelta
from io import BytesIO

import psycopg
import pytest

from infrastructure.daily import process
from infrastructure.daily.attending import Daily
from infrastructure.daily.process import Task, task_of
from infrastructure.doctoring import examine
from infrastructure.evidence.publishing import Publishing
from infrastructure.evidence.settings import EvidenceSettings
from infrastructure.retention.retaining import Retaining
from infrastructure.store import Store
from infrastructure.verification import remembered
from infrastructure.verification.remembered import is_due, last, overdue
from infrastructure.verifying import verify
from infrastructure.wiring import application
from tests.infrastructure.cli.running import ROOT
from tests.infrastructure.evidence.drilling import entry
from tests.infrastructure.evidence.signing_here import ORIGIN, SignsHere
from tests.infrastructure.evidence.tampering import as_superuser
from tests.infrastructure.retention.telling import corrected, written
from tests.infrastructure.store.waiting import until

NOTHING = EvidenceSettings()


@pytest.fixture
def signed(told: str) -> EvidenceSettings:
    """The settings of a ledger of a year that was signed."""
    signer = SignsHere()
    with Store(told) as store:
        assert Publishing(store, ORIGIN, signer).publish() is not None
        _days_go_by(store)
    return EvidenceSettings(ORIGIN, None, signer.signer.key)


def _days_go_by(store: Store) -> None:
    """It is two days since there came to be a ledger."""
    as_superuser(store, "UPDATE ledger.generations SET since = since - interval '2 days'")


def test_a_ledger_of_today_is_not_due(told: str) -> None:
    with Store(told) as store:
        assert not is_due(store)
        assert overdue(store) is None


def test_a_server_has_it_done_and_then_it_is_not_due(told: str, signed: EvidenceSettings) -> None:
    with Store(told) as store:
        assert is_due(store)
        with Daily(store, signed, first=0.01, pause=0.01) as daily:
            until(lambda: daily.runs == 1)
        found = last(store)
        assert found is not None
        assert (found.broken, found.whole, found.position) == ((), True, store.last_position())
        assert not is_due(store)
        assert overdue(store) is None
        assert found.sentence().endswith("nothing is broken.")
        with Daily(store, signed, first=0.01, pause=0.01) as daily:
            pass
        assert daily.runs == 0


def test_a_fault_is_loud_wherever_one_looks(
    told: str, signed: EvidenceSettings, caplog: pytest.LogCaptureFixture
) -> None:
    with Store(told) as store:
        as_superuser(store, f"UPDATE ledger.entries SET body = body || ' ' WHERE id = {entry(7)}")
        with caplog.at_level(logging.INFO), Daily(store, signed, first=0.01, pause=60) as daily:
            until(lambda: daily.runs == 1)
        loud = [each.getMessage() for each in caplog.records if each.levelno == logging.CRITICAL]
        assert any("position 7 was changed" in each for each in loud), loud
        assert any("run `accessledger verify`" in each for each in loud)
        complaint = overdue(store)
        assert complaint is not None
        assert "found" in complaint
        (finding,) = (each for each in examine(application(store)) if each.what == "verification")
        assert finding.state == "ill"


def test_it_begins_from_nothing_once_a_week_and_after_a_fault(told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with Store(told) as store:
        task = Task(**json.loads(task_of(store, NOTHING)))
        Publishing(store, ORIGIN, SignsHere()).publish()
        monkeypatch.setattr(remembered, "DAILY", timedelta())
        whole = []
        for week in (timedelta(days=7), timedelta(days=7), timedelta()):
            monkeypatch.setattr(remembered, "WEEKLY", week)
            assert process.run(task) == 0
            found = last(store)
            assert found is not None
            whole.append(found.whole)
        assert whole == [True, False, True]


def test_what_does_not_come_is_missed(told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with Store(told) as store:
        assert overdue(store) is None, "a ledger that has just been made"
        _days_go_by(store)
        monkeypatch.setattr(remembered, "OVERDUE", timedelta())
        assert overdue(store) == (
            "This ledger was never verified; run `accessledger verify`, or let `accessledger serve` do it daily."
        )
        assert process.run(Task(**json.loads(task_of(store, NOTHING)))) == 0
        complaint = overdue(store)
        assert complaint is not None
        assert "none came since" in complaint
        (finding,) = (each for each in examine(application(store)) if each.what == "verification")
        assert finding.state == "look"


def test_only_one_of_several_servers_does_it(told: str) -> None:
    with Store(told) as store, psycopg.connect(told, autocommit=True) as other:
        _days_go_by(store)
        other.execute(b"SELECT pg_advisory_lock(7326, 0)")
        assert process.run(Task(**json.loads(task_of(store, NOTHING)))) == 0
        assert last(store) is None


def test_a_process_that_is_ended_leaves_nothing_behind(told: str) -> None:
    with Store(told) as store:
        _days_go_by(store)
        with Daily(store, NOTHING, first=0.01, pause=60) as daily:
            until(lambda: daily._process is not None)
        assert daily.runs in {0, 1}
        assert daily._process is not None
        assert daily._process.poll() is not None


def test_it_is_a_process_and_says_by_its_code_that_something_is_broken(told: str) -> None:
    with Store(told) as store:
        _days_go_by(store)
        line = task_of(store, NOTHING)
        command = [sys.executable, "-m", "infrastructure.daily.process"]
        sound = subprocess.run(command, input=line, cwd=ROOT, capture_output=True, check=False)
        assert (sound.returncode, sound.stdout) == (0, b""), sound.stderr
        as_superuser(store, "DELETE FROM ledger.verifications")
        as_superuser(store, f"UPDATE ledger.entries SET body = body || ' ' WHERE id = {entry(7)}")
        broken = subprocess.run(command, input=line, cwd=ROOT, capture_output=True, check=False)
        assert broken.returncode == process.BROKEN
        assert b"Position 7" in broken.stdout


def test_a_run_that_fails_is_no_verification(told: str, caplog: pytest.LogCaptureFixture) -> None:
    """Its own failure is told as that, and the next look tries again."""
    with Store(told) as store:
        _days_go_by(store)
        with psycopg.connect(told, autocommit=True) as connection:
            connection.execute(b"ALTER TABLE evidence.heads RENAME TO somewhere_else")
        with Daily(store, NOTHING, first=0.01, pause=60) as daily:
            until(lambda: daily.runs == 1)
        assert any("The daily run ended with 1" in each.getMessage() for each in caplog.records)
        assert is_due(store)


def test_what_is_due_is_retired_by_the_daily_run(store: Store) -> None:
    ledger = application(store)
    ledger.importer.run(BytesIO(written(corrected())), name="history", by="tests")
    retaining = Retaining(store, ledger.projector)
    retaining.rules.set_term("sign_ins", 12, by="ada", reason="our policy")
    ledger.projector.bring_forward(store.sequence())
    due = sum(each.facts for each in retaining.due())
    assert process.run(Task(**json.loads(task_of(store, NOTHING)))) == 0
    assert sum(one.facts for one in store.retirements()) == due > 0
    assert process.run(Task(**json.loads(task_of(store, NOTHING)))) == 0
    assert verify(store, ledger.catalogues).broken == ()
