"""Devices that the door has named itself: by a signed cookie, with what they say of themselves kept as claims."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from itsdangerous import BadSignature, Signer

from domain import canonical
from infrastructure.devices import NAMED_BY, device_name
from infrastructure.door.veil import Veil, of_device
from infrastructure.postgres.statements import statements
from infrastructure.store.connections import Connections

LASTS = timedelta(days=365)
"""How long a browser keeps the name it was given."""

HINTS = ("Sec-CH-UA-Platform", "Sec-CH-UA-Platform-Version", "Sec-CH-UA-Model", "Sec-CH-UA-Full-Version-List")
"""What browsers tell when they are asked: newer ones leave these out of the user agent."""

_SQL = statements("devices")
_ID_BYTES = 10


@dataclass(frozen=True, slots=True)
class KnownDevice:
    """A device as the door knows it."""

    id: str
    user_agent: str | None
    hints: Mapping[str, str]
    name: str | None
    named_by: str
    """What worked the name out, with its version: names of other versions may differ."""

    first_seen_at: datetime
    last_seen_at: datetime


class Devices:
    """The devices of a ledger's people; safe to share between threads."""

    def __init__(self, connections: Connections, key: bytes) -> None:
        self._connections = connections
        self._veil = Veil(connections)
        self._signer = Signer(key, salt="device")

    def new(self) -> str:
        """The id of a device that comes for the first time."""
        return f"dev-{secrets.token_hex(_ID_BYTES)}"

    def signed(self, device: str) -> str:
        """The id as a cookie carries it."""
        return self._signer.sign(device).decode()

    def read(self, cookie: str) -> str | None:
        """The id that a cookie of ours carries; None when it is not ours."""
        try:
            return self._signer.unsign(cookie).decode()
        except (BadSignature, UnicodeError):
            return None

    def see(self, device: str, user_agent: str | None, hints: Mapping[str, str]) -> None:
        """Write down what a device says of itself."""
        name, whose = device_name(user_agent, hints.get("Sec-CH-UA-Model")) if user_agent else None, of_device(device)
        known = self.find(device)
        told = {**(known.hints if known is not None else {}), **hints}
        with self._connections.take() as connection:
            connection.execute(
                _SQL["see_device"],
                {
                    "id": device,
                    "user_agent": self._veil.over(whose, user_agent),
                    "hints": self._veil.over(whose, canonical.write(told).decode() if told else None),
                    "name": self._veil.over(whose, name),
                    "named_by": NAMED_BY,
                },
            )

    def is_new_to(self, account: str, device: str) -> bool:
        """Whether the account comes from this device for the first time; from then on it does not."""
        with self._connections.take() as connection:
            return connection.execute(_SQL["see_device_of"], (account, device)).fetchone() is not None

    def is_of(self, account: str, device: str | None) -> bool:
        """Whether the account came from this device before."""
        return bool(self._connections.read(_SQL["device_of"], (account, device)))

    def find(self, device: str) -> KnownDevice | None:
        """What is known of a device; None when the door has not named it."""
        found = self._connections.read(_SQL["device"], (device,))
        if not found:
            return None
        _, *veiled, named_by, first_seen_at, last_seen_at = found[0]
        agent, hints, name = self._veil.all_under([(of_device(device), text) for text in veiled])
        told = canonical.read(hints) if hints is not None else {}
        return KnownDevice(device, agent, told, name, named_by, first_seen_at, last_seen_at)

    def names(self, devices: Iterable[str]) -> dict[str, str]:
        """The readable names of devices, of those that have one."""
        rows = self._connections.read(_SQL["devices"], (sorted(set(devices)),))
        names = self._veil.all_under([(of_device(device), name) for device, name in rows])
        return {device: name for (device, _), name in zip(rows, names, strict=True) if name is not None}
