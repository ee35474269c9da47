"""Why a seat is billable or not: every rule tried is named, and every fact behind a reason is shown."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from domain.facts.billing import TermsName
from domain.ledger import AsOf, Ledger
from domain.seating import Seating, seats_of
from domain.terms import GENERATIONS
from projections.citation import Citation
from projections.explanation import GENERATION_NAMES, OUTCOMES, RULES, Answer, explanation, find_seat
from projections.names import Names
from projections.sentences import Sentences
from tests.cast import ALWAYS, BERLIN, Json, fact
from tests.cast import ledger as ledger_of
from tests.naive.ledgers import grid, ledger, locations
from tests.projections.twice_read import CATALOGUES, entries_of, of_location

TRIED = {
    "service_providers": [["schedule"]],
    "client_interaction": [
        ["schedule"],
        ["schedule", "owner_free"],
        ["schedule", "role_administrator", "create_and_pay"],
    ],
    "access_rights": [["schedule"], ["schedule", "right"]],
}
FREE = {"owner_free", "no_create_and_pay", "read_only", "team_and_billing", "no_access", "user_only"}


def citation(whole: Ledger) -> Citation:
    said = whole.record(ALWAYS)
    return Citation(said, Sentences(Names(said), said, BERLIN))


def under(seating: Seating, terms: TermsName) -> Seating:
    """The same people under other terms."""
    other = replace(seating)
    vars(other)["terms"] = terms
    vars(other)["seats"] = seats_of(seating.team, seating.cut, terms)
    return other


def explained(seed: int) -> Iterator[tuple[Seating, Answer, Ledger]]:
    """Every seat of a random ledger at some points, under all three terms."""
    raw = ledger(seed, 50)
    for location in locations(raw):
        whole = Ledger(of_location(entries_of(raw), location), CATALOGUES)
        cite = citation(whole)
        for on, known in grid(raw, 5, seed):
            seating = Seating(whole.as_of(AsOf(on, known)))
            for terms in GENERATIONS:
                judged = under(seating, terms)
                for seat in judged.seats:
                    found = find_seat(judged, seat.id)
                    assert found is not None
                    assert found.name == seat.name
                    yield judged, explanation(judged, seat, cite.of_id), whole


@pytest.mark.parametrize("seed", range(12))
def test_every_seat_can_be_explained_under_all_terms(seed: int) -> None:
    for seating, answer, whole in explained(seed):
        lines = {line.fact.id: line for line in whole.lines}
        held = {line.fact.id for line in seating.cut.lines}
        shown = [each["id"] for each in answer["facts"]]
        assert [rule["rule"] for rule in answer["rules"]] in TRIED[answer["terms"]]
        assert all(rule["says"] == RULES[rule["rule"]] for rule in answer["rules"])
        for reason in answer["reasons"]:
            assert reason["says"] == OUTCOMES[reason["code"]]
            assert (reason["code"] in FREE) is not answer["billable"]
            assert reason["because"]
            assert set(reason["because"]) <= set(shown)
        assert any(rule["holds"] and rule["rule"] != "owner_free" for rule in answer["rules"]) is answer["billable"]
        assert {name for rule in answer["rules"] for name in rule["because"]} <= set(shown)
        assert set(shown) <= held
        assert len(shown) == len(set(shown))
        assert shown == sorted(shown, key=lambda name: lines[name].order)
        assert all(each["sentence"] and each["line"] and each["actor"] for each in answer["facts"])
        for rule in answer["rules"]:
            for right in rule.get("rights", []):
                assert right["since"]["id"] in held


@pytest.mark.parametrize("seed", range(3))
def test_explaining_gives_the_reasons_of_the_list(seed: int) -> None:
    for seating, answer, _ in explained(seed):
        seat = find_seat(seating, answer["member"] or answer["account"])
        assert seat is not None
        codes = [(each["code"], each.get("right")) for each in answer["reasons"]]
        assert codes == [(each.code, each.right) for each in seat.verdict.reasons]


def test_the_words_are_complete() -> None:
    assert set(GENERATION_NAMES) == set(GENERATIONS)
    assert set(RULES) == {rule for tried in TRIED.values() for rules in tried for rule in rules}
    assert set(OUTCOMES) >= set(RULES) | FREE


# --- One seat, in full ---

OPENED = fact("LocationOpened", at="2026-01-01T09:00:00Z", name="Studio", time_zone="UTC")
BOUGHT = fact(
    "SubscriptionPurchased", at="2026-01-01T10:00:00Z", subscription="P", terms="access_rights", seats=3,
    starts_at="2026-01-01T10:00:00Z", ends_at="2026-09-01T00:00:00Z", auto_renews=False,
)  # fmt: skip
MIA = fact("TeamMemberAdded", at="2026-01-02T09:00:00Z", member="mia", name="Mia", device="dev-7")
GIVEN = fact(
    "AccessGranted", at="2026-01-03T09:00:00Z", account="acc-mia", name="Mia", role="viewer",
    rights=["records_access", "records_create_access"],
)  # fmt: skip
LINKED = fact("UserLinked", at="2026-01-04T09:00:00Z", account="acc-mia", member="mia")


def told(*more: Json, seat: str = "mia") -> Answer:
    whole = ledger_of([OPENED, BOUGHT, MIA, GIVEN, LINKED, *more])
    seating = Seating(whole.as_of(AsOf(ALWAYS, ALWAYS)))
    found = find_seat(seating, seat)
    assert found is not None
    return explanation(seating, found, citation(whole).of_id)


def test_a_paid_right_is_followed_to_fact_actor_and_device() -> None:
    answer = told()
    assert (answer["member"], answer["account"], answer["name"], answer["billable"]) == ("mia", "acc-mia", "Mia", True)
    schedule, right = answer["rules"]
    assert (schedule["rule"], schedule["holds"], schedule["because"]) == ("schedule", False, [MIA["id"]])
    assert (right["rule"], right["holds"], right["because"]) == ("right", True, [GIVEN["id"]])
    (paid,) = right["rights"]
    assert (paid["right"], paid["name"], paid["since"]["id"]) == (
        "records_create_access", CATALOGUES[1].rights["records_create_access"].name, GIVEN["id"],
    )  # fmt: skip
    added, given = answer["facts"]
    assert (added["id"], added["device"]["id"], added["position"]) == (MIA["id"], "dev-7", 3)
    assert (given["id"], given["actor"]) == (GIVEN["id"], {"kind": "person", "id": "acc-olga"})
    assert [each["id"] for each in answer["terms_because"]] == [BOUGHT["id"]]


def test_the_same_row_goes_by_both_its_ids() -> None:
    assert told(seat="acc-mia") == told(seat="mia")


def test_a_member_comes_before_an_account_of_the_same_id() -> None:
    twin = fact("AccessGranted", at="2026-01-05T09:00:00Z", account="mia", name="Other", role="viewer")
    assert told(twin)["name"] == "Mia"
    whole = Seating(ledger_of([OPENED, MIA]).as_of(AsOf(ALWAYS, ALWAYS)))
    assert find_seat(whole, "nobody") is None


def test_a_late_fact_is_cited_by_its_own_id_with_both_its_times() -> None:
    inner = fact("AddedToSchedule", at="2026-01-05T09:00:00Z", member="mia")
    late = fact("Correction", at="2026-02-01T09:00:00Z", kind="late", fact=inner)
    cited = {each["id"]: each for each in told(late)["facts"]}[inner["id"]]
    assert (cited["effective_at"], cited["known_at"]) == ("2026-01-05T09:00:00Z", "2026-02-01T09:00:00Z")
    assert cited["position"] == 6
