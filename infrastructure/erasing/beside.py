"""What lies beside the facts about an account: counted before an erasure, removed by it."""

from collections.abc import Mapping
from datetime import datetime

from infrastructure.door.veil import of_device
from infrastructure.postgres.statements import statements
from infrastructure.store.connections import Connections

FORGOTTEN = (
    "forget_questions",
    "forget_pending",
    "forget_sessions",
    "forget_auditors",
    "forget_views",
    "forget_set_ups",
    "forget_second_steps",
    "forget_passkeys",
    "forget_people",
)
"""In the order in which tables name each other."""

_SQL = statements("erasing")


class Beside:
    """The tables of the door and of saved views; safe to share between threads."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def count(self, account: str) -> Mapping[str, int]:
        """How many there are of what; what there is none of is left out."""
        return {what: int(how_many) for what, how_many in self._connections.read(_SQL["beside"], {"account": account})}

    def lone_devices(self, account: str) -> list[str]:
        """The devices from which only this account has come."""
        return [device for (device,) in self._connections.read(_SQL["lone_devices"], (account,))]

    def forget(self, account: str, until: datetime) -> list[str]:
        """Remove what was there by an instant; the subjects of devices that are nobody's now."""
        asked = {"account": account, "until": until}
        with self._connections.take() as connection, connection.transaction():
            for statement in FORGOTTEN:
                connection.execute(_SQL[statement], asked)
            devices = [device for (device,) in connection.execute(_SQL["forget_devices_of"], asked)]
            gone = [device for (device,) in connection.execute(_SQL["forget_devices"], (devices,))]
        return [of_device(device) for device in gone]
