"""One person's rights, section by kind."""

import pytest

from domain.seating import Seating
from projections.grid import Answer, grid, paid_rights
from tests.cast import CATALOGUE, Json, cut, fact, studio

ON = "2026-03-10T22:59:59Z"
NILS = fact(
    "UserInvited",
    account="acc-nils",
    name="Nils",
    role="viewer",
    rights=["records_create_access", "records_goods_access", "records_access", "robots_dispatch_access"],
    scopes={"timetable_last_days_count": 3},
)


def seating(facts: list[Json]) -> Seating:
    return Seating(cut([*studio(), NILS, *facts], ON))


def cells(facts: list[Json], ticked: set[str] | None = None) -> dict[str, Answer]:
    found = seating(facts)
    answer = grid(found, found.team.users["acc-nils"], ticked)
    return {
        cell["right"]: cell for section in answer["sections"] for kind in section["kinds"] for cell in kind["rights"]
    }


def test_every_right_is_in_one_cell_of_its_section_and_kind() -> None:
    found = seating([])
    answer = grid(found, found.team.users["acc-nils"])
    placed = [
        (section["section"], kind["kind"], cell["right"])
        for section in answer["sections"]
        for kind in section["kinds"]
        for cell in kind["rights"]
    ]
    assert sorted(placed) == sorted((r.section, r.kind, slug) for slug, r in CATALOGUE.rights.items())
    limits = [each["scope"] for section in answer["sections"] for each in section["limits"]]
    limits += [each["scope"] for each in answer["other_limits"]]
    assert sorted(limits) == sorted(CATALOGUE.narrowing)
    assert [each["right"] for each in answer["unknown"]] == ["robots_dispatch_access"]


def test_a_cell_says_since_which_fact_and_whether_it_has_an_effect() -> None:
    held = cells([])["records_create_access"]
    assert (held["ticked"], held["effective"], held["since"]["fact"]) == (True, True, NILS["id"])
    off = cells([fact("RightsEdited", account="acc-nils", revoked=["records_access"])])["records_create_access"]
    assert (off["ticked"], off["effective"], off["switch"]) == (True, False, "Open the appointment window")
    planned = cells([], {"records_access"})["records_create_access"]
    assert (planned["ticked"], planned["since"]["fact"]) == (False, NILS["id"]), "what is held is not what is planned"


def test_what_the_role_starts_with_is_recommended() -> None:
    recommended = {slug for slug, cell in cells([]).items() if cell["recommended"]}
    assert recommended == set(CATALOGUE.defaults_of("viewer"))


@pytest.mark.parametrize(
    ("terms", "paid"),
    [
        ("service_providers", set()),
        ("client_interaction", {"records_create_access", "records_finances_access"}),
        ("access_rights", {slug for slug, right in CATALOGUE.rights.items() if right.billing_class == "P"}),
    ],
)
def test_what_is_marked_follows_from_the_terms(terms: str, paid: set[str]) -> None:
    begins, ends = "2026-03-05T00:00:00Z", "2026-09-05T00:00:00Z"
    bought = fact(
        "SubscriptionPurchased",
        at=begins,
        subscription="P9",
        terms=terms,
        seats=5,
        auto_renews=True,
        starts_at=begins,
        ends_at=ends,
    )
    found = seating([bought])
    assert found.terms == terms
    assert paid_rights(found) == paid
