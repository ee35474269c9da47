"""Puts the evidence together from settings: a signer to ask, witnesses to show it to."""

from collections.abc import Callable

from domain.evidence.notes import Key
from infrastructure.evidence.publishing import Publishing, Witnesses
from infrastructure.evidence.settings import EvidenceSettings
from infrastructure.signing.asking import SignerClient
from infrastructure.store import Store
from infrastructure.witness.asking import WitnessClient


def publishing_of(
    store: Store, settings: EvidenceSettings, complain: Callable[[str], None] = lambda _sentence: None
) -> Publishing | None:
    """What publishes checkpoints of a ledger; None where no signer is set."""
    if settings.signer is None:
        return None
    signer = SignerClient(settings.signer, _pinned(settings))
    witnesses: list[Witnesses] = [WitnessClient(each.url, each.key) for each in settings.witnesses]
    return Publishing(store, settings.origin, signer, witnesses, complain)


def _pinned(settings: EvidenceSettings) -> tuple[Key, ...]:
    return (settings.key,) if settings.key is not None else ()
