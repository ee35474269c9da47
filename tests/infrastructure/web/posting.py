"""Forms as a browser sends them, for tests that need none; and what came into the ledger."""

from uuid import uuid4

import httpx

from domain.entries import Entry
from domain.facts import CommandRefused, Device
from infrastructure.mapper import entry_of
from infrastructure.web.rendering import form_token
from tests.infrastructure.http.serving import AGENT, Running, settled


def post(
    server: Running, account: str, path: str, fields: dict[str, str], *, csrf: bool = True, token: str | None = None
) -> httpx.Response:
    """What a person's form comes to, in a session of its own or a given one; its csrf field can be missing."""
    token = token if token is not None else server.house.sessions.make(account, Device(id="dev-1"))
    caller = server.house.sessions.caller(token)
    assert caller is not None
    sent = {"id": str(uuid4()), **fields}
    if csrf:
        sent["csrf"] = form_token(server.house.secret, caller)
    headers = {"User-Agent": AGENT, "Accept": "text/html"}
    with httpx.Client(base_url=server.address, headers=headers, cookies={"session": token}, timeout=60) as client:
        return client.post(path, data=sent)


def types_since(server: Running, position: int) -> list[str]:
    """The types of what came into the ledger after a position, in its order."""
    settled(server.ledger)
    return [row.type for row in server.ledger.store.read_all(position)]


def refused_since(server: Running, position: int) -> list[tuple[str, str | None, str]]:
    """What was refused after a position: the command, the location, and who gave it."""
    settled(server.ledger)
    facts = [entry.fact for row in server.ledger.store.read_all(position) if isinstance(entry := entry_of(row), Entry)]
    return [(f.data.command, f.location, f.actor.id) for f in facts if isinstance(f.data, CommandRefused)]


def last(server: Running) -> int:
    """Where the ledger stands."""
    settled(server.ledger)
    return server.ledger.store.last_position()
