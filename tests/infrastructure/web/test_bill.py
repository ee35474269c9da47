"""The pages of a bill in a browser: at a date, side by side, day by day, and the charges with what they rested on."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from playwright.sync_api import Browser

from domain.instants import write_instant
from infrastructure.demo.scenes import scenes
from tests.infrastructure.http.serving import Running
from tests.infrastructure.web.browsing import browser, signed_in

SCENE = scenes()
ROOT = f"/locations/{SCENE.location}"


@pytest.fixture(scope="module")
def opened() -> Iterator[Browser]:
    with browser() as found:
        yield found


def test_the_bill_shows_what_the_answer_says_down_to_the_device(demo: Running, opened: Browser) -> None:
    with signed_in(opened, demo, SCENE.owner, java_script_enabled=False) as window:
        page = window.new_page()
        page.goto(f"{ROOT}/bill?on={SCENE.on}&known={write_instant(SCENE.known_then)}")
        answer = demo.ledger.books().seats(SCENE.location, SCENE.on, SCENE.known_then)
        numbers = [str(answer[key]) for key in ("available", "billable", "free")]
        assert page.locator("dd").all_inner_texts()[:3] == numbers
        assert page.locator("tbody th").all_inner_texts() == [seat["name"] for seat in answer["seats"]]
        assert "as it was on" in page.locator(".banner").first.inner_text()
        row = page.locator("tbody tr", has_text="Mia Lindner")
        assert "put Mia Lindner on the schedule" in row.inner_text()
        assert "Firefox on Mac OS X" in row.inner_text()


def test_then_and_now_differ_by_one_dismissal(demo: Running, opened: Browser) -> None:
    with signed_in(opened, demo, SCENE.owner, java_script_enabled=False) as window:
        page = window.new_page()
        page.goto(f"{ROOT}/charges")
        row = page.locator("tbody tr", has_text=SCENE.charge)
        assert "✗ differs" in row.inner_text()
        row.get_by_role("link", name="then and now").click()
        page.wait_for_url("**/compare*")
        assert "dismissed Mia Lindner" in page.locator("main").inner_text()
        counts = page.locator("table").first.inner_text()
        assert "7" in counts
        assert "6" in counts


def test_days_show_each_change_with_its_cause_and_sum_up(demo: Running, opened: Browser) -> None:
    with signed_in(opened, demo, SCENE.owner, java_script_enabled=False) as window:
        page = window.new_page()
        page.goto(f"{ROOT}/bill/days?from=2026-03-20&to=2026-04-10")
        books = demo.ledger.books()
        expected = sum(books.seats(SCENE.location, day)["billable"] for day in days("2026-03-20", "2026-04-10"))
        assert page.locator("main strong").first.inner_text() == str(expected)
        assert page.locator("svg rect").count() == 22
        assert str(SCENE.new_terms) in page.locator("tbody").first.inner_text()


def days(first: str, last: str) -> list[date]:
    begin, end = date.fromisoformat(first), date.fromisoformat(last)
    return [begin + timedelta(days=number) for number in range((end - begin).days + 1)]


def test_one_steps_from_change_to_change(demo: Running, opened: Browser) -> None:
    with signed_in(opened, demo, SCENE.owner) as window:
        page = window.new_page()
        page.goto(f"{ROOT}/bill?on={SCENE.on}")
        first = page.url
        page.keyboard.press("[")
        page.wait_for_url(lambda url: url != first)
        assert page.url != first
        earlier = page.url
        page.keyboard.press("]")
        page.wait_for_url(lambda url: url != earlier and url != first)


def test_who_has_not_signed_in_is_led_to_the_door(demo: Running) -> None:
    with demo.client(Accept="text/html") as client:
        got = client.get(f"{ROOT}/bill")
    assert got.status_code == 303
    assert got.headers["location"].startswith("/sign-in?next=%2Flocations")
