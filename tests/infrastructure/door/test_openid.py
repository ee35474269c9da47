"""Signing in through a provider: whom it names is in, and any answer that is not quite right lets nobody in."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from joserfc.jwk import RSAKey

from infrastructure.store import Store
from tests.infrastructure.door.provider import CLIENT, SECRET, Provider, provider
from tests.infrastructure.http.serving import AGENT, Running, running


@pytest.fixture
def there(told: str) -> Iterator[Provider]:
    with Store(told) as store:
        now = int(store.now().timestamp())
    with provider(now) as found:
        yield found


@pytest.fixture
def joined(there: Provider, told: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """A server that lets people in through the provider."""
    monkeypatch.setenv("ACCESSLEDGER_OIDC_ISSUER", there.address)
    monkeypatch.setenv("ACCESSLEDGER_OIDC_CLIENT_ID", CLIENT)
    monkeypatch.setenv("ACCESSLEDGER_OIDC_CLIENT_SECRET", SECRET)
    with running(told) as found:
        yield found


@contextmanager
def visitor(server: Running) -> Iterator[httpx.Client]:
    with httpx.Client(
        base_url=server.address, headers={"User-Agent": AGENT, "Accept": "text/html"}, follow_redirects=True, timeout=60
    ) as client:
        client.get("/sign-in")
        yield client


def test_who_the_provider_identifies_is_in(joined: Running) -> None:
    with visitor(joined) as client:
        got = client.get("/sign-in/openid", params={"next": "/account"})
    assert (got.status_code, got.url.path) == (200, "/account"), got.text
    assert "acc-olga" in got.text
    assert joined.house.sessions.of("acc-olga")


@pytest.mark.parametrize(
    "lies",
    [
        {"nonce": "another"},
        {"aud": "another"},
        {"iss": "https://another.example"},
        {"exp": 1},
        {"sub": "no account at all"},
        {"sub": None},
    ],
    ids=["nonce", "audience", "issuer", "expired", "no id", "nobody"],
)
def test_a_lie_lets_nobody_in(joined: Running, there: Provider, lies: dict[str, Any]) -> None:
    there.lies = lies
    with visitor(joined) as client:
        assert client.get("/sign-in/openid").status_code == 403
        assert "session" not in client.cookies


def test_another_key_lets_nobody_in(joined: Running, there: Provider) -> None:
    there.signs_with = RSAKey.generate_key(2048, {"kid": "one"})
    with visitor(joined) as client:
        assert client.get("/sign-in/openid").status_code == 403


def test_an_answer_counts_once_and_for_who_asked(joined: Running) -> None:
    with visitor(joined) as one, visitor(joined) as other:
        at_provider = one.get("/sign-in/openid", follow_redirects=False).headers["location"]
        back = one.get(at_provider, follow_redirects=False).headers["location"]
        assert other.get(back, follow_redirects=False).status_code == 403
        assert one.get(back, follow_redirects=False).status_code == 403
        at_provider = one.get("/sign-in/openid", follow_redirects=False).headers["location"]
        back = one.get(at_provider, follow_redirects=False).headers["location"]
        assert one.get(back, follow_redirects=False).status_code == 303
        assert one.get(back, follow_redirects=False).status_code == 403
