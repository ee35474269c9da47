"""Every type of fact is one plain English sentence."""

from typing import Any

import pytest

from domain.commands import COMMANDS
from domain.facts import FACT_TYPES
from projections.names import Names
from projections.sentences import Sentences
from projections.sentences.attempts import ATTEMPTS
from tests.cast import BERLIN, Json, fact, line_of, record, studio
from tests.projections.told.access import ACCESS
from tests.projections.told.billing import BILLING
from tests.projections.told.erasure import ERASURE
from tests.projections.told.observed import OBSERVED
from tests.projections.told.team import TEAM

PAY = "records_finances_access"
TOLD = (*TEAM, *ACCESS, *BILLING, *ERASURE, *OBSERVED)


def sentences_of(facts: list[Json], **options: Any) -> tuple[Sentences, Any]:
    found = record(facts, **options)
    return Sentences(Names(found), found, BERLIN), found


@pytest.mark.parametrize(
    ("expected", "said"), TOLD, ids=lambda value: value["type"] if isinstance(value, dict) else None
)
def test_a_fact_is_one_plain_sentence(expected: str, said: Json) -> None:
    facts = [*studio(), said]
    sentences, found = sentences_of(facts)

    assert sentences.sentence(line_of(found, said)) == expected


def test_every_type_of_fact_has_a_sentence() -> None:
    assert {said["type"] for _, said in TOLD} == set(FACT_TYPES)


def test_every_command_can_be_told_as_an_attempt() -> None:
    assert set(ATTEMPTS) == set(COMMANDS)


def test_a_line_of_a_history_adds_device_and_local_time() -> None:
    got = fact("RightsEdited", account="acc-ann", granted=[PAY], device="dev-1")
    sentences, found = sentences_of([*studio(), got], device_name="Safari on iPhone")

    assert sentences.line(line_of(found, got)) == (
        "Ann (receptionist) got 'Take payment in the visit' from Olga, Safari on iPhone, 3 March 2026 14:02"
    )


def test_a_line_of_a_system_has_no_device() -> None:
    failed = fact("RenewalFailed", actor="system:billing", subscription="P2")
    sentences, found = sentences_of([*studio(), failed], device_name="Safari on iPhone")

    assert sentences.line(line_of(found, failed)) == "The renewal of the subscription P2 failed, 3 March 2026 14:02"


def test_a_full_stop_in_a_reason_does_not_end_the_line() -> None:
    dismissed = fact("TeamMemberDismissed", member="sana", dismissal_date="2026-03-03", reason="Moved away.")
    sentences, found = sentences_of([*studio(), dismissed])

    assert sentences.line(line_of(found, dismissed)) == (
        "Olga dismissed Sana as of 3 March 2026: Moved away, 3 March 2026 14:02"
    )
