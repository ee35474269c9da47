"""What a test needs of the machine: left out with a reason where it is missing, a failure where the gate runs."""

import pytest

from tests.naive.golang import needed


def test_what_is_there_is_no_matter() -> None:
    needed(["sh"], "dash")


def test_a_missing_program_leaves_a_test_out_and_says_which_package_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(
        pytest.skip.Exception, match="NOT TESTED: no-such-program missing; install Debian's package-of-it"
    ):
        needed(["sh", "no-such-program"], "package-of-it")


def test_the_gate_leaves_nothing_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no-such-program missing"):
        needed(["no-such-program"], "package-of-it")
