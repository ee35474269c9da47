"""The grid of rights: the effect on seats before Save and after it, and read-only at every other moment."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from infrastructure.demo.places import BERLIN
from infrastructure.web.rights_grid_form import Ticked
from tests.infrastructure.http.serving import Running
from tests.infrastructure.web.browsing import browser, signed_in
from tests.infrastructure.web.posting import last, post, refused_since, types_since

PATH = f"/locations/{BERLIN.id}/people/acc-vic/rights"
PAID = "records_create_access"


@pytest.fixture(scope="module")
def opened() -> Iterator[Browser]:
    with browser() as found:
        yield found


def _numbers(page: Page) -> list[str]:
    return [text.strip() for text in page.locator("dl.numbers dd").all_inner_texts()]


@pytest.mark.parametrize("script", [False, True])
def test_the_count_is_shown_before_save_and_is_so_after_it(demo: Running, opened: Browser, *, script: bool) -> None:
    before = demo.ledger.books().seats(BERLIN.id)
    stood = last(demo)
    with signed_in(opened, demo, "acc-olga", java_script_enabled=script) as window:
        page = window.new_page()
        page.goto(PATH)
        assert _numbers(page)[1] == str(before["billable"])
        page.check(f"input[value={PAID}]")
        page.get_by_role("button", name="Preview").click()
        preview = page.locator("#preview").inner_text()
        assert f"{before['billable']} → {before['billable'] + 1}" in preview
        assert "Vic Hansen" in preview
        assert "RightsEdited" not in types_since(demo, stood), "a preview records nothing"
        assert page.is_checked(f"input[value={PAID}]")
        page.get_by_role("button", name="Save").click()
        assert f"Now {before['billable'] + 1} billable" in page.locator("#done").inner_text()
        assert page.is_checked(f"input[value={PAID}]")
    assert types_since(demo, stood).count("RightsEdited") == 1
    assert demo.ledger.books().seats(BERLIN.id)["billable"] == before["billable"] + 1


def test_a_past_moment_is_read_and_each_tick_leads_to_its_fact(demo: Running, opened: Browser) -> None:
    answer = demo.ledger.books().access(BERLIN.id, account="acc-vic")["users"][0]
    with signed_in(opened, demo, "acc-olga", java_script_enabled=False) as window:
        page = window.new_page()
        page.goto(f"{PATH}?on=2026-10-31")
        assert page.locator("main input[type=checkbox]").count() == 0
        links = [each.get_attribute("href") for each in page.locator(".rights a").all()]
        assert sorted(map(str, links)) == sorted(
            f"/locations/{BERLIN.id}/facts/{right['since']['fact']}" for right in answer["rights"]
        )
        page.goto(f"/locations/{BERLIN.id}/team/rights?on=2026-10-31&section=Billing")
        cells = page.locator("tbody td a").count()
        users = demo.ledger.books().access(BERLIN.id)["users"]
        assert cells == sum(right["section"] == "Billing" for user in users for right in user["rights"])


def test_a_right_below_a_switch_that_is_off_says_that_it_has_no_effect(demo: Running, opened: Browser) -> None:
    with signed_in(opened, demo, "acc-olga", java_script_enabled=False) as window:
        page = window.new_page()
        page.goto(PATH)
        page.uncheck("input[value=records_access]")
        page.get_by_role("button", name="Preview").click()
        below = page.locator("label", has=page.locator("input[value=records_goods_access]"))
        assert "no effect" in below.inner_text()


def test_what_others_changed_meanwhile_stays_as_they_left_it(demo: Running) -> None:
    catalogue = demo.ledger.books().seating(BERLIN.id).cut.catalogue
    drawn = frozenset({"records_access", "timetable_access"})
    sent = Ticked(drawn | {PAID}, drawn, {"timetable_last_days_count": "3"}, {"timetable_last_days_count": 3})
    assert sent.data("acc-vic", catalogue) == {"account": "acc-vic", "granted": [PAID], "revoked": []}
    other = Ticked(drawn, drawn, {"timetable_last_days_count": "7"}, {"timetable_last_days_count": 3, "old_scope": 1})
    assert other.data("acc-vic", catalogue)["scopes"] == {"timetable_last_days_count": 7, "old_scope": 1}


def test_a_viewer_reads_and_changes_nothing_and_others_read_only_their_own(demo: Running) -> None:
    with demo.person("acc-vic") as client:
        assert 'name="right"' not in client.get(PATH).text
    with demo.person("acc-sana") as client:
        assert client.get(f"/locations/{BERLIN.id}/people/acc-sana/rights").status_code == 200
        assert client.get(PATH).status_code == 403
    stood = last(demo)
    fields = {"command": "edit_rights", "right": PAID, "had": ""}
    for button in ({}, {"preview": "yes"}):
        assert post(demo, "acc-vic", PATH, {**fields, **button}).status_code == 403
    assert refused_since(demo, stood) == [("edit_rights", BERLIN.id, "acc-vic")]
