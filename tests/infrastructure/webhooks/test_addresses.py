"""Where webhooks may go, and where no name or number leads them."""

import pytest

from infrastructure.webhooks.addresses import AddressError, Target, read_target, resolved
from infrastructure.webhooks.rules import Rules, read_rules

STRICT = Rules()


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/hooks",
        "ftp://example.com/",
        "https://",
        "https://user:secret@example.com/",
        "https://example.com/#part",
        "https://example.com:99999/",
        "https://[::1/",
        "https://exa mple.com/",
        "https://example.com/\r\nHost: other",
        "https://127.0.0.1/",
        "https://10.1.2.3/",
        "https://169.254.169.254/latest/meta-data",
        "https://192.168.1.1/",
        "https://100.64.0.1/",
        "https://0.0.0.0/",
        "https://224.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[fd00::1]/",
        "https://[fe80::1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://example.com/" + "x" * 2000,
    ],
)
def test_such_urls_are_refused(url: str) -> None:
    with pytest.raises(AddressError):
        read_target(url, STRICT)


def test_a_public_url_is_taken_apart() -> None:
    assert read_target("https://example.com/hooks?a=1", STRICT) == Target(True, "example.com", 443, "/hooks?a=1")
    assert read_target("https://8.8.8.8:8443", STRICT).named == "8.8.8.8:8443"


def test_a_name_that_leads_inside_is_found_out_when_it_is_looked_up() -> None:
    target = read_target("https://localhost/", STRICT)
    with pytest.raises(AddressError):
        resolved(target, STRICT)
    assert resolved(target, Rules(private=True))


def test_the_environment_allows_by_saying_so() -> None:
    assert read_rules({}) == STRICT
    assert read_rules({"ACCESSLEDGER_WEBHOOKS_PLAIN": "1", "ACCESSLEDGER_WEBHOOKS_PRIVATE": "no"}) == Rules(plain=True)


def test_pauses_grow_and_are_spread() -> None:
    assert [Rules().pause(attempts, 0.5) for attempts in (1, 2, 3)] == [5, 20, 80]
    assert Rules().pause(20, 1.0) == 1.5 * 6 * 3600
    assert Rules().pause(1, 0.0) == 2.5
