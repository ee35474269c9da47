"""What the door kept plain before there was a veil is veiled when a ledger is opened, once, and works as before."""

import psycopg

from infrastructure.door.passwords import fits, hashed
from infrastructure.door.secret import secret
from tests.infrastructure.erasing.canaries import Canaries, dumped
from tests.infrastructure.erasing.places import Places
from tests.infrastructure.http.serving import served

_BEFORE = {
    "door.people (account, email, password) VALUES ('acc-cora', %s, %s)": ("email", "password"),
    "door.second_steps (account, channel, secret) VALUES ('acc-cora', 'totp', %s)": ("secret",),
    "door.passkeys (id, account, public_key, sign_count, name) VALUES ('k', 'acc-cora', 'p', 0, %s)": ("key",),
    "door.devices (id, user_agent, hints, name, named_by) VALUES ('d', %s, %s, %s, '')": ("a", "h", "n"),
    """door.links (id, sha256, name, locations, chains, expires_at)
    VALUES ('l', 'x', %s, '{}', '{}', now() + interval '1 day')""": ("for",),
    "views.saved (account, location, name, query) VALUES ('acc-cora', 'L1', %s, %s)": ("view", "query"),
    """door.sessions (id, sha256, account, device, ip, user_agent, expires_at)
    VALUES ('s', 's', 'acc-cora', 'd', %s, %s, now() + interval '1 day')""": ("ip", "agent"),
    """webhooks.subscriptions (id, url, secret, everywhere, locations, chains, position, owner)
    VALUES ('w', 'https://example.org', %s, true, '{}', '{}', 0, 'o')""": ("hook",),
    """door.pending (id, sha256, account, device, next, expires_at)
    VALUES ('p', 'p', 'acc-cora', 'd', %s, now() + interval '1 day')""": ("next",),
}
"""Plain rows as they were, each with the canaries that are in it."""


def test_plain_rows_of_before_are_veiled_and_still_good(places: Places) -> None:
    canaries = Canaries()
    with psycopg.connect(places.server.url(places.database), autocommit=True) as connection:
        connection.execute("TRUNCATE door.veiled, door.secrets")
        connection.execute("INSERT INTO door.secrets (name, value) VALUES ('http', %s)", (b"\x00\xff plain secret",))
        for row, names in _BEFORE.items():
            connection.execute(f"INSERT INTO {row}".encode(), [_put(canaries, name) for name in names])
    before = dumped(places.server, places.database)
    assert canaries.found_in(before) == list(canaries.put)
    with places.opened() as ledger, served(ledger) as server:
        assert canaries.found_in(dumped(places.server, places.database)) == []
        assert secret(ledger.store.connections, "http") == b"\x00\xff plain secret"
        person = server.house.door.people.find(f"{canaries.text('email')}@Example.org".upper())
        assert person is not None
        assert fits("a long password", person.password)
        (session,) = server.house.sessions.of("acc-cora")
        assert (session.device.ip, session.device.user_agent) == ("192.0.2.7", canaries.text("agent"))
        device = server.house.door.devices.find("d")
        assert device is not None
        assert (device.user_agent, device.name) == (canaries.text("a"), canaries.text("n"))
        assert [link.name for link in server.house.door.links.list()] == [canaries.text("for")]
        assert [view.query for view in server.house.views.of("acc-cora", "L1")] == [canaries.text("query")]
        once = dumped(places.server, places.database)
    with places.opened():
        pass
    again = dumped(places.server, places.database)
    assert _of_table(again, b"door.people") == _of_table(once, b"door.people")


def _put(canaries: Canaries, name: str) -> str:
    if name == "password":
        return hashed("a long password")
    if name == "ip":
        return "192.0.2.7"
    if name == "h":
        return '{"Sec-CH-UA-Model":"' + canaries.text("model") + '"}'
    return f"{canaries.text('email')}@example.org" if name == "email" else canaries.text(name)


def _of_table(dump: bytes, table: bytes) -> bytes:
    return dump.partition(b"COPY " + table)[2].partition(b"\\.")[0]
