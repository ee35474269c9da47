"""Two hundred texts that mean harm in every text field: nothing runs, nothing is sent, nothing falls out of place."""

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page

from infrastructure.http.headers import POLICY
from tests.infrastructure.http.serving import Running
from tests.infrastructure.web.browsing import browser, signed_in
from tests.infrastructure.web.browsing_everywhere import every_page, ways_in
from tests.infrastructure.web.browsing_hostile import CHAIN, HOSTILE, OWNER, PLACE, PRODUCT, hostile_facts

KINDS = ("RecordEdited", "CommandRefused", "DataExported", "SignInRefused", "TeamMemberEdited", "LogViewed")
PHONE = {"width": 375, "height": 800}
QUERIES = {
    "/locations/{location}/bill": ("", "?on=2026-06-01"),
    "/locations/{location}/bill/compare": ("?on=2026-06-01&other_on=2026-06-02",),
    "/locations/{location}/bill/days": ("?from=2026-05-30&to=2026-06-03",),
    "/locations/{location}/team": ("?show=all", "?people=all&show=all"),
    "/locations/{location}/log": ("", *(f"?limit=200&type={kind}" for kind in KINDS)),
    "/locations/{location}/history": ("?limit=1000",),
}
FORMULAS = frozenset("=+-@\t\r＝＋－＠")  # noqa: RUF001
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2066-\u2069]")
_WATCH = """
window.__reports = [];
addEventListener("securitypolicyviolation", (event) => __reports.push(`policy: ${event.violatedDirective}`), true);
"""
_LOOK = """() => {
  const found = [...__reports], all = [...document.querySelectorAll("*")];
  const html = (each) => each.outerHTML.slice(0, 100);
  if (window.__hit !== undefined) found.push("ran");
  const strange = "img, iframe, object, embed, base, math, template, style, meta[http-equiv]";
  for (const each of document.querySelectorAll(strange)) found.push(`an element: ${html(each)}`);
  for (const each of all) for (const {name, value} of each.attributes) {
    const leads = ["href", "src", "action", "formaction", "data", "srcdoc", "xlink:href"].includes(name);
    if (name.startsWith("on") || name === "style" || leads && !/^[/?#]/.test(value))
      found.push(`an attribute: ${name}=${value.slice(0, 100)}`);
  }
  for (const each of document.scripts)
    if (each.textContent !== "" || !each.src.startsWith(`${location.origin}/static/`))
      found.push(`a script: ${html(each)}`);
  if (document.documentElement.scrollWidth > innerWidth) found.push(`wide: ${document.documentElement.scrollWidth}`);
  return found;
}"""


@pytest.fixture(scope="module")
def opened() -> Iterator[Browser]:
    with browser() as found:
        yield found


@pytest.fixture
def harmed(demo: Running) -> Running:
    """The server, with the hostile location beside the demo's."""
    lines = b"".join(json.dumps(each).encode() + b"\n" for each in hostile_facts())
    report = demo.ledger.importer.run(io.BytesIO(lines), name="harm", by=HOSTILE[0])
    assert report.refused == 0
    demo.ledger.projector.bring_forward(demo.ledger.store.sequence())
    for number, text in enumerate(HOSTILE[::5]):
        demo.house.views.save(OWNER, PLACE, f"{number} {text}"[:300], f"limit=5&actor={number}")
    return demo


@dataclass
class Watch:
    """A page, and all that it did and should not have done."""

    window: BrowserContext
    address: str
    found: list[str] = field(default_factory=list)

    def page(self) -> Page:
        """A page that is watched."""
        page = self.window.new_page()
        page.add_init_script(_WATCH)
        page.on("dialog", self._opened)
        page.on("console", lambda said: self.found.append(said.text) if said.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: self.found.append(f"an error: {error}"))
        page.on("request", lambda asked: None if asked.url.startswith(self.address) else self.found.append(asked.url))
        return page

    def _opened(self, dialog: Dialog) -> None:
        self.found.append(f"a dialog: {dialog.message}")
        dialog.dismiss()

    def look(self, page: Page, address: str) -> None:
        """Open an address and look at what came of it."""
        page.goto(address)
        self.found += [f"{address[:120]}: {each}" for each in page.evaluate(_LOOK)]
        if PRODUCT in page.content():
            self.found.append(f"{address}: a template was filled in")
        if page.url.partition("?")[0] != self.address + address.partition("?")[0]:
            self.found.append(f"{address} led to {page.url}")


def _records(server: Running, kind: str) -> tuple[str, ...]:
    rows = server.ledger.store.read_all(0)
    return tuple(str(row.fact) for row in rows if row.type == kind and row.location == PLACE)


def test_nothing_runs_on_any_page(harmed: Running, opened: Browser) -> None:
    numbers = [*range(0, 200, 7), *range(140, 200, 3)]
    facts = tuple(
        _records(harmed, kind)[number] for kind in ("RecordEdited", "CommandRefused") for number in numbers[::2]
    )
    named = {
        "location": (PLACE,),
        "chain": (CHAIN,),
        "seat": tuple(f"m-{number}" for number in numbers),
        "account": ("acc-1", "acc-198", OWNER),
        "device": tuple(f"dev-{number}" for number in numbers[::4]),
        "fact": facts,
        **ways_in(harmed, PLACE),
    }
    pages = every_page(harmed, OWNER, named, QUERIES)
    with signed_in(opened, harmed, OWNER, viewport=PHONE) as window:
        watch = Watch(window, harmed.address)
        page = watch.page()
        for address in pages.within:
            watch.look(page, address)
        assert "{{1337*7331}}" in page.goto(f"/locations/{PLACE}/team?show=all").text()  # type: ignore[union-attr]
    assert not watch.found, "\n".join(watch.found)


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_an_export_has_no_formula(harmed: Running, form: str) -> None:
    with harmed.client(harmed.key("read", "export")) as client:
        got = client.get(f"/v1/locations/{PLACE}/log/export?format={form}")
    assert got.status_code == 200
    if form == "csv":
        rows = list(csv.reader(io.StringIO(got.text, newline="")))
        assert len({len(row) for row in rows}) == 1, "a text has broken out of its cell"
        assert [cell for row in rows for cell in row if cell[:1] in FORMULAS and cell] == []
        assert not CONTROLS.search(got.text.replace("\r\n", ""))
    else:
        rows = [json.loads(line) for line in got.text.split("\n")[:-1]]
    assert len(rows) >= len(HOSTILE) * len(KINDS)


def test_a_page_that_lets_harm_through_is_found_out(demo: Running, opened: Browser) -> None:
    head = "<!doctype html><meta name=viewport content=width=device-width><title>x</title>"
    html = f"{head}{HOSTILE[0]}{HOSTILE[3]}<p>{PRODUCT}{'wide' * 1000}"
    with signed_in(opened, demo, "acc-olga", viewport=PHONE) as window:
        watch = Watch(window, demo.address)
        page = watch.page()
        policies = iter(({}, {"content-security-policy": POLICY}))
        page.route(
            "**/help/keys",
            lambda route: route.fulfill(body=html, content_type="text/html", headers=next(policies)),
        )
        for _ in range(2):
            watch.look(page, "/help/keys")
    told = "\n".join(watch.found)
    for what in (
        "ran",
        "policy: script-src",
        "an element: <img",
        "an attribute: onerror",
        "a script",
        "filled",
        "wide",
    ):
        assert what in told, what
