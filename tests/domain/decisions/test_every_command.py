"""Every command and every code has its case, and whoever has no access may give hardly any command."""

import pytest

from domain.commands import COMMANDS
from domain.refusals import Code
from tests.domain.decisions import (
    test_access,
    test_erasures,
    test_leaving,
    test_observed_and_corrected,
    test_places_and_team,
    test_rights_and_links,
    test_subscriptions,
)
from tests.domain.telling import then_refused, when

AREAS = (
    test_places_and_team,
    test_access,
    test_rights_and_links,
    test_leaving,
    test_subscriptions,
    test_erasures,
    test_observed_and_corrected,
)
REFUSED = [case for area in AREAS for case in area.REFUSED]
ACCEPTED = [case for area in AREAS for case in area.ACCEPTED]


def test_every_code_is_produced_here_or_at_the_desk() -> None:
    at_the_desk = {Code.ID_REUSED}
    assert {case.code for case in REFUSED} == set(Code) - at_the_desk


def test_every_command_is_accepted_and_refused_here() -> None:
    assert {case.command for case in ACCEPTED} == set(COMMANDS)
    assert {case.command for case in REFUSED} == set(COMMANDS)


@pytest.mark.parametrize(
    "command",
    sorted(set(COMMANDS) - {"observe", "open_location", "accept_invitation", "enable_two_step", "disable_two_step"}),
)
def test_nobody_without_access_may_do_it(command: str) -> None:
    case = next(case for case in ACCEPTED if case.command == command)
    decision, _ = when(
        case.given, case.command, case.data, **{**case.how, "actor": {"kind": "person", "id": "acc-eve"}}
    )
    then_refused(decision, Code.FORBIDDEN, ())
