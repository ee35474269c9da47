"""What an operator sets about the evidence: the log's name, where the signer listens, and which witnesses see it."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from domain.evidence.notes import COSIGNATURE, Key, NoteError, read_key

ORIGIN = "ACCESSLEDGER_ORIGIN_OF_LOG"
SIGNER = "ACCESSLEDGER_SIGNER"
LOG_KEY = "ACCESSLEDGER_LOG_KEY"
WITNESSES = "ACCESSLEDGER_WITNESSES"
_ORIGIN = re.compile(r"[^\s+]{1,200}")


@dataclass(frozen=True, slots=True)
class WitnessAddress:
    """One witness: where it is asked, and whose signature it has to be."""

    url: str
    key: Key


@dataclass(frozen=True, slots=True)
class EvidenceSettings:
    """Without a signer the trees grow and nothing is signed."""

    origin: str | None = None
    signer: Path | None = None
    """The signer's socket."""

    key: Key | None = None
    """The log's public key, pinned: a signer with another one is not believed."""

    witnesses: tuple[WitnessAddress, ...] = ()


def read_evidence_settings(environment: Mapping[str, str] | None = None) -> EvidenceSettings:
    """The settings of the environment. ValueError with a sentence when one cannot be."""
    found = os.environ if environment is None else environment
    origin = found.get(ORIGIN) or None
    if origin is not None and not _ORIGIN.fullmatch(origin):
        raise ValueError(f"{ORIGIN} is {origin!r}; give a name without spaces or +, like ledger.example/salon-1.")
    signer = Path(found[SIGNER]).expanduser() if found.get(SIGNER) else None
    key = _key(LOG_KEY, found[LOG_KEY]) if found.get(LOG_KEY) else None
    witnesses = tuple(_witness(each) for each in found.get(WITNESSES, "").split())
    return EvidenceSettings(origin, signer, key, witnesses)


def _witness(text: str) -> WitnessAddress:
    url, _, vkey = text.partition("=")
    if urlsplit(url).scheme not in {"http", "https"} or not vkey:
        raise ValueError(f"{WITNESSES} names {text!r}; write each as URL=VKEY, with spaces between several.")
    key = _key(WITNESSES, vkey)
    if key.algorithm != COSIGNATURE:
        raise ValueError(f"{WITNESSES}: the key of {key.name} is not a witness's; give the one that `witness` prints.")
    return WitnessAddress(url, key)


def _key(name: str, vkey: str) -> Key:
    try:
        return read_key(vkey)
    except NoteError as error:
        raise ValueError(f"{name}: {error}.") from None
