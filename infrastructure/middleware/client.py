"""A client for an application that serves people: it passes on who acts, and sends again what was lost."""

import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import httpx

from infrastructure.middleware.acting import current

TRIES = 3
_PAUSE = 0.2
_AGAIN = frozenset({502, 503, 504})


class RefusedError(Exception):
    """The ledger refused; `code` is for programs, the message for people, `facts` are what stands in the way."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(str(problem.get("detail", f"The ledger answered with status {status}.")))
        self.status = status
        self.code = str(problem.get("code", "unknown"))
        self.facts = tuple(problem.get("facts", ()))


class LedgerClient:
    """Gives commands with a key of the scopes `command` and `vouch`; safe to share between threads.

    Outside of a request, or where nobody is signed in, it is the key itself that acts.
    """

    def __init__(self, address: str, key: str, *, timeout: float = 10.0, client: httpx.Client | None = None) -> None:
        self._client = client or httpx.Client(base_url=address, timeout=timeout)
        self._headers = {"Authorization": f"Bearer {key}"}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def submit(
        self,
        command: str,
        location: str | None,
        data: Mapping[str, Any],
        *,
        reason: str | None = None,
        number: str | None = None,
        dry_run: bool = False,
    ) -> dict[str, Any]:
        """Give one command in the name of whoever acts, and return what came of it.

        `number` is the command's id, for a caller that may come again itself. RefusedError when the ledger refuses;
        httpx.TransportError when it could not be reached: whether the command was done is then not known, and giving
        it again with the same number does it once.
        """
        body: dict[str, Any] = {"command": command, "data": dict(data), "id": number or str(uuid4())}
        if location is not None:
            body["location"] = location
        if reason is not None:
            body["reason"] = reason
        who = current()
        if who is not None:
            body["change"] = who.change
            if who.actor is not None:
                body["actor"], body["device"] = dict(who.actor), dict(who.device)
        return self._sent(body, dry_run=dry_run)

    def _sent(self, body: Mapping[str, Any], *, dry_run: bool) -> dict[str, Any]:
        """Send a command until it is answered, a few times; its id makes that harmless."""
        query = {"dry_run": "true"} if dry_run else {}
        for left in reversed(range(TRIES)):
            try:
                got = self._client.post("/v1/commands", json=body, params=query, headers=self._headers)
            except httpx.TransportError:
                if not left:
                    raise
            else:
                if got.status_code not in _AGAIN or not left:
                    return _answer(got)
            time.sleep(_PAUSE)
        raise AssertionError("the last try returns or raises")


def _answer(got: httpx.Response) -> dict[str, Any]:
    try:
        content = got.json()
    except ValueError:
        content = {}
    if not got.is_success:
        raise RefusedError(got.status_code, content)
    answer: dict[str, Any] = content
    return answer
