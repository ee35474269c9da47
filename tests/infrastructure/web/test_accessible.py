"""No page that axe finds fault with: in light and dark, at a desk's width and a phone's."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext

from infrastructure.demo.places import BERLIN, CHAIN
from infrastructure.demo.scenes import scenes
from projections.filters import Filter
from tests.infrastructure.http.serving import Running
from tests.infrastructure.web.browsing import browser, patient, signed_in
from tests.infrastructure.web.browsing_axe import faults
from tests.infrastructure.web.browsing_everywhere import Pages, every_page, ways_in

SCENE = scenes()
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 375, "height": 800}
PAST = f"?on={SCENE.on}"
QUERIES = {
    "/locations/{location}/bill": ("", PAST),
    "/locations/{location}/bill/compare": (f"{PAST}&known={SCENE.on}&other_on={SCENE.on}",),
    "/locations/{location}/bill/days": ("?from=2026-03-01&to=2026-03-31",),
    "/locations/{location}/people/{seat}": ("", PAST),
    "/locations/{location}/people/{account}/rights": ("", "?view=facts"),
    "/locations/{location}/team": ("", "?people=all"),
    "/locations/{location}/team/rights": ("?section=Billing",),
    "/locations/{location}/log": ("?limit=25", f"?limit=10&device={SCENE.device}"),
    "/locations/{location}/history": ("?limit=25",),
}
MISTAKEN = ("/nothing-is-here", f"/locations/{BERLIN.id}/log?q=who:is-it", f"/locations/{BERLIN.id}/bill?on=never")


@pytest.fixture(scope="module")
def opened() -> Iterator[Browser]:
    with browser() as found:
        yield found


def _pages(server: Running) -> Pages:
    books = server.ledger.books()
    edited = books.history(BERLIN.id, Filter(types=frozenset({"RightsEdited"})))["changes"][-1]
    named = {
        "location": (BERLIN.id,),
        "chain": (CHAIN,),
        "seat": ("ann",),
        "account": ("acc-vic",),
        "device": (SCENE.device,),
        "fact": (edited["facts"][0]["id"], SCENE.corrections[0]),
        **ways_in(server, BERLIN.id),
    }
    return every_page(server, SCENE.owner, named, QUERIES)


def _walk(window: BrowserContext, addresses: tuple[str, ...], *, colours_only: bool = False) -> list[str]:
    page, found = window.new_page(), []
    for address in addresses:
        page.goto(address)
        found += [f"{address}\n  {fault}" for fault in faults(page, colours_only=colours_only)]
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            found.append(f"{address}\n  is wider than the window")
    return found


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("width", [DESK, PHONE], ids=["desk", "phone"])
def test_no_page_has_a_fault(demo: Running, opened: Browser, colours: str, width: dict[str, int]) -> None:
    pages = _pages(demo)
    dark = colours == "dark"  # in the dark nothing but the colours is different
    look: dict[str, Any] = {"color_scheme": colours, "viewport": width, "bypass_csp": True}
    with signed_in(opened, demo, SCENE.owner, **look) as window:
        found = _walk(window, pages.within + MISTAKEN, colours_only=dark)
    with patient(opened, demo.address, **look) as window:
        found += _walk(window, pages.before, colours_only=dark)
    assert not found, "\n".join(found)


def test_the_second_step_has_no_fault(demo: Running, opened: Browser) -> None:
    people, found = demo.house.door.people, list[str]()
    people.set_password(people.add(SCENE.owner, "olga@lumen.example"), "horses eat quiet batteries")
    with patient(opened, demo.address, bypass_csp=True) as window:
        page = window.new_page()
        page.goto("/sign-in")
        page.get_by_label("Account or e-mail").fill(SCENE.owner)
        page.get_by_label("Password").fill("horses eat quiet batteries")
        page.get_by_role("button", name="Go on").click()
        page.wait_for_url("**/sign-in/step")
        for colours, width in product(("light", "dark"), (DESK, PHONE)):
            page.emulate_media(color_scheme=colours)  # type: ignore[arg-type]
            page.set_viewport_size(width)  # type: ignore[arg-type]
            found += faults(page)
    assert not found, "\n".join(found)


def test_a_page_with_faults_is_found_out(demo: Running, opened: Browser) -> None:
    broken = "<style>p {color: #999; background: #aaa}</style><p>pale<input>" + "<table><td>wide" * 2 + "_" * 900
    with signed_in(opened, demo, SCENE.owner, viewport=PHONE, bypass_csp=True) as window:
        window.route("**/help/keys", lambda route: route.fulfill(body=broken, content_type="text/html"))
        found = "\n".join(_walk(window, ("/help/keys",)))
    for rule in ("color-contrast", "document-title", "html-has-lang", "label", "is wider than the window"):
        assert rule in found
