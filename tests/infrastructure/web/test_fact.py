"""The page of one fact: whole, with the facts around it, and only for those who may see it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from infrastructure.demo.scenes import scenes
from projections.filters import Filter
from projections.paging import Page
from tests.infrastructure.http.serving import Running
from tests.infrastructure.web.browsing import browser, signed_in

SCENE = scenes()
ROOT = f"/locations/{SCENE.location}"


@pytest.fixture(scope="module")
def opened() -> Iterator[Browser]:
    with browser() as found:
        yield found


def row_of(server: Running, fact: str) -> dict[str, object]:
    rows = server.ledger.books().log(SCENE.location, Filter())["log"]
    found: dict[str, object] = next(row for row in rows if row["id"] == fact)
    return found


def test_a_fact_is_shown_whole_with_its_correction(demo: Running, opened: Browser) -> None:
    row = row_of(demo, SCENE.dismissal)
    with signed_in(opened, demo, SCENE.owner, java_script_enabled=False) as window:
        page = window.new_page()
        page.goto(f"{ROOT}/facts/{SCENE.dismissal}")
        text = page.locator("main").inner_text()
        assert page.locator("h1").inner_text() == row["action"]
        assert all(str(row[key]) in text for key in ("recorded_at", "effective_at", "id", "position"))
        assert "said inside a correction" in text
        page.get_by_text("As it is written").click()
        assert SCENE.dismissal in page.locator("pre").inner_text()
        page.locator(f"dd a[href$='{row['carried_by']}']").first.click()
        assert str(row["carried_by"]) in page.url
        assert page.locator("h1").inner_text()


def test_every_fact_that_a_bill_rests_on_opens_from_the_bill(demo: Running, opened: Browser) -> None:
    with signed_in(opened, demo, SCENE.owner, java_script_enabled=False) as window:
        page = window.new_page()
        page.goto(f"{ROOT}/bill?on={SCENE.on}")
        links = {link.get_attribute("href") for link in page.locator("a.fact").all()}
        assert links
        assert {page.request.get(str(link)).status for link in links} == {200}


def test_causes_lead_to_each_other(demo: Running, opened: Browser) -> None:
    rows = demo.ledger.books().log(SCENE.location, Filter())["log"]
    there = {row["id"] for row in rows}
    caused = next(row for row in rows if row["caused_by"] in there and row["carried_by"] is None)
    with signed_in(opened, demo, SCENE.owner, java_script_enabled=False) as window:
        page = window.new_page()
        page.goto(f"{ROOT}/facts/{caused['id']}")
        page.locator(f"a[href$='{caused['caused_by']}']").first.click()
        assert page.locator(f"h2:text-is('What it caused') + ul a[href$='{caused['id']}']").count() == 1


def test_before_and_after_are_those_about_the_same_person(demo: Running, opened: Browser) -> None:
    rows = demo.ledger.books().log(SCENE.location, Filter(member=SCENE.seat), page=Page(50))["log"]
    plain = [row for row in rows if row["carried_by"] is None and row["type"] != "Correction"]
    with signed_in(opened, demo, SCENE.owner, java_script_enabled=False) as window:
        page = window.new_page()
        page.goto(f"{ROOT}/facts/{plain[1]['id']}")
        page.locator("li:has-text('Before:') a").click()
        assert page.url.endswith(plain[0]["id"])
        page.locator("li:has-text('After:') a").click()
        assert page.url.endswith(plain[1]["id"])


def test_who_may_not_see_a_fact_hears_what_everybody_hears_of_none(demo: Running) -> None:
    rows = demo.ledger.books().log(SCENE.location, Filter(types=frozenset({"SignedIn"})), page=Page(1))["log"]
    users = demo.ledger.books().access(SCENE.location)["users"]
    blind = next(user for user in users if not any(right["right"].startswith("security_") for right in user["rights"]))
    none = "00000000-0000-4000-8000-00000000dead"
    with demo.person(blind["account"]) as client:
        hidden = client.get(f"{ROOT}/facts/{rows[0]['id']}")
        missing = client.get(f"{ROOT}/facts/{none}")
    assert hidden.status_code == missing.status_code == 404
    assert f"There is no fact {rows[0]['id']}" in hidden.text
    with demo.person(SCENE.owner) as client:
        assert client.get(f"{ROOT}/facts/{rows[0]['id']}").status_code == 200
        other = next(each for each in demo.ledger.books().locations() if each != SCENE.location)
        assert client.get(f"/locations/{other}/facts/{rows[0]['id']}").status_code == 404
