"""What a verification trusts: the pinned key, the witnesses' keys, and what the signer and others hold of the log."""

from collections.abc import Sequence

from infrastructure.evidence.settings import EvidenceSettings
from infrastructure.signing.asking import SignerClient, SignerError
from infrastructure.verification.evidence import Trusted
from infrastructure.verification.signed import Held


def trusted_of(settings: EvidenceSettings, held: Sequence[Held] = ()) -> tuple[Trusted, list[str]]:
    """What settings and held checkpoints say, with the signer's last one; and why that is not to be had, if so."""
    complaints: list[str] = []
    pinned = (settings.key,) if settings.key is not None else ()
    found = list(held)
    if settings.signer is not None:
        try:
            last = SignerClient(settings.signer, pinned).last()
            if last is not None:
                found.append(Held("the signer", last.written()))
        except SignerError as error:
            complaints.append(f"What the signer holds was not compared: {error}.")
    witnesses = tuple(each.key for each in settings.witnesses)
    return Trusted(keys=pinned, witnesses=witnesses, origin=settings.origin, held=tuple(found)), complaints
