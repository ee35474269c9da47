"""The start page lists the places that a person may see, found without a look at every location."""

from dataclasses import replace
from uuid import uuid4

from domain.facts import Device
from infrastructure.demo.cast import CAST
from infrastructure.demo.places import BERLIN, CHAIN, LISBON, PLACES
from infrastructure.door.asking import Asking
from infrastructure.door.caller import Caller
from infrastructure.kept.kept import Kept
from infrastructure.web.home_places import given_in, places_of
from tests.infrastructure.http.serving import Running
from tests.infrastructure.web.browsing import browser, signed_in
from tests.infrastructure.web.posting import post


def _caller(demo: Running, account: str) -> Caller:
    found = demo.house.sessions.caller(demo.house.sessions.make(account, Device(id="dev-1")))
    assert found is not None
    return found


def test_places_are_those_where_somebody_has_access_and_no_others(demo: Running) -> None:
    """Against the long way: a look at the team of every location."""
    books = demo.ledger.books()
    teams = {place.id: books.seating(place.id).team for place in PLACES}
    for person in CAST.values():
        users = {place: team.active_user(person.account) for place, team in teams.items()}
        having = {place for place, user in users.items() if user is not None and user.invitation is None}
        found = places_of(demo.house, _caller(demo, person.account), Asking())
        assert {place.location for place in found.places} == having, person.account
        waiting = {place for place, user in users.items() if user is not None and user.invitation is not None}
        assert {each.location for each in found.invitations} == waiting, person.account
        assert having | waiting <= set(given_in(demo.house, person.account, books))
    assert set(given_in(demo.house, "acc-nobody", books)) == set()


def test_where_nothing_is_kept_every_place_is_looked_at(demo: Running) -> None:
    """Tables that were made with other catalogues are not used: as while they are made anew."""
    books = demo.ledger.books()
    bare = replace(demo.house, ledger=replace(demo.ledger, kept=Kept(demo.ledger.store, {})))
    assert list(given_in(bare, "acc-vic", books)) == list(books.locations())
    assert list(given_in(demo.house, "acc-vic", books)) == [BERLIN.id]


def test_an_auditor_sees_all_places_of_the_chain(demo: Running) -> None:
    demo.house.sessions.make_auditor("acc-auditor", CHAIN)
    found = places_of(demo.house, _caller(demo, "acc-auditor"), Asking())
    assert {place.location for place in found.places} == {place.id for place in PLACES}
    assert list(found.chains) == [CHAIN]
    assert all(place.seats is not None for place in found.places)


def test_the_page_shows_counts_to_who_may_see_them(demo: Running) -> None:
    with browser() as opened:
        with signed_in(opened, demo, "acc-olga", java_script_enabled=False) as window:
            page = window.new_page()
            page.goto("/")
            assert sorted(page.locator("tbody th > a").all_inner_texts()) == sorted(place.name for place in PLACES)
            row = page.locator("tbody tr", has_text=BERLIN.name)
            assert str(demo.ledger.books().seats(BERLIN.id)["billable"]) in row.locator("td").first.inner_text()
            row.locator("th a").first.click()
            assert page.url.endswith(f"/locations/{BERLIN.id}/team")
        with signed_in(opened, demo, "acc-sana", java_script_enabled=False) as window:
            page = window.new_page()
            page.goto("/")
            assert page.locator("tbody tr").count() == 1
            assert "not shown to you" in page.locator("tbody tr").inner_text()


def test_an_invitation_is_taken_up_from_the_start_page(demo: Running) -> None:
    contact = {"contact": "vic@lumen.example", "role": "viewer"}
    invite = {"command": "invite", "account": "acc-vic", "name": "Vic", **contact}
    assert post(demo, "acc-olga", f"/locations/{LISBON.id}/team", invite).status_code == 303
    found = places_of(demo.house, _caller(demo, "acc-vic"), Asking())
    assert [each.location for each in found.invitations] == [LISBON.id]
    answer = {"command": "accept_invitation", "location": LISBON.id, "account": "acc-vic", "id": str(uuid4())}
    assert post(demo, "acc-vic", "/", answer).status_code == 303
    user = demo.ledger.books().seating(LISBON.id).team.active_user("acc-vic")
    assert user is not None
    assert user.invitation is None
