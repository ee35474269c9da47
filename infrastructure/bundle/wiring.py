"""Puts the making of bundles together: over a ledger, with the signer that the settings name."""

from infrastructure.bundle.bundling import Bundling, Notes, Signing
from infrastructure.evidence.settings import EvidenceSettings
from infrastructure.evidence.wiring import publishing_of
from infrastructure.signing.asking import SignerClient
from infrastructure.wiring import Application


def bundling_of(ledger: Application, notes: Notes, settings: EvidenceSettings) -> Bundling:
    """What makes bundles of a ledger; without a signer it makes unsigned ones alone."""
    publishing = publishing_of(ledger.store, settings)
    if publishing is None or settings.signer is None:
        return Bundling(ledger, notes, None)
    pinned, signer = settings.key, SignerClient(settings.signer)
    key = signer.key if pinned is None else lambda: pinned
    return Bundling(ledger, notes, Signing(publishing.publish, key))
