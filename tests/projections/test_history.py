"""The history: one row a change, one sentence a row."""

from time import process_time

from domain.instants import read_instant
from projections.filters import EVERYTHING, Filter
from projections.history import history
from projections.origins import Row
from tests.cast import ALWAYS, BERLIN, CATALOGUE, Json, fact, ledger, minutes_after, record, studio

AT = "2026-03-03T13:02:00Z"
PAY = "records_finances_access"


def rows(facts: list[Json], wanted: Filter = EVERYTHING) -> list[Row]:
    return history(record([*studio(), *facts], device_name="Safari on iPhone"), wanted, BERLIN)


def dismissal() -> list[Json]:
    later: Json = {"change": "save-1", "effective_at": "2026-03-30T22:00:00Z"}
    dismissed = fact("TeamMemberDismissed", member="sana", device={"id": "dev-1", "ip": "198.51.100.7"}, **later)
    caused: Json = {**later, "caused_by": dismissed, "member": "sana"}
    return [
        dismissed,
        fact("UserUnlinked", account="acc-sana", cause="dismissal", **caused),
        fact("RemovedFromSchedule", **caused),
    ]


def test_a_change_is_one_row_with_what_it_caused() -> None:
    facts = dismissal()

    row = rows(facts)[-1]

    assert row == {
        "change": "save-1",
        "recorded_at": AT,
        "location": "L1",
        "actor": {"kind": "person", "id": "acc-olga", "name": "Olga (owner)"},
        "device": {
            "id": "dev-1",
            "ip": "198.51.100.7",
            "user_agent": None,
            "session": None,
            "name": "Safari on iPhone",
        },
        "sentence": (
            "Olga dismissed Sana as of 31 March 2026: Moved away (takes effect 31 March 2026 00:00); "
            "as a result the account acc-sana was unlinked and Sana came off the schedule"
        ),
        "facts": [
            {
                "id": said["id"],
                "type": said["type"],
                "position": row["facts"][0]["position"] + step,
                "effective_at": "2026-03-30T22:00:00Z",
                "sentence": row["facts"][step]["sentence"],
                "left_out_by": None,
                "carried_by": None,
            }
            for step, said in enumerate(facts)
        ],
    }


def test_plain_facts_of_one_change_are_one_sentence() -> None:
    facts = [
        fact("TeamMemberAdded", change="save-2", member="mia", name="Mia"),
        fact("AddedToSchedule", change="save-2", member="mia"),
    ]

    assert rows(facts)[-1]["sentence"] == "Olga added Mia to the team and put Mia on the schedule"


def test_facts_with_parts_of_their_own_stand_side_by_side() -> None:
    facts = [
        fact("RightsEdited", change="save-3", account="acc-ann", granted=[PAY]),
        fact("RightsEdited", change="save-3", account="acc-cleo", revoked=[PAY]),
    ]

    assert rows(facts)[-1]["sentence"] == (
        "Ann (receptionist) got 'Take payment in the visit' from Olga; "
        "Olga took 'Take payment in the visit' away from Cleo (call center)"
    )


def test_a_very_large_change_is_counted() -> None:
    facts = [fact("AddedToSchedule", change="all", member=f"room-{number}") for number in range(1200)]

    sentence = rows(facts)[-1]["sentence"]

    assert sentence.startswith("Olga put room-0 on the schedule, put room-1 on the schedule")
    assert sentence.endswith("; and 1,195 more")


def test_the_same_name_of_a_change_elsewhere_or_later_is_another_change() -> None:
    facts = [
        fact("AddedToSchedule", change="again", member="ann"),
        fact("AddedToSchedule", change="again", location="L2", member="tom"),
        fact("AddedToSchedule", change="again", actor="acc-max", member="ivo"),
        fact("RemovedFromSchedule", change="again", at=minutes_after(AT, 1), member="ann"),
    ]

    assert [row["sentence"] for row in rows(facts)[-4:]] == [
        "Olga put Ann on the schedule",
        "Olga put tom on the schedule",
        "Max put Ivo on the schedule",
        "Olga took Ann off the schedule",
    ]


def test_observations_are_not_history() -> None:
    facts = [fact("SignedIn", account="acc-ann"), fact("CommandRefused", command="dismiss", code="forbidden")]

    assert rows(facts) == rows([])


def test_a_correction_carries_its_fact_in_one_row_and_the_old_one_says_so() -> None:
    wrong = fact("AddedToSchedule", member="ivo")
    right = fact("AddedToSchedule", member="ann", at=minutes_after(AT, 5), effective_at=AT)
    correction = fact(
        "Correction",
        at=minutes_after(AT, 5),
        actor="support:sup-7",
        kind="replace",
        corrects=wrong["id"],
        fact=right,
        because="Wrong person",
    )

    old, new = rows([wrong, correction])[-2:]

    assert old["facts"][0]["left_out_by"] == correction["id"]
    assert new["actor"] == {"kind": "support", "id": "sup-7", "name": "support (sup-7)"}
    assert new["sentence"] == (
        "Support (sup-7) replaced “Olga put Ivo on the schedule” by “Olga put Ann on the schedule "
        "(from 3 March 2026 14:02, known since 3 March 2026 14:07)” — Wrong person"
    )
    assert [(row["type"], row["carried_by"]) for row in new["facts"]] == [
        ("Correction", None),
        ("AddedToSchedule", correction["id"]),
    ]


def test_a_filter_finds_whole_changes_and_the_corrections_of_what_it_asks_for() -> None:
    facts = dismissal()
    void = fact("Correction", at=minutes_after(AT, 5), actor="support:sup-7", kind="void", corrects=facts[0]["id"])

    found = rows([*facts, void], Filter(account="acc-sana"))[-1]
    about_sana = rows([*facts, void], Filter(member="sana"))

    assert [row["type"] for row in found["facts"]] == ["TeamMemberDismissed", "UserUnlinked", "RemovedFromSchedule"]
    assert [row["change"] for row in about_sana] == ["add-sana", "grant-sana", "save-1", void["change"]]


def test_a_carried_fact_is_told_alone_where_its_correction_does_not_hold_yet() -> None:
    inner = fact("AddedToSchedule", at="2026-03-01T09:00:00Z", member="mia")
    carrier = fact("Correction", at=AT, effective_at="2026-04-01T00:00:00Z", kind="late", fact=inner)
    found = ledger([*studio(), carrier]).record(ALWAYS, read_instant("2026-03-20T00:00:00Z"))

    row = history(found, EVERYTHING, BERLIN)[-1]

    assert [each["id"] for each in row["facts"]] == [inner["id"]]
    assert row["sentence"] == row["facts"][0]["sentence"]


def test_a_long_history_costs_what_its_length_asks_for() -> None:
    """Ten times the facts take some ten times as long, and not the square of that."""
    assert cost_of_telling(10_000) < 40 * min(cost_of_telling(1_000) for _ in range(3))


def cost_of_telling(edits: int) -> float:
    """The processor's seconds for the history of so many edits of rights."""
    everything = sorted(CATALOGUE.rights)
    facts = [
        fact(
            "RightsEdited",
            at=minutes_after(AT, number),
            account="acc-ann",
            granted=everything[number % 200 : number % 200 + 20],
        )
        for number in range(edits)
    ]
    said = record([*studio(), *facts])

    before = process_time()
    found = history(said, EVERYTHING, BERLIN)
    spent = process_time() - before

    assert len(found) > edits
    return spent
