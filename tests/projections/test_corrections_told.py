"""Corrections, and what they leave out or tell late, say so in words."""

from typing import Any

from projections.names import Names
from projections.sentences import Sentences
from tests.cast import BERLIN, Json, fact, line_of, record, studio

NOON = "2026-03-10T11:00:00Z"
DISMISSED = fact("TeamMemberDismissed", member="sana", dismissal_date="2026-03-03")


def told(facts: list[Json], which: Json) -> str:
    found = record([*studio(), *facts])
    return Sentences(Names(found), found, BERLIN).sentence(line_of(found, which))


def correction(kind: str, **data: Any) -> Json:
    return fact("Correction", at=NOON, actor="support:sup-7", kind=kind, because="Wrong person", **data)


def test_a_void_tells_what_it_takes_back() -> None:
    void = correction("void", corrects=DISMISSED["id"])

    assert told([DISMISSED, void], void) == (
        "Support (sup-7) voided: Olga dismissed Sana as of 3 March 2026: Moved away — Wrong person"
    )
    assert told([DISMISSED, void], DISMISSED) == (
        "Olga dismissed Sana as of 3 March 2026: Moved away (left out since 10 March 2026 12:00 by support (sup-7))"
    )


def test_a_replacement_tells_both() -> None:
    other = fact("TeamMemberDismissed", member="ivo", at=NOON, effective_at="2026-03-03T13:02:00Z")
    replaced = correction("replace", corrects=DISMISSED["id"], fact=other)

    assert told([DISMISSED, replaced], replaced) == (
        "Support (sup-7) replaced “Olga dismissed Sana as of 3 March 2026: Moved away” by “Olga dismissed Ivo as of "
        "31 March 2026: Moved away (from 3 March 2026 14:02, known since 10 March 2026 12:00)” — Wrong person"
    )


def test_a_late_fact_says_when_it_held_and_when_it_became_known() -> None:
    off = fact("RemovedFromSchedule", at=NOON, effective_at="2026-03-03T13:02:00Z", member="sana")
    late = correction("late", fact=off)

    assert told([late], late) == (
        "Support (sup-7) told the ledger late: Olga took Sana off the schedule "
        "(from 3 March 2026 14:02, known since 10 March 2026 12:00) — Wrong person"
    )
    assert told([late], off) == (
        "Olga took Sana off the schedule (from 3 March 2026 14:02, known since 10 March 2026 12:00)"
    )


def test_who_tells_a_late_fact_of_their_own_is_named_once() -> None:
    off = fact(
        "RemovedFromSchedule", at=NOON, actor="support:sup-7", effective_at="2026-03-03T13:02:00Z", member="sana"
    )
    late = correction("late", fact=off)

    assert told([late], late) == (
        "Support (sup-7) told the ledger late: took Sana off the schedule "
        "(from 3 March 2026 14:02, known since 10 March 2026 12:00) — Wrong person"
    )


def test_a_cancelled_dismissal_is_named_by_its_day() -> None:
    dismissed = fact("TeamMemberDismissed", member="sana", effective_at="2026-03-30T22:00:00Z")
    cancelled = fact("DismissalCancelled", at=NOON, actor="acc-max", member="sana", cancels=dismissed["id"])

    assert told([dismissed, cancelled], cancelled) == "Max cancelled the dismissal of Sana as of 31 March 2026"
    assert told([dismissed, cancelled], dismissed) == (
        "Olga dismissed Sana as of 31 March 2026: Moved away "
        "(takes effect 31 March 2026 00:00; left out since 10 March 2026 12:00 by Max)"
    )


def test_a_long_chain_of_corrections_stays_a_short_sentence() -> None:
    chain = [DISMISSED]
    for _ in range(3000):
        chain.append(
            fact("Correction", at=NOON, actor="support:sup-7", kind="void", corrects=chain[-1]["id"], because="No")
        )

    assert told(chain, chain[-1]) == (
        "Support (sup-7) voided: support (sup-7) voided: support (sup-7) voided: "
        f"the fact {chain[-4]['id']} — No — No — No"
    )
