"""Who is at the other end of a unix socket, as the kernel says, and whether the signer talks to them."""

import os
import socket
import struct
from dataclasses import dataclass

_CREDENTIALS = struct.Struct("3i")
_PEER_GROUPS = 59  # SO_PEERGROUPS, which Python has no name for
_MOST_BYTES = 1024  # more groups than anybody has; Python takes no larger answer


@dataclass(frozen=True, slots=True)
class Peer:
    """A process, its user and its groups."""

    process: int
    user: int
    groups: frozenset[int]

    def written(self) -> str:
        """For a line of a log."""
        return f"user {self.user} (process {self.process})"


def peer_of(connection: socket.socket) -> Peer:
    """Who connected. OSError when the kernel does not say."""
    raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    process, user, group = _CREDENTIALS.unpack(raw)
    more = connection.getsockopt(socket.SOL_SOCKET, _PEER_GROUPS, _MOST_BYTES)
    return Peer(process, user, frozenset({group, *struct.unpack(f"{len(more) // 4}I", more)}))


def welcome(peer: Peer, group: int | None) -> bool:
    """Whether a peer may ask: root, the signer's own user, and the group, if there is one."""
    return peer.user in {0, os.geteuid()} or (group is not None and group in peer.groups)
