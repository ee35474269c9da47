"""Veils once what the door kept plain before there was a veil; an opened ledger has nothing plain there."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import psycopg

from infrastructure.door.veil import PROGRAM, Veil, of_account, of_device, of_link, of_webhook
from infrastructure.postgres.statements import statements
from infrastructure.store.connections import Connections

_SQL = statements("veiling")
_Row: TypeAlias = tuple[Any, ...]


def veil_the_door(connections: Connections) -> bool:
    """Veil every plain row there is, in one transaction, whoever else is at it; False when that was done before."""
    if connections.read(_SQL["is_done"])[0][0]:
        return False
    veil = Veil(connections)
    with connections.take(own=True) as connection:
        connection.execute(_SQL["alone"])
        try:
            if connection.execute(_SQL["is_done"]).fetchone() == (True,):
                return False
            with connection.transaction():
                _veil_all(connection, veil)
                connection.execute(_SQL["done"])
            connection.execute(_SQL["sweep"])
        finally:
            connection.execute(_SQL["let_go"])
    return True


def _veil_all(connection: psycopg.Connection[Any], veil: Veil) -> None:
    for statement in ("short_lived", "short_lived_questions", "short_lived_tries"):
        connection.execute(_SQL[statement])
    for table, veiled in _TABLES.items():
        for row in connection.execute(_SQL[table]).fetchall():
            connection.execute(_SQL[f"veil_{table}"], veiled(veil, row))


def _people(veil: Veil, row: _Row) -> Mapping[str, Any]:
    account, email, password = row
    return {
        "account": account,
        "email": veil.over(of_account(account), email),
        "password": veil.over(of_account(account), password),
        "index": veil.index(email.lower()),
    }


def _sessions(veil: Veil, row: _Row) -> Mapping[str, Any]:
    name, account, address, agent = row
    whose = of_account(account)
    return {"id": name, "ip": veil.over(whose, address), "user_agent": veil.over(whose, agent)}


def _second_steps(veil: Veil, row: _Row) -> Mapping[str, Any]:
    account, channel, secret = row
    return {"account": account, "channel": channel, "secret": veil.over(of_account(account), secret)}


def _passkeys(veil: Veil, row: _Row) -> Mapping[str, Any]:
    key, account, name = row
    return {"id": key, "name": veil.over(of_account(account), name)}


def _devices(veil: Veil, row: _Row) -> Mapping[str, Any]:
    device, *said = row
    agent, hints, name = (veil.over(of_device(device), text) for text in said)
    return {"id": device, "user_agent": agent, "hints": hints, "name": name}


def _links(veil: Veil, row: _Row) -> Mapping[str, Any]:
    link, name = row
    return {"id": link, "name": veil.over(of_link(link), name)}


def _secrets(veil: Veil, row: _Row) -> Mapping[str, Any]:
    name, value = row
    return {"name": name, "value": (veil.over(PROGRAM, bytes(value).hex()) or "").encode()}


def _webhooks(veil: Veil, row: _Row) -> Mapping[str, Any]:
    subscription, secret = row
    return {"id": subscription, "secret": veil.over(of_webhook(subscription), secret)}


def _views(veil: Veil, row: _Row) -> Mapping[str, Any]:
    view, account, name, query = row
    whose = of_account(account)
    return {"id": view, "name": veil.over(whose, name), "query": veil.over(whose, query)}


_TABLES: Mapping[str, Callable[[Veil, _Row], Mapping[str, Any]]] = {
    "people": _people,
    "sessions": _sessions,
    "second_steps": _second_steps,
    "passkeys": _passkeys,
    "devices": _devices,
    "links": _links,
    "secrets": _secrets,
    "webhooks": _webhooks,
    "views": _views,
}
"""By table what is veiled in a row."""
