"""The page of a device: who used it, and everything that was done from there."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from infrastructure.demo.scenes import scenes
from projections.filters import Filter
from tests.infrastructure.http.serving import Running
from tests.infrastructure.web.browsing import browser, signed_in

SCENE = scenes()
PATH = f"/devices/{SCENE.device}?location={SCENE.location}"


@pytest.fixture(scope="module")
def opened() -> Iterator[Browser]:
    with browser() as found:
        yield found


def test_all_that_was_done_from_a_device(demo: Running, opened: Browser) -> None:
    rows = demo.ledger.books().log(SCENE.location, Filter(device=SCENE.device))["log"]
    with signed_in(opened, demo, SCENE.owner, java_script_enabled=False) as window:
        page = window.new_page()
        page.goto(PATH)
        text = page.locator("main").inner_text()
        told = page.locator("td[data-label=What] a").all_inner_texts()
        assert told == [" ".join(row["action"].split()) for row in reversed(rows)][:100]
        assert rows[0]["device"]["ip"] in text
        assert rows[0]["device"]["name"] in text
        assert rows[0]["actor"]["name"] in text
        page.get_by_role("link", name="All of it, in the log").click()
        assert page.locator("input[name=q]").input_value() == f"device:{SCENE.device}"


def test_a_device_is_told_of_to_nobody_who_may_not_see_the_log(demo: Running) -> None:
    users = demo.ledger.books().access(SCENE.location)["users"]
    blind = next(user for user in users if not any(right["right"].startswith("security_") for right in user["rights"]))
    with demo.person(blind["account"]) as client:
        assert client.get(PATH).status_code == 403
    with demo.person(SCENE.owner) as client:
        assert client.get(f"/devices/dev-nowhere?location={SCENE.location}").status_code == 404
        assert client.get(f"/devices/{SCENE.device}?location=elsewhere").status_code == 404
