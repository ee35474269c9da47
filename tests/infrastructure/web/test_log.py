"""The security log in a browser: filters, counts, pages, views, new rows, and what people wrote to do harm."""

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page

from domain.entries import Entry, Stamp
from domain.facts import read_fact
from domain.instants import write_instant
from infrastructure.demo.scenes import scenes
from infrastructure.mapper import new_row
from projections.filters import Filter, Without
from projections.paging import Page as OfRows
from tests.cast import fact
from tests.infrastructure.http.serving import Running, settled
from tests.infrastructure.web.browsing import browser, signed_in

SCENE = scenes()
ROOT = f"/locations/{SCENE.location}"
HOSTILE = (
    "<script>window.harmed=1</script><img src=x onerror=window.harmed=1>",
    "\x1b]0;harm\x07\x1b[31mred",
    "\u202egnp.exe\u2066",
    '=HYPERLINK("http://198.51.100.9","x")',
    "{{ 7 * 7 }}{% raw %}</bdi></td>",
    "wide" * 900,
)


@pytest.fixture(scope="module")
def opened() -> Iterator[Browser]:
    with browser() as found:
        yield found


def tell(server: Running, *facts: dict[str, object]) -> None:
    """Append facts that decide nothing."""
    for said in facts:
        server.ledger.store.gather([new_row(Entry(read_fact(said), Stamp(device_name="Safari on iPhone")), None)])
    settled(server.ledger)


def hostile(server: Running, text: str) -> dict[str, object]:
    """A record whose every free text is hostile."""
    at = write_instant(server.ledger.store.now())
    return fact(
        "RecordEdited",
        at=at,
        location=SCENE.location,
        actor="acc-harm",
        device={"id": "dev-harm", "ip": "198.51.100.9", "user_agent": text},
        because=text,
        entity=text[:300],
        entity_id=text[:300],
        before={"name": text},
        after={"name": text[::-1]},
    )


def shown(page: Page) -> list[str]:
    """What the rows of the page say was done."""
    return page.locator("table[data-log] td[data-label=What] a.fact").all_inner_texts()


def test_the_page_shows_what_the_answer_says_newest_first(demo: Running, opened: Browser) -> None:
    with signed_in(opened, demo, SCENE.owner, java_script_enabled=False) as window:
        page = window.new_page()
        page.goto(f"{ROOT}/log?actor=acc-max&not_type=SignedIn&limit=20")
        wanted = Filter(actor="acc-max", without=Without(types=frozenset({"SignedIn"})))
        rows = demo.ledger.books().log(SCENE.location, wanted, page=OfRows(20))["log"]
        assert shown(page) == [" ".join(row["action"].split()) for row in reversed(rows)]
        assert page.locator("input[name=q]").input_value() == "actor:acc-max -type:SignedIn"
        assert page.locator("svg.chart rect").count() > 0
        total = sum(int(text) for text in page.locator(".beside table").first.locator("td").all_text_contents())
        whole = demo.ledger.books().log(SCENE.location, wanted, page=OfRows(1_000))["log"]
        assert total == len(whole)


def test_the_box_is_the_url_and_says_what_it_does_not_understand(demo: Running, opened: Browser) -> None:
    with signed_in(opened, demo, SCENE.owner, java_script_enabled=False) as window:
        page = window.new_page()
        page.goto(f"{ROOT}/log?limit=5")
        page.fill("input[name=q]", "type:SignedIn -actor:acc-olga from:2026-03-01")
        page.click("text=Search")
        assert page.url.endswith("?type=SignedIn&not_actor=acc-olga&from=2026-03-01&limit=5")
        page.fill("input[name=q]", "who:is-it")
        page.click("text=Search")
        assert "not understood" in page.locator("[role=alert]").inner_text()
        assert page.locator("input[name=q]").input_value() == "who:is-it"


def test_a_value_is_filtered_by_a_click_and_left_out_by_another(demo: Running, opened: Browser) -> None:
    with signed_in(opened, demo, SCENE.owner, java_script_enabled=False) as window:
        page = window.new_page()
        page.goto(f"{ROOT}/log?type=SignedIn&limit=5")
        page.locator("table[data-log] td[data-label=Who] a").first.click()
        assert "actor=" in page.url
        page.locator("table[data-log] td[data-label=Address] a.without").first.click()
        assert "not_ip=" in page.url
        page.goto(f"{ROOT}/log/ask?actor=&type=SignInRefused&from=&limit=5")
        assert page.url.endswith("/log?type=SignInRefused&limit=5")


def test_older_rows_follow_without_a_gap_and_lead_back(demo: Running, opened: Browser) -> None:
    with signed_in(opened, demo, SCENE.owner, java_script_enabled=False) as window:
        page = window.new_page()
        page.goto(f"{ROOT}/log?limit=15&outcome=done")
        seen = shown(page)
        link = str(page.get_by_role("link", name="As JSON").get_attribute("href"))
        page.get_by_role("link", name="Older").click()
        seen += shown(page)
        position = int(parse_qs(urlsplit(link).query)["position"][0])
        rows = demo.ledger.books(position).log(SCENE.location, Filter(outcome="done"), page=OfRows(30))["log"]
        assert seen == [" ".join(row["action"].split()) for row in reversed(rows)]
        page.get_by_role("link", name="Newest").click()
        assert "cursor" not in page.url


def test_what_is_shown_is_what_is_exported(demo: Running, opened: Browser) -> None:
    with signed_in(opened, demo, SCENE.owner, java_script_enabled=False) as window:
        page = window.new_page()
        page.goto(f"{ROOT}/log?actor=acc-max&type=RightsEdited")
        page.select_option("select[name=format]", "jsonl")
        with page.expect_download() as download:
            page.click("button:text-is('Export')")
        archive = zipfile.ZipFile(io.BytesIO(download.value.path().read_bytes()))
        rows = [json.loads(line) for line in archive.read("log.jsonl").splitlines()]
        assert [" ".join(row["action"].split()) for row in rows] == shown(page)


