"""The demo's dispute end to end: one file, checked offline, with the 7 of then and the 6 of now."""

from domain import canonical
from infrastructure.bundle.archive import unpack
from infrastructure.bundle.checking import check, trust_in
from infrastructure.bundle.own import own
from tests.infrastructure.bundle.disputing import disputed


def test_the_bundle_of_march_holds_and_says_seven_then_and_six_now(told: str) -> None:
    with disputed(told) as dispute:
        made = dispute.bundle()
        report = check(made.data, trust_in(dispute.vkey), own())
    assert [each for each in report.findings if not each.holds] == []
    answers = canonical.read(unpack(made.data)["answers.json"])
    last = answers["days"][-1]
    assert (last["date"], last["then"]["billable"], last["now"]["billable"]) == ("2026-03-31", 7, 6)
