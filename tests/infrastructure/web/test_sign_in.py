"""Signing in as people do it, by letter, by app and by passkey; and what the ledger says of it afterwards."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pyotp
import pytest

from domain.entries import Entry
from domain.facts import SignedIn, SignedOut, SignInRefused
from infrastructure.mapper import entry_of
from tests.infrastructure.door.mailbox import Mailbox, mailbox
from tests.infrastructure.http.serving import AGENT, Running, running
from tests.infrastructure.web.browsing import browser, patient

PASSWORD = "horses eat quiet batteries"


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    """A mail server that the ledger hands its letters to."""
    with mailbox() as found:
        monkeypatch.setenv("ACCESSLEDGER_SMTP_URL", found.url)
        yield found


@pytest.fixture
def posted(post: Mailbox, told: str) -> Iterator[Running]:
    """A server that can send letters."""
    with running(told) as found:
        yield found


def visitor(server: Running) -> httpx.Client:
    return httpx.Client(
        base_url=server.address, headers={"User-Agent": AGENT, "Accept": "text/html"}, follow_redirects=True, timeout=60
    )


def token(page: httpx.Response) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]+)"', page.text)
    assert found is not None, page.text
    return found[1]


def send(client: httpx.Client, path: str, **fields: str) -> httpx.Response:
    """Load the door and send a form of it."""
    page = client.get("/sign-in")
    return client.post(path, data={"csrf": token(page), **fields})


def enter(server: Running, account: str = "acc-olga") -> str:
    """Make a person with a password; the token is used up."""
    link = server.house.door.people.add(account, f"{account}@lumen.example")
    assert server.house.door.people.set_password(link, PASSWORD) == account
    return link


def said(server: Running, account: str) -> list[tuple[str, str | None, str | None]]:
    """What the ledger says of how an account came and went: type, channel, why."""
    rows = server.ledger.store.read_stream(f"observations:{account}", settled=False)
    found = [entry.fact for entry in map(entry_of, rows) if isinstance(entry, Entry)]
    data = [fact.data for fact in found if fact.location is None]
    return [
        (type(each).__name__, each.two_step, each.why)
        for each in data
        if isinstance(each, SignedIn | SignInRefused | SignedOut)
    ]


def test_two_steps_by_letter_in_a_browser(posted: Running, post: Mailbox) -> None:
    link = posted.house.door.people.add("acc-olga", "olga@lumen.example")
    with browser() as opened:
        page = patient(opened, posted.address).new_page()
        page.goto(f"/set-up/{link}")
        page.get_by_label("New password").fill(PASSWORD)
        page.get_by_label("Once more").fill(PASSWORD)
        page.get_by_role("button", name="Set it").click()
        page.get_by_label("Code of the letter").fill(post.code())
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(posted.address + "/")
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url("**/sign-in")
        page.goto("/account")
        assert "/sign-in?next=%2Faccount" in page.url
        page.get_by_label("Account or e-mail").fill("olga@lumen.example")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Go on").click()
        page.get_by_label("Code of the letter").fill(post.code())
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/account")
        assert "Code by e-mail" in page.locator("main").inner_text()
    assert said(posted, "acc-olga")[-3:] == [
        ("SignedIn", "email", "first sign-in from this device"),
        ("SignedOut", None, None),
        ("SignedIn", "email", None),
    ]


def test_a_passkey_is_set_up_and_used(posted: Running, post: Mailbox, told: str) -> None:
    enter(posted)
    address = posted.house.settings.address.replace("127.0.0.1", "localhost")
    with browser() as opened:
        page = patient(opened, address).new_page()
        tool = page.context.new_cdp_session(page)
        tool.send("WebAuthn.enable")
        authenticator = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
        }
        tool.send("WebAuthn.addVirtualAuthenticator", {"options": authenticator})
        page.goto("/sign-in?next=/account")
        page.get_by_label("Account or e-mail").fill("acc-olga")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Go on").click()
        page.get_by_label("Code of the letter").fill(post.code())
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/account")
        page.get_by_label("Name of a new passkey").fill("my laptop")
        page.get_by_role("button", name="Set up a passkey").click()
        page.get_by_text("(my laptop)").wait_for()
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url("**/sign-in")
        page.get_by_label("Account or e-mail").fill("acc-olga")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Go on").click()
        page.get_by_role("button", name="Use your passkey").click()
        page.wait_for_url(address + "/")
    assert said(posted, "acc-olga")[-1] == ("SignedIn", "passkey", None)


def test_without_a_mail_server_an_app_is_set_up_on_the_way_in(demo: Running) -> None:
    enter(demo)
    with visitor(demo) as client:
        page = send(client, "/sign-in", name="acc-olga", password=PASSWORD, next="/account")
        secret = re.search(r'class="secret">(\w+)<', page.text)
        assert secret is not None, page.text
        code = pyotp.TOTP(secret[1]).at(demo.ledger.store.now())
        done = client.post("/sign-in/step/new-app", data={"csrf": token(page), "answer": code})
        assert done.url.path == "/account", done.text
    with visitor(demo) as client:
        page = send(client, "/sign-in", name="acc-olga", password=PASSWORD)
        again = client.post("/sign-in/step/totp", data={"csrf": token(page), "answer": code})
        assert (again.status_code, again.url.path) == (403, "/sign-in/step/totp")
    assert said(demo, "acc-olga")[-1] == ("SignInRefused", "totp", "wrong second step")


def test_who_is_not_known_is_told_what_everybody_is_told(demo: Running) -> None:
    enter(demo)
    with visitor(demo) as client:
        wrong = send(client, "/sign-in", name="acc-olga", password="not the password")
        unknown = send(client, "/sign-in", name="acc-zoe", password="not the password")
    assert wrong.status_code == unknown.status_code == 403
    assert wrong.text.replace("acc-olga", "acc-zoe") == unknown.text
    assert said(demo, "acc-olga")[-1] == ("SignInRefused", None, "wrong password")
    assert said(demo, "sign-in:unknown") == [("SignInRefused", None, "no such account")]


def test_guessing_ends_though_not_for_the_person_on_their_own_device(demo: Running) -> None:
    enter(demo)
    with visitor(demo) as client:
        tries = [send(client, "/sign-in", name="acc-olga", password="wrong").status_code for _ in range(11)]
        right = send(client, "/sign-in", name="acc-olga", password=PASSWORD)
    assert (tries, right.status_code) == ([403] * 10 + [429], 429)
    with visitor(demo) as client:
        client.get("/sign-in")
        own = demo.house.door.devices.read(client.cookies["device"])
        assert own is not None
        demo.house.door.devices.is_new_to("acc-olga", own)
        assert send(client, "/sign-in", name="acc-olga", password=PASSWORD).url.path == "/sign-in/step"
    assert [why for _, _, why in said(demo, "acc-olga")].count("too many tries for one account") == 1


def test_a_code_is_good_for_five_tries(posted: Running, post: Mailbox) -> None:
    enter(posted)
    with visitor(posted) as client:
        page = send(client, "/sign-in", name="acc-olga", password=PASSWORD)
        right = post.code()
        wrong = f"{(int(right) + 1) % 1_000_000:06d}"
        for _ in range(5):
            assert client.post("/sign-in/step/email", data={"csrf": token(page), "answer": wrong}).status_code == 403
        assert client.post("/sign-in/step/email", data={"csrf": token(page), "answer": right}).status_code == 403


def test_a_session_that_is_taken_back_is_over_at_the_next_request(demo: Running) -> None:
    with demo.person("acc-olga") as client, demo.person("acc-olga", device="dev-2") as other:
        page = client.get("/account")
        assert page.status_code == 200
        client.post("/account/sessions/end-others", data={"csrf": token(page)})
        assert other.get("/account").status_code == 303
        assert client.get("/account").status_code == 200


def test_a_form_from_elsewhere_is_nothing(demo: Running) -> None:
    enter(demo)
    with visitor(demo) as client:
        client.get("/sign-in")
        assert client.post("/sign-in", data={"name": "acc-olga", "password": PASSWORD}).status_code == 403
    with visitor(demo) as bare:
        assert bare.post("/sign-in", data={"name": "acc-olga", "password": PASSWORD}).status_code == 403


@pytest.mark.parametrize(
    "bad", ["//evil.example", "https://evil.example", "/\\evil.example", "/a\nb", "javascript:1", ""]
)
def test_nobody_is_led_away(demo: Running, bad: str) -> None:
    with demo.person("acc-olga") as client:
        assert client.get("/sign-in", params={"next": bad}).headers["location"] == "/"


def test_a_link_sets_one_password(demo: Running) -> None:
    link = enter(demo)
    with visitor(demo) as client:
        assert client.get(f"/set-up/{link}").status_code == 410
    assert demo.house.door.people.set_password(link, "another long password") is None


def test_the_clock_of_codes_is_the_ledgers(demo: Running) -> None:
    apps = demo.house.door.apps
    enter(demo)
    secret = apps.offer("here")
    early = pyotp.TOTP(secret).at(datetime(2020, 1, 1, tzinfo=UTC))
    assert not apps.confirm("here", "acc-olga", early)
    assert apps.confirm("here", "acc-olga", pyotp.TOTP(secret).at(demo.ledger.store.now()))
