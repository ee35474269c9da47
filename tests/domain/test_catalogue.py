"""The rights catalogue: the shipped version is the one it always was, and a broken one is refused by line."""

import pytest

from domain.catalogue import CatalogueError, read_catalogue
from domain.readings import MAILINGS, REMOVING_PEOPLE
from domain.roles import LIMITED_TO_OWN_RIGHTS, NOT_FOR_SPECIALIST, ROLES, SPECIALIST_SCOPES
from infrastructure.catalogues import shipped_catalogues

SHIPPED = shipped_catalogues()
HEAD = "section,slug,name,kind,parent,scope_type,billing_class,certain,default_roles,legacy_slugs\n"


def row(slug: str, **changed: str) -> str:
    cells = {
        "section": "Test",
        "slug": slug,
        "name": slug,
        "kind": "view",
        "parent": "",
        "scope_type": "",
        "billing_class": "F",
        "certain": "yes",
        "default_roles": "",
        "legacy_slugs": "",
    }
    return ",".join({**cells, **changed}.values()) + "\n"


def test_version_one_is_what_it_always_was() -> None:
    assert SHIPPED[1].sha256 == "c62eb1fe77b5888cdb78d3b9c7c2054466896274f33e478ae392f9e0de7dd5cf"
    assert (len(SHIPPED[1].rights), len(SHIPPED[1].narrowing)) == (237, 39)


def test_what_the_program_names_is_in_every_version() -> None:
    for catalogue in SHIPPED.values():
        assert {*REMOVING_PEOPLE, *MAILINGS, NOT_FOR_SPECIALIST} <= catalogue.rights.keys()
        assert {*SPECIALIST_SCOPES, LIMITED_TO_OWN_RIGHTS} <= catalogue.narrowing.keys()
        assert {role for right in catalogue.rights.values() for role in right.default_roles} <= ROLES


def test_the_rights_above_stand_nearest_first() -> None:
    found = read_catalogue(7, (HEAD + row("c", parent="b") + row("b", parent="a") + row("a")).encode())
    assert found.version == 7
    assert found.sections == {"a": (), "b": ("a",), "c": ("b", "a")}


def test_an_older_spelling_means_todays_slug_unless_it_is_one_itself() -> None:
    rows = row("a_access", legacy_slugs="old_a b_access") + row("b_access", legacy_slugs="old_b old_a")
    scope = row("n_staff_id", kind="scope", billing_class="", scope_type="allowed_id", legacy_slugs="old_n")
    found = read_catalogue(1, (HEAD + rows + row("settings_users_access") + scope).encode())
    said = {
        "rights": ["old_a", "a_access", "b_access", "old_b", "users_access", "unheard_of"],
        "scopes": {"old_n": 5},
        "name": "old_a",
        "fact": {"type": "RightsEdited", "data": {"granted": ["old_b"], "revoked": []}},
    }
    assert found.modernise(said) == {
        "rights": ["a_access", "b_access", "settings_users_access", "unheard_of"],
        "scopes": {"n_staff_id": 5},
        "name": "old_a",
        "fact": {"type": "RightsEdited", "data": {"granted": ["b_access"], "revoked": []}},
    }


@pytest.mark.parametrize(
    "said",
    [
        {"rights": None},
        {"rights": "old"},
        {"rights": [1, None, ["x"]]},
        {"scopes": []},
        {"fact": 5},
        {"fact": {"data": 1}},
    ],
)
def test_what_has_no_spelling_is_left_alone(said: dict[str, object]) -> None:
    assert SHIPPED[1].modernise(said) == said


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "line 1: the columns"),
        ("slug,name\n", "line 1: the columns"),
        (HEAD + row("a") + row("a"), "line 3: the slug a is there twice"),
        (HEAD + row("a", parent="a"), "go in a circle: a -> a"),
        (HEAD + row("a", parent="b") + row("b", parent="c") + row("c", parent="a"), "go in a circle"),
        (HEAD + row("a", parent="nowhere"), "has the parent nowhere, which is not in the catalogue"),
        (
            HEAD + row("a", parent="s") + row("s", kind="scope", billing_class=""),
            "has the parent s, which is a scope",
        ),
        (HEAD + row("a", kind="look"), "line 2: 'look' is not a kind"),
        (HEAD + row("a", billing_class="Z"), "line 2: 'Z' is not a billing class"),
        (HEAD + row("a", billing_class=""), "line 2: rights have a billing class"),
        (HEAD + row("a", kind="scope"), "line 2: rights have a billing class"),
        (HEAD + row("a", certain="maybe"), "line 2: a right has a slug, and yes or no"),
        (HEAD + row(""), "line 2: a right has a slug"),
        (HEAD + "Test,a,a\n", "line 2: this row does not have 10 columns"),
        (HEAD + row("a").strip() + ",more\n", "line 2: this row does not have 10 columns"),
        (HEAD + 'Test,a,"a,view\n', "unexpected end of data"),
    ],
)
def test_a_broken_catalogue_is_refused(text: str, why: str) -> None:
    with pytest.raises(CatalogueError, match=why):
        read_catalogue(1, text.encode())


def test_a_catalogue_is_utf_8() -> None:
    with pytest.raises(CatalogueError, match=r"is not UTF-8 \(byte 3\)"):
        read_catalogue(1, b"ab\xff")
