"""A morning of Olga's in a real browser: the way in, the stolen night, the disputed bill, a right, a dismissal."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from infrastructure.demo.cast import CAST
from infrastructure.demo.places import BERLIN
from infrastructure.demo.scenes import scenes
from tests.infrastructure.http.serving import Running
from tests.infrastructure.web.browsing import browser, patient

SCENE = scenes()
ROOT = f"/locations/{BERLIN.id}"
PASSWORD = "horses eat quiet batteries"
PAID = "records_create_access"


@pytest.fixture(scope="module")
def opened() -> Iterator[Browser]:
    with browser() as found:
        yield found


def test_a_morning_with_the_ledger(demo: Running, opened: Browser) -> None:
    people = demo.house.door.people
    people.set_password(people.add(SCENE.owner, "olga@lumen.example"), PASSWORD)
    with patient(opened, demo.address) as window:
        page, wrong = window.new_page(), list[str]()
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        _come_in(page)
        _find_who_gave_the_right(page)
        _replay_the_disputed_bill(page, demo)
        _compare_then_and_now(page)
        _give_a_right(page, demo)
        _dismiss(page, demo)
        _take_it_along(page)
    assert [each for each in wrong if "403 (Forbidden)" not in each] == [], "the wrong code is refused, and no more"


def _come_in(page: Page) -> None:
    """By password and authenticator app, to the page that was asked for in the first place."""
    page.goto(f"{ROOT}/team")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    page.get_by_label("Account or e-mail").fill("olga@lumen.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Second step")
    page.get_by_label("Code of the app").fill("000000")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("not the code")
    page.get_by_label("Code of the app").fill(pyotp.TOTP(page.locator("code.secret").inner_text()).now())
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"**{ROOT}/team")


def _find_who_gave_the_right(page: Page) -> None:
    """On the evening of the theft Vic could create records: by whose hand, from which device?"""
    page.get_by_label("As it was on").fill("2026-05-14")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator(".banner")).to_contain_text("as it was on")
    page.get_by_role("link", name=CAST["vic"].name, exact=True).click()
    page.get_by_role("link", name="See rights").click()
    page.locator("li", has=page.locator(".mark.paid")).locator("a").first.click()
    main = page.locator("main")
    expect(main).to_contain_text(CAST["max"].name)
    main.locator(f"a[href*='{SCENE.device}']").first.click()
    page.wait_for_url(f"**/devices/{SCENE.device}**")
    expect(page.locator("main")).to_contain_text(CAST["nele"].name)  # what else was done from there


def _replay_the_disputed_bill(page: Page, demo: Running) -> None:
    """The charge of March, beside what is known of it now; and the list that it rested on."""
    page.goto(f"{ROOT}/team")
    page.get_by_role("link", name="Charges", exact=True).click()
    charge = page.locator("tbody tr", has_text=SCENE.charge)
    expect(charge).to_contain_text("✗ differs")
    charge.get_by_role("link", name="the list as known then").click()
    answer = demo.ledger.books().seats(BERLIN.id, SCENE.known_then, SCENE.known_then)
    for place, key in enumerate(("available", "billable", "free")):
        expect(page.locator("dl.numbers dd").nth(place)).to_have_text(str(answer[key]))
    expect(page.locator("tbody tr", has_text=CAST["mia"].name)).to_contain_text("● billable")


def _compare_then_and_now(page: Page) -> None:
    """One seat less, because of a correction that support entered for Olga."""
    page.get_by_role("link", name="As known then and as known now").click()
    counts = page.get_by_role("table", name="The counts").locator("tbody tr", has_text="Billable")
    expect(counts.locator("td")).to_have_text(["7", re.compile("6")])
    mia = page.locator("tbody tr", has_text=CAST["mia"].name)
    mia.locator("a.fact").first.click()
    expect(page.locator("main")).to_contain_text("TICKET-4127")


def _give_a_right(page: Page, demo: Running) -> None:
    """The seat that a tick costs is seen before it is saved, and it is so afterwards."""
    before = demo.ledger.books().seats(BERLIN.id)["billable"]
    page.goto(f"{ROOT}/team")
    billable = page.locator("dl.numbers dd").nth(1)
    expect(billable).to_have_text(str(before))
    page.get_by_role("link", name=CAST["vic"].name, exact=True).click()
    page.get_by_role("link", name="Edit rights").click()
    page.check(f"input[value={PAID}]")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#preview")).to_contain_text(f"{before} → {before + 1}")
    assert demo.ledger.books().seats(BERLIN.id)["billable"] == before
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#done")).to_contain_text(f"Now {before + 1} billable")
    page.get_by_role("link", name="Team", exact=True).first.click()
    page.wait_for_url(f"**{ROOT}/team")
    expect(billable).to_have_text(str(before + 1))


def _dismiss(page: Page, demo: Running) -> None:
    """With a day, a reason, and the word."""
    page.get_by_role("link", name="Treatment room", exact=True).click()
    page.locator("summary#dismiss").click()
    form = page.locator("form", has=page.locator("input[name=confirmation]"))
    form.get_by_label("From the day").fill(str(demo.house.room.today(BERLIN.id)))
    form.get_by_label("Reason").fill("The room is let")
    form.get_by_label("Type the word Dismiss").fill("Dismiss")
    form.get_by_role("button", name="Dismiss", exact=True).click()
    expect(page.locator("#done")).to_contain_text("dismissed")
    page.get_by_role("link", name="Team", exact=True).first.click()
    page.wait_for_url(f"**{ROOT}/team")
    expect(page.get_by_role("link", name=CAST["vic"].name, exact=True)).to_have_count(1)
    expect(page.get_by_role("link", name="Treatment room", exact=True)).to_have_count(0)


def _take_it_along(page: Page) -> None:
    """The log of what was just done, as it is shown; and that it was taken along is on the log."""
    page.get_by_role("link", name="Security log", exact=True).click()
    page.get_by_label("Filter as key:value").fill(f"actor:{SCENE.owner} type:TeamMemberDismissed type:RightsEdited")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("p.filters")).to_contain_text("RightsEdited")
    shown = page.locator("table[data-log] td[data-label=What] a.fact").all_inner_texts()
    assert "Treatment room" in shown[0]
    assert CAST["vic"].name in shown[1]
    page.get_by_label("Format").select_option("csv")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    with zipfile.ZipFile(io.BytesIO(download.value.path().read_bytes())) as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read("log.csv").decode(), newline="")))
        manifest = json.loads(archive.read("manifest.json"))
    assert manifest["rows"] == len(rows) >= len(shown)
    assert ["Treatment room" in rows[0]["action"], CAST["vic"].name in rows[1]["action"]] == [True, True]
    page.goto(f"{ROOT}/log?type=DataExported&limit=5")
    expect(page.locator("table[data-log] tbody tr").first).to_contain_text(CAST["olga"].name)
