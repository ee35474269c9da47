"""The second steps of people: which they have set up, which they are asked for, and that one always remains."""

from infrastructure.door.attesting import Channel
from infrastructure.door.people import PeopleError
from infrastructure.door.veil import Veil, of_account
from infrastructure.postgres.statements import statements
from infrastructure.store.connections import Connections

_SQL = statements("people")


class SecondSteps:
    """The second steps of a ledger's people; safe to share between threads."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._veil = Veil(connections)

    def of(self, account: str) -> tuple[Channel, ...]:
        """The channels that a person has set up."""
        return tuple(channel for (channel,) in self._connections.read(_SQL["second_steps"], (account,)))

    def add(self, account: str, channel: Channel, *, secret: str | None = None, last_used: int | None = None) -> None:
        """Set up a channel; a new authenticator app takes the place of the one before."""
        veiled = self._veil.over(of_account(account), secret)
        given = {"account": account, "channel": channel, "secret": veiled, "last_used": last_used}
        with self._connections.take() as connection:
            connection.execute(_SQL["add_second_step"], given)

    def check_another(self, account: str, channel: Channel) -> None:
        """PeopleError when this is the only channel: nobody signs in without a second step."""
        if set(self.of(account)) <= {channel}:
            raise PeopleError("This is your only second step. Set up another one first, then remove this one.")

    def drop(self, account: str, channel: Channel) -> bool:
        """Take a channel away; False when it was not there."""
        with self._connections.take() as connection:
            return connection.execute(_SQL["drop_second_step"], (account, channel)).fetchone() is not None

    def drop_all(self, account: str) -> tuple[Channel, ...]:
        """Take all channels away, for somebody who has lost them; which those were."""
        with self._connections.take() as connection, connection.transaction():
            connection.execute(_SQL["drop_all_passkeys"], (account,))
            found = connection.execute(_SQL["drop_all_second_steps"], (account,)).fetchall()
        return tuple(sorted(channel for (channel,) in found))
