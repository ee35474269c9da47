"""The team page: two groups, filters, last sign-ins; and what forms do, once and by nobody else."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from domain.facts import Device
from domain.instants import read_instant
from infrastructure.demo.places import BERLIN, LISBON
from infrastructure.door.asking import Asking
from infrastructure.web.team_rows import long_ago
from projections.filters import Filter
from tests.infrastructure.http.serving import Running
from tests.infrastructure.web.browsing import browser, signed_in
from tests.infrastructure.web.posting import last, post, refused_since, types_since

ON = "2026-10-31"


@pytest.fixture(scope="module")
def opened() -> Iterator[Browser]:
    with browser() as found:
        yield found


def test_the_groups_are_those_of_the_bill(demo: Running, opened: Browser) -> None:
    seats = demo.ledger.books().seats(BERLIN.id)
    with signed_in(opened, demo, "acc-olga", java_script_enabled=False) as window:
        page = window.new_page()
        page.goto(f"/locations/{BERLIN.id}/team")
        for key, billable in (("billable", True), ("free", False)):
            rows = page.locator(f"section[aria-labelledby=g-{key}] tbody th a")
            expected = sorted(seat["name"] for seat in seats["seats"] if seat["billable"] is billable)
            assert sorted(rows.all_inner_texts()) == expected
        numbers = page.locator("dl.numbers dd").all_inner_texts()
        assert numbers == [str(seats["available"]), str(seats["billable"]), str(seats["available"] - seats["billable"])]


def test_filters_and_long_absences_at_any_point(demo: Running, opened: Browser) -> None:
    with signed_in(opened, demo, "acc-olga", java_script_enabled=False) as window:
        page = window.new_page()
        page.goto(f"/locations/{BERLIN.id}/team?on={ON}")
        syd = page.locator("tbody tr", has_text="Syd Okafor")
        assert "days ago" in syd.locator(".warn").inner_text()
        assert page.locator("form[method=post]").count() == 1, "nothing but signing out can be done in the past"
        page.select_option("select[name=people]", "dismissed")
        page.get_by_role("button", name="Filter").click()
        names = {text.split("\n")[0] for text in page.locator("tbody th a").all_inner_texts()}
        assert names == {"Kai Petersen", "Leyla Demir", "Mia Lindner"}
        page.goto(f"/locations/{BERLIN.id}/team?on={ON}&access=without")
        assert page.locator("tbody th a").all_inner_texts() == ["Treatment room"]


def test_an_absence_is_long_from_the_ninetieth_day_on() -> None:
    on = read_instant("2026-10-31T00:00:00Z")
    assert long_ago("2026-08-02T00:00:00Z", on) is None
    assert long_ago("2026-08-01T23:59:59Z", on) == "90 days ago"
    assert long_ago(None, on) == "never"


def test_an_invitation_from_the_list(demo: Running, opened: Browser) -> None:
    with signed_in(opened, demo, "acc-olga", java_script_enabled=False) as window:
        page = window.new_page()
        page.goto(f"/locations/{BERLIN.id}/team")
        page.get_by_role("link", name="Invite Treatment room").click()
        form = page.locator("form.act", has=page.locator("input[value=invite]"))
        form.locator("input[name=account]").fill("acc-room")
        form.locator("input[name=contact]").fill("room@lumen.example")
        form.get_by_role("button", name="Invite").click()
        assert "invited" in page.locator("#done").inner_text()
        assert "waits" in page.locator("section[aria-labelledby=access]").inner_text()
    assert demo.ledger.books().seating(BERLIN.id).team.links["acc-room"] == "room-1"


def test_a_link_takes_one_seat_off_the_bill(demo: Running, opened: Browser) -> None:
    before = demo.ledger.books().seats(LISBON.id)["billable"]
    with signed_in(opened, demo, "acc-olga", java_script_enabled=False) as window:
        page = window.new_page()
        page.goto(f"/locations/{LISBON.id}/people/rui?do=link")
        page.select_option("select[name=account]", "acc-rui")
        page.get_by_role("button", name="Link", exact=True).click()
        assert f"Now {before - 1} billable" in page.locator("#done").inner_text()
        fact = page.locator("#done a.fact").get_attribute("href")
    entry = demo.ledger.books().history(LISBON.id, Filter(member="rui"))["changes"][-1]
    assert fact == f"/locations/{LISBON.id}/facts/{entry['facts'][0]['id']}"
    assert entry["actor"]["id"] == "acc-olga"
    assert entry["device"]["id"] == "dev-1"


def test_a_dismissal_takes_the_word(demo: Running, opened: Browser) -> None:
    with signed_in(opened, demo, "acc-olga", java_script_enabled=False) as window:
        page = window.new_page()
        page.goto(f"/locations/{BERLIN.id}/people/room-1?do=dismiss")
        for word, reason in (("dismiss", "The room is let"), ("Dismiss", None)):
            if reason is not None:
                page.fill("input[name=reason]", reason)
                page.fill("input[name=date]", str(demo.house.room.today(BERLIN.id)))
            page.fill("input[name=confirmation]", word)
            page.get_by_role("button", name="Dismiss", exact=True).click()
            if reason is not None:
                assert "type the word Dismiss" in page.locator("#refused").inner_text()
                assert page.locator("input[name=reason]").input_value() == reason, "nobody types it twice"
        assert "dismissed" in page.locator("#done").inner_text()
        page.goto(f"/locations/{BERLIN.id}/team?people=dismissed")
        assert "Treatment room" in page.locator("tbody").first.inner_text()


def test_a_refusal_leads_to_the_facts_in_the_way(demo: Running, opened: Browser) -> None:
    before = last(demo)
    with signed_in(opened, demo, "acc-olga", java_script_enabled=False) as window:
        page = window.new_page()
        page.goto(f"/locations/{BERLIN.id}/people/sana?do=dismiss")
        page.fill("input[name=date]", str(demo.house.room.today(BERLIN.id)))
        page.fill("input[name=reason]", "Moved away")
        page.fill("input[name=confirmation]", "Dismiss")
        page.get_by_role("button", name="Dismiss", exact=True).click()
        assert "working hours" in page.locator("#refused p").first.inner_text()
        assert "/facts/" in (page.locator("#refused a.fact").first.get_attribute("href") or "")
    assert "TeamMemberDismissed" not in types_since(demo, before)


def test_without_the_token_nothing_is_done(demo: Running) -> None:
    fields = {"command": "add_to_schedule", "member": "room-1"}
    before = last(demo)
    path = f"/locations/{BERLIN.id}/people/room-1"
    assert post(demo, "acc-olga", path, fields, csrf=False).status_code == 403
    assert types_since(demo, before) == []
    assert post(demo, "acc-olga", path, fields).status_code == 303
    assert types_since(demo, before) == ["AddedToSchedule"], "and with it, it is: the check has something to keep out"


def test_a_form_sent_twice_is_done_once(demo: Running) -> None:
    fields = {"command": "add_to_schedule", "member": "room-1", "id": "1f0a2f6e-62b1-4b0e-a7a1-0d0c1b2a3f4e"}
    token = demo.house.sessions.make("acc-olga", Device(id="dev-1"))
    before = last(demo)
    path = f"/locations/{BERLIN.id}/people/room-1"
    first, second = (post(demo, "acc-olga", path, fields, token=token) for _ in range(2))
    assert first.status_code == 303
    assert second.headers["location"] == first.headers["location"]
    assert types_since(demo, before) == ["AddedToSchedule"]
    with demo.person("acc-olga") as client:
        assert "Recorded." in client.get(second.headers["location"]).text


@pytest.mark.parametrize(
    ("account", "sees", "does"), [("acc-vic", 200, 403), ("acc-sana", 403, 403), ("acc-grace", 404, 404)]
)
def test_who_may_not_is_refused_and_that_is_on_the_log(demo: Running, account: str, sees: int, does: int) -> None:
    """Vic may only look, Sana not even that, and Grace works elsewhere: she is told that there is no such place."""
    with demo.person(account) as client:
        page = client.get(f"/locations/{BERLIN.id}/team")
    assert page.status_code == sees
    assert 'name="command"' not in page.text
    before = last(demo)
    fields = {"command": "delete_team_member", "member": "room-1"}
    assert post(demo, account, f"/locations/{BERLIN.id}/people/room-1", fields).status_code == does
    assert refused_since(demo, before) == [("delete_team_member", BERLIN.id, account)]
    assert demo.ledger.books().seating(BERLIN.id).team.members["room-1"].gone is None


def test_deleting_a_user_in_chosen_locations_leaves_the_others(demo: Running) -> None:
    fields = {"command": "delete_user", "account": "acc-ada", "locations": LISBON.id}
    assert post(demo, "acc-olga", f"/locations/{BERLIN.id}/people/acc-ada", fields).status_code == 303
    last(demo)
    books = demo.house.room.books(Asking())
    assert books.seating(LISBON.id).team.active_user("acc-ada") is None
    assert books.seating(BERLIN.id).team.active_user("acc-ada") is not None