def test_a_view_is_saved_begun_with_and_private(demo: Running, opened: Browser) -> None:
    with signed_in(opened, demo, SCENE.owner, java_script_enabled=False) as window:
        page = window.new_page()
        page.goto(f"{ROOT}/log?type=SignInRefused")
        page.fill("input[name=name]", "Night watch <b>")
        page.click("button:text-is('Save')")
        page.get_by_role("button", name="Begin with it").click()
        page.goto(f"{ROOT}/log")
        assert page.url.endswith("/log?type=SignInRefused")
        assert page.get_by_role("link", name="Night watch <b>").count() == 2
    assert demo.house.views.of("acc-pavel", SCENE.location) == []
    with demo.person(SCENE.owner) as client:
        assert client.post(f"{ROOT}/log/views", data={"name": "forged"}).status_code == 403


def test_new_rows_come_by_themselves_and_wait_while_paused(demo: Running, opened: Browser) -> None:
    with signed_in(opened, demo, SCENE.owner) as window:
        page = window.new_page()
        page.goto(f"{ROOT}/log?type=RecordEdited&limit=3")
        page.wait_for_selector("[data-live]:not([hidden])")
        tell(demo, hostile(demo, HOSTILE[0]))
        page.wait_for_selector("tr.live")
        assert "<script>" in page.locator("tr.live").inner_text()
        page.wait_for_selector("[data-live] [role=status]:has-text('1 new row since')")
        page.click("[data-live] button")
        tell(demo, hostile(demo, HOSTILE[1]))
        page.wait_for_selector("[data-live] [role=status]:has-text('1 new row waits')")
        assert page.locator("tr.live").count() == 1
        page.click("[data-live] button")
        page.wait_for_selector("tr.live + tr.live")
        assert page.evaluate("window.harmed") is None


def test_a_stream_does_not_feed_itself(demo: Running) -> None:
    """The look of a stream is on the log once, and not once for each row that it shows."""
    with demo.person(SCENE.owner) as client, client.stream("GET", f"{ROOT}/log/live?type=RecordEdited") as got:
        lines = got.iter_lines()
        for text in ("one", "two", "three"):
            tell(demo, hostile(demo, text))
            assert next(line for line in lines if line.startswith("data:") and f" {text} " in line)
    settled(demo.ledger)
    looks = Filter(actor=SCENE.owner, types=frozenset({"LogViewed"}), since=demo.ledger.clock() - timedelta(hours=1))
    assert len(demo.ledger.books().log(SCENE.location, looks, page=OfRows(50))["log"]) == 1


def test_a_stream_shows_nobody_what_is_not_theirs(demo: Running) -> None:
    users = demo.ledger.books().access(SCENE.location)["users"]
    blind = next(user for user in users if not any(right["right"].startswith("security_") for right in user["rights"]))
    with demo.person(blind["account"]) as client:
        assert client.get(f"{ROOT}/log/live").status_code == 403
        assert client.get(f"{ROOT}/log").status_code == 403
    with demo.person(SCENE.owner) as client:
        assert client.get("/locations/elsewhere/log/live").status_code == 404


def test_what_people_wrote_to_do_harm_is_shown_and_does_nothing(demo: Running, opened: Browser) -> None:
    tell(demo, *(hostile(demo, text) for text in HOSTILE))
    name = demo.ledger.books().log(SCENE.location, Filter(actor="acc-harm"), page=OfRows(10))["log"]
    with signed_in(opened, demo, SCENE.owner, viewport={"width": 375, "height": 800}) as window:
        page = window.new_page()
        reported: list[str] = []
        page.on("console", lambda said: reported.append(said.text) if said.type == "error" else None)
        for path in (
            f"{ROOT}/log?actor=acc-harm",
            f"/devices/dev-harm?location={SCENE.location}",
            *(f"{ROOT}/facts/{row['id']}" for row in name),
        ):
            page.goto(path)
            assert page.evaluate("window.harmed") is None
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
            assert "49" not in page.locator("h1").inner_text()
        assert reported == []


def test_first_facts_from_a_device_are_marked(demo: Running, opened: Browser) -> None:
    first = fact(
        "SignedIn",
        at=write_instant(demo.ledger.store.now()),
        location=SCENE.location,
        actor="acc-olga",
        account="acc-olga",
        device={"id": "dev-never-seen"},
    )
    again = {**first, "id": "00000000-0000-4000-8000-0000000000aa", "change": "again"}
    tell(demo, first, again)
    with signed_in(opened, demo, SCENE.owner, java_script_enabled=False) as window:
        page = window.new_page()
        page.goto(f"{ROOT}/log?device=dev-never-seen")
        marks = page.locator("table[data-log] td[data-label=Device]").all_inner_texts()
    assert ["new device" in mark for mark in marks] == [False, True]


def test_the_history_has_a_row_for_each_change(demo: Running, opened: Browser) -> None:
    with signed_in(opened, demo, SCENE.owner, java_script_enabled=False) as window:
        page = window.new_page()
        page.goto(f"{ROOT}/history?actor=acc-max&limit=20")
        changes = demo.ledger.books().history(SCENE.location, Filter(actor="acc-max"), page=OfRows(20))["changes"]
        told = page.locator("td[data-label=What] > a").all_inner_texts()
    assert told == [" ".join(row["sentence"].split()) for row in reversed(changes)]
