"""The demo's dispute as a bundle: a ledger with its year, a signer in this process, an operator who asks."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from domain.facts import Actor
from infrastructure.bundle.bundling import Bundle, Bundling, Signing
from infrastructure.bundle.reading import Asked
from infrastructure.demo.scenes import scenes
from infrastructure.door.caller import EVERYWHERE, Caller
from infrastructure.door.noting import Noting
from infrastructure.evidence.publishing import Publishing
from infrastructure.store import Store
from infrastructure.wiring import Application, application
from tests.infrastructure.evidence.signing_here import ORIGIN, SignsHere

SCENES = scenes()
OPERATOR = Caller(Actor(kind="system", id="operator"), "tests", places=EVERYWHERE)
MARCH = Asked(SCENES.location, date(2026, 3, 1), date(2026, 3, 31), None, SCENES.known_now)


class Dispute:
    """A ledger with the demo's year, and whoever makes bundles of it."""

    def __init__(self, store: Store) -> None:
        self.ledger: Application = application(store)
        self.signer = SignsHere()
        self.publishing = Publishing(store, ORIGIN, self.signer)
        signing = Signing(self.publishing.publish, lambda: self.signer.signer.key)
        self.bundling = Bundling(self.ledger, Noting(store), signing)

    @property
    def vkey(self) -> str:
        """The key by which an auditor checks."""
        return self.signer.signer.key.written()

    def bundle(self, asked: Asked = MARCH, **options: Any) -> Bundle:
        """A bundle, as the operator gets it."""
        return self.bundling.bundle(OPERATOR, asked, **options)


@contextmanager
def disputed(database: str) -> Iterator[Dispute]:
    """The dispute, over a database with the demo's year."""
    with Store(database, patience=60.0) as store:
        yield Dispute(store)
