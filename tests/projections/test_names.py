"""What people, places and actors are called."""

import pytest

from domain.facts import Actor
from projections.names import Names
from tests.cast import fact, record, studio


def names(*more: dict[str, object]) -> Names:
    return Names(record([*studio(), *more]))


def test_an_account_goes_by_the_name_given_then_by_its_members_then_by_its_id() -> None:
    known = names()

    assert known.account("acc-olga", "L1") == "Olga"
    assert known.account("acc-sana", "L1") == "Sana"
    assert known.account("acc-nobody", "L1") == "acc-nobody"


def test_an_account_is_known_in_every_location_a_member_in_its_own() -> None:
    known = names()

    assert known.account("acc-olga", None) == "Olga"
    assert known.account("acc-sana", "L2") == "Sana"
    assert known.member("sana", "L1") == "Sana"
    assert known.member("sana", "L2") == "sana"
    assert known.knows_member("sana", "L1")
    assert not known.knows_member("sana", "L2")


def test_a_name_given_elsewhere_does_not_replace_the_one_given_here() -> None:
    known = names(fact("AccessGranted", location="L2", account="acc-olga", name="Olga N.", role="owner"))

    assert known.account("acc-olga", "L1") == "Olga"
    assert known.account("acc-olga", "L2") == "Olga N."


@pytest.mark.parametrize(
    ("account", "titled"),
    [
        ("acc-ann", "Ann (receptionist)"),
        ("acc-ivo", "Ivo (stock)"),
        ("acc-cleo", "Cleo (call center)"),
        ("acc-syd", "Syd (system manager)"),
        ("acc-nobody", "acc-nobody"),
    ],
)
def test_a_title_is_the_position_else_the_role(account: str, titled: str) -> None:
    assert names().titled(account, "L1") == titled


def test_the_latest_said_counts() -> None:
    known = names(
        fact("TeamMemberEdited", member="ann", after={"name": "Ann Li", "position": "CEO of Fun"}),
        fact("RoleChanged", account="acc-vic", before="viewer", after="manager"),
        fact("UserUnlinked", account="acc-ivo", member="ivo"),
    )

    assert known.member("ann", "L1") == "Ann Li"
    assert known.titled("acc-ann", "L1") == "Ann (CEO of fun)"
    assert known.titled("acc-vic", "L1") == "Vic (manager)"
    assert known.titled("acc-ivo", "L1") == "Ivo (stock)"


def test_a_position_taken_away_leaves_the_role() -> None:
    known = names(fact("TeamMemberEdited", member="ann", before={"position": "Receptionist"}, after={"position": None}))

    assert known.titled("acc-ann", "L1") == "Ann (administrator)"


def test_what_is_left_out_has_no_word_unless_it_has_the_only_one() -> None:
    wrong = fact("TeamMemberEdited", member="ann", after={"name": "Anne"})
    added = fact("TeamMemberAdded", member="mia", name="Mia")
    voids = [fact("Correction", kind="void", corrects=left_out["id"]) for left_out in (wrong, added)]
    known = names(wrong, added, *voids)

    assert known.member("ann", "L1") == "Ann"
    assert known.member("mia", "L1") == "Mia"


def test_a_late_name_is_a_name() -> None:
    added = fact("TeamMemberAdded", member="mia", name="Mia")

    assert names(fact("Correction", kind="late", fact=added)).member("mia", "L1") == "Mia"


@pytest.mark.parametrize(
    ("actor", "name", "titled"),
    [
        (Actor(kind="person", id="acc-olga"), "Olga", "Olga (owner)"),
        (Actor(kind="system", id="billing"), "the system billing", "the system billing"),
        (Actor(kind="api_key", id="key-head-office"), "the key key-head-office", "the key key-head-office"),
        (
            Actor(kind="support", id="sup-7", on_behalf_of="acc-olga"),
            "support (sup-7) on behalf of Olga",
            "support (sup-7) on behalf of Olga",
        ),
    ],
)
def test_actors_are_named_by_kind(actor: Actor, name: str, titled: str) -> None:
    assert names().actor(actor, "L1") == name
    assert names().titled_actor(actor, "L1") == titled


def test_places_go_by_name_else_by_id() -> None:
    assert names().place("L1") == "Studio Mitte"
    assert names().place("L2") == "L2"
