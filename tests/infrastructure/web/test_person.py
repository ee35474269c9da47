"""The page of a person: why billable down to the facts, the access, the devices, the timeline."""

from infrastructure.demo.scenes import scenes
from tests.infrastructure.http.serving import Running
from tests.infrastructure.web.browsing import browser, signed_in


def test_a_person_shows_why_since_when_and_from_where(demo: Running) -> None:
    scene = scenes()
    answer = demo.ledger.books().explanation(scene.location, "ann")
    with browser() as opened, signed_in(opened, demo, "acc-olga", java_script_enabled=False) as window:
        page = window.new_page()
        page.goto(f"/locations/{scene.location}/people/ann")
        assert page.locator("h1").inner_text() == "Ann Schuster"
        linked = {each.get_attribute("href") for each in page.locator("section[aria-labelledby=why] a.fact").all()}
        named = {name for reason in answer["reasons"] for name in reason["because"]}
        assert {f"/locations/{scene.location}/facts/{name}" for name in named} <= linked
        assert page.locator("section[aria-labelledby=devices] a").count() > 0
        assert page.locator("ol.timeline li").count() > 0


def test_who_left_is_still_found_and_why(demo: Running) -> None:
    scene = scenes()
    with demo.person(scene.owner) as client:
        page = client.get(f"/locations/{scene.location}/people/{scene.seat}")
        assert page.status_code == 200
        assert "not on the billing list" in page.text
        assert client.get(f"/locations/{scene.location}/people/nobody").status_code == 404


def test_everybody_sees_their_own_access_and_no_more(demo: Running) -> None:
    scene = scenes()
    with demo.person("acc-sana") as client:
        own = client.get(f"/locations/{scene.location}/people/acc-sana")
        assert own.status_code == 200
        assert "What happened" not in own.text
        assert client.get(f"/locations/{scene.location}/people/ann").status_code == 403
