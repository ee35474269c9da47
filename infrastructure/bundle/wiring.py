"""Puts the making of bundles together: over a ledger, with the signer and the witnesses that the settings name."""

from collections.abc import Callable
from dataclasses import dataclass

from domain.evidence.notes import Key, Note, Signature
from infrastructure.bundle.bundling import Bundling, Notes, Signing
from infrastructure.evidence.publishing import Publishing, Witnesses
from infrastructure.evidence.settings import EvidenceSettings
from infrastructure.signing.asking import SignerClient
from infrastructure.wiring import Application
from infrastructure.witness.asking import cosign


@dataclass(slots=True)
class _AskedOnce:
    """A witness, with no connection that stays open: bundles are made now and then."""

    name: str
    url: str
    key: Key

    def cosign(self, note: Note, prove: Callable[[int], list[bytes]]) -> Signature:
        """Its line for a checkpoint."""
        return cosign(self.url, note, self.key, prove)


def bundling_of(ledger: Application, notes: Notes, settings: EvidenceSettings) -> Bundling:
    """What makes bundles of a ledger; without a signer it makes unsigned ones alone."""
    if settings.signer is None:
        return Bundling(ledger, notes, None)
    pinned = settings.key
    signer = SignerClient(settings.signer, (pinned,) if pinned is not None else ())
    witnesses: list[Witnesses] = [_AskedOnce(each.key.name, each.url, each.key) for each in settings.witnesses]
    publishing = Publishing(ledger.store, settings.origin, signer, witnesses)
    return Bundling(ledger, notes, Signing(publishing.publish, signer.key if pinned is None else lambda: pinned))
