"""Somebody is erased: every bundle of before still holds, a new one shows a pseudonym, and no count is another."""

from typing import Any
from uuid import uuid4

from domain import canonical
from domain.evidence.notes import read_checkpoint, read_note
from domain.evidence.trees import check_consistency
from domain.personal import pseudonym_of
from infrastructure.bundle.archive import unpack
from infrastructure.bundle.reading import read_signed
from infrastructure.evidence.proving import Proving
from infrastructure.verifying import verify
from tests.infrastructure.bundle.disputing import SCENES, Dispute, answers_of

_MIA = f"member:{SCENES.location}/mia"


def test_old_bundles_hold_and_new_ones_count_the_same(dispute: Dispute) -> None:
    old = dispute.bundle()
    assert "Mia Lindner" in _texts(old.data)
    command = {
        "command": "erase",
        "id": str(uuid4()),
        "actor": {"kind": "support", "id": "support-nora", "on_behalf_of": "acc-olga"},
        "device": {"id": "dev-nora"},
        "data": {"account": "acc-mia", "basis": "GDPR 17(1)(a)"},
    }
    outcome = dispute.ledger.desk.submit(command)
    assert outcome.refusal is None, outcome.refusal
    held = unpack(old.data)["checkpoint"]
    new = dispute.bundle(since=read_signed("held", held))
    for made in (old, new):
        report = dispute.checked(made.data)
        assert [each for each in report.findings if not each.holds] == []
    assert dispute.checked(new.data, held).holds
    assert "Lindner" not in _texts(new.data)
    assert pseudonym_of(_MIA) in _texts(new.data)
    assert _counts(answers_of(new.data)) == _counts(answers_of(old.data))
    assert unpack(new.data)["leaves"].startswith(unpack(old.data)["leaves"])
    first, last = (read_checkpoint(read_note(unpack(each.data)["checkpoint"].decode()).text) for each in (old, new))
    proof = Proving(dispute.ledger.store).consistency(first.size, last.size)
    check_consistency(first.size, last.size, first.root, last.root, proof)
    assert verify(dispute.ledger.store, dispute.ledger.catalogues).broken == ()


def _texts(data: bytes) -> str:
    """What of a bundle tells names: the answers, what is opened, and the page."""
    files = unpack(data)
    return "".join(files[name].decode() for name in ("answers.json", "opened.json", "index.html"))


def _counts(answers: dict[str, Any]) -> list[Any]:
    """Everything of the days but the names; positions go on."""
    left_out = {"name", "position"}

    def bare(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: bare(each) for key, each in value.items() if key not in left_out}
        return [bare(each) for each in value] if isinstance(value, list) else value

    days = [[bare(day[clock]) for clock in ("then", "now")] for day in answers["days"]]
    for day in days:
        for seats in day:
            seats["seats"] = sorted(seats["seats"], key=canonical.write)
    return days
