"""The demo's dispute as a bundle: a ledger with its year, a signer in this process, an operator who asks."""

from datetime import date
from typing import Any

from domain import canonical
from domain.facts import Actor
from infrastructure.bundle.archive import unpack
from infrastructure.bundle.bundling import Bundle, Bundling, Signing
from infrastructure.bundle.checking import check, trust_in
from infrastructure.bundle.findings import Report
from infrastructure.bundle.own import own
from infrastructure.bundle.reading import Asked
from infrastructure.demo.scenes import scenes
from infrastructure.door.caller import EVERYWHERE, Caller
from infrastructure.door.noting import Noting
from infrastructure.evidence.publishing import Publishing
from infrastructure.wiring import Application
from tests.infrastructure.evidence.signing_here import ORIGIN, SignsHere

SCENES = scenes()
OPERATOR = Caller(Actor(kind="system", id="operator"), "tests", places=EVERYWHERE)
MARCH = Asked(SCENES.location, date(2026, 3, 1), date(2026, 3, 31), None, SCENES.known_now)


class Dispute:
    """A ledger with the demo's year, and whoever makes bundles of it."""

    def __init__(self, ledger: Application) -> None:
        self.ledger = ledger
        self.signer = SignsHere()
        self.publishing = Publishing(ledger.store, ORIGIN, self.signer)
        signing = Signing(self.publishing.publish, lambda: self.signer.signer.key)
        self.bundling = Bundling(ledger, Noting(ledger.store), signing)

    @property
    def vkey(self) -> str:
        """The key by which an auditor checks."""
        return self.signer.signer.key.written()

    def bundle(self, asked: Asked = MARCH, **options: Any) -> Bundle:
        """A bundle, as the operator gets it."""
        return self.bundling.bundle(OPERATOR, asked, **options)

    def checked(self, data: bytes, earlier: bytes | None = None) -> Report:
        """What an auditor finds."""
        return check(data, trust_in(self.vkey, earlier=earlier), own())


def answers_of(data: bytes) -> dict[str, Any]:
    """The answers in a bundle."""
    found: dict[str, Any] = canonical.read(unpack(data)["answers.json"])
    return found
