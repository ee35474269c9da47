"""The bill of a location in a browser."""

from infrastructure.demo.scenes import scenes
from tests.infrastructure.http.serving import Running
from tests.infrastructure.web.browsing import browser, signed_in


def test_the_bill_shows_what_the_answer_says(demo: Running) -> None:
    scene = scenes()
    with browser() as opened, signed_in(opened, demo, scene.owner) as window:
        page = window.new_page()
        page.goto(f"/locations/{scene.location}/bill?on={scene.on}")
        answer = demo.ledger.books().seats(scene.location, scene.on)
        assert page.locator("dd").all_inner_texts()[1] == str(answer["billable"])
        assert page.locator("tbody th").all_inner_texts() == [seat["name"] for seat in answer["seats"]]
        assert "as it was on" in page.locator(".banner").inner_text()


def test_who_has_not_signed_in_is_led_to_the_door(demo: Running) -> None:
    with demo.client(Accept="text/html") as client:
        got = client.get(f"/locations/{scenes().location}/bill")
    assert got.status_code == 303
    assert got.headers["location"].startswith("/sign-in?next=%2Flocations")
