"""What an operator sets about serving: where it listens, how it is called from outside, whom it trusts as a proxy."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path

from infrastructure.evidence.settings import EvidenceSettings, read_evidence_settings
from infrastructure.webhooks.rules import STRICT, Rules, read_rules

HOST = "ACCESSLEDGER_HOST"
PORT = "ACCESSLEDGER_PORT"
ORIGIN = "ACCESSLEDGER_ORIGIN"
PROXIES = "ACCESSLEDGER_PROXIES"
PLACES = "ACCESSLEDGER_PLACES"
IMPORT_BYTES = "ACCESSLEDGER_IMPORT_BYTES"
USUAL_HOST = "127.0.0.1"
USUAL_PORT = 8765
USUAL_IMPORT_BYTES = 2 << 30


@dataclass(frozen=True, slots=True)
class ServeSettings:
    """Where the server listens and how it is known."""

    host: str = USUAL_HOST
    port: int = USUAL_PORT
    origin: str | None = None
    """As people reach it (`https://ledger.example`); where it listens, unless given."""

    proxies: tuple[str, ...] = ()
    """Addresses whose X-Forwarded-For is believed; nobody's unless listed."""

    import_bytes: int = USUAL_IMPORT_BYTES
    """How much history comes in one request at most; it lies on this machine's disk meanwhile."""

    places: Path | None = None
    """An operator's own database of addresses (.mmdb); none, unless given."""

    webhooks: Rules = STRICT
    """Where webhooks may go."""

    evidence: EvidenceSettings = field(default_factory=EvidenceSettings)
    """Who signs checkpoints, and who witnesses them."""

    @property
    def address(self) -> str:
        """The address that people open, without a slash at its end."""
        if self.origin is not None:
            return self.origin.rstrip("/")
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def secure(self) -> bool:
        """Whether people come over TLS: cookies are then for TLS only."""
        return self.address.startswith("https://")


def read_serve_settings(environment: Mapping[str, str] | None = None) -> ServeSettings:
    """The settings of the environment. ValueError with a sentence when one cannot be."""
    found = os.environ if environment is None else environment
    port = found.get(PORT) or str(USUAL_PORT)
    if not port.isdecimal() or not 0 <= int(port) <= 65_535:
        raise ValueError(f"{PORT} is {port!r}; give a number from 0 to 65535.")
    proxies = tuple(proxy.strip() for proxy in found.get(PROXIES, "").split(",") if proxy.strip())
    for proxy in proxies:
        try:
            ip_network(proxy, strict=False)
        except ValueError:
            raise ValueError(f"{PROXIES} names {proxy!r}; give addresses or networks, with commas between.") from None
    most = found.get(IMPORT_BYTES) or str(USUAL_IMPORT_BYTES)
    if not most.isdecimal():
        raise ValueError(f"{IMPORT_BYTES} is {most!r}; give a number of bytes.")
    host, origin = found.get(HOST) or USUAL_HOST, found.get(ORIGIN) or None
    places = Path(found[PLACES]).expanduser() if found.get(PLACES) else None
    evidence = read_evidence_settings(found)
    return ServeSettings(host, int(port), origin, proxies, int(most), places, read_rules(found), evidence)
