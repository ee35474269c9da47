"""A filter says which facts are asked for."""

import pytest

from domain.instants import read_instant
from projections.filters import Filter
from tests.cast import Json, fact, line_of, record

GIVEN = fact("UserInvited", account="acc-nils", role="viewer", member="sana", device="dev-1")
REFUSED = fact("CommandRefused", command="dismiss", code="forbidden", target="sana", actor="support:sup-7 for acc-olga")
AT = read_instant("2026-03-03T13:02:00Z")
LATER = read_instant("2026-03-03T13:02:01Z")


def asked(wanted: Filter, said: Json) -> bool:
    return wanted.matches(line_of(record([said]), said))


@pytest.mark.parametrize(
    ("wanted", "given", "refused"),
    [
        (Filter(), True, True),
        (Filter(member="sana"), True, True),
        (Filter(member="ivo"), False, False),
        (Filter(account="acc-nils"), True, False),
        (Filter(account="sana"), False, True),
        (Filter(account="acc-olga"), False, False),
        (Filter(actor="acc-olga"), True, True),
        (Filter(actor="sup-7"), False, True),
        (Filter(device="dev-1"), True, False),
        (Filter(types=frozenset({"UserInvited"})), True, False),
        (Filter(since=AT), True, True),
        (Filter(since=LATER), False, False),
        (Filter(until=LATER), True, True),
        (Filter(until=AT), False, False),
        (Filter(member="sana", account="acc-nils", device="dev-1"), True, False),
        (Filter(member="sana", device="dev-2"), False, False),
    ],
)
def test_all_that_is_given_must_hold(wanted: Filter, *, given: bool, refused: bool) -> None:
    assert asked(wanted, GIVEN) is given
    assert asked(wanted, REFUSED) is refused


def test_a_correction_is_about_what_it_says_and_what_it_corrects() -> None:
    off = fact("RemovedFromSchedule", member="sana")
    on = fact("AddedToSchedule", member="ivo")
    correction = fact("Correction", kind="replace", corrects=off["id"], fact=on)
    found = record([off, correction])
    line = line_of(found, correction)

    assert Filter(member="ivo").matches(line)
    assert Filter(member="sana").matches(line, line_of(found, off))
    assert not Filter(member="ann").matches(line, line_of(found, off))
