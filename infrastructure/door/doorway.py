"""The door of a server, put together: the ways in for people, their devices, and links for auditors."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from infrastructure.door.apps import Apps
from infrastructure.door.attesting import Attesting
from infrastructure.door.challenges import Challenges
from infrastructure.door.codes import Codes
from infrastructure.door.devices import Devices
from infrastructure.door.letters import Letters
from infrastructure.door.limits import Limits
from infrastructure.door.links import Links
from infrastructure.door.openid import OpenId
from infrastructure.door.passkeys import Passkeys
from infrastructure.door.pending import Waiting
from infrastructure.door.people import People
from infrastructure.door.second_steps import SecondSteps
from infrastructure.door.secret import secret
from infrastructure.door.sessions import Sessions
from infrastructure.door.settings import DoorSettings
from infrastructure.door.sign_ins import SignIns
from infrastructure.wiring import Application

_LOOPBACK = frozenset({"127.0.0.1", "::1"})


@dataclass(frozen=True)
class Door:
    """The ways in."""

    sign_ins: SignIns
    attesting: Attesting
    people: People
    steps: SecondSteps
    apps: Apps
    passkeys: Passkeys
    devices: Devices
    waiting: Waiting
    links: Links
    openid: OpenId | None


def build_door(ledger: Application, sessions: Sessions, settings: DoorSettings, address: str) -> Door:
    """The door of a server that people reach at an address."""
    connections = ledger.store.connections
    challenges, people, waiting = Challenges(connections), People(connections), Waiting(connections)
    steps, attesting = SecondSteps(connections), Attesting(ledger.desk)
    codes = None
    if settings.smtp is not None:
        letters = Letters(settings.smtp, settings.sender or f"accessledger@{urlsplit(address).hostname}")
        codes = Codes(challenges, letters, secret(connections, "codes"))
    apps = Apps(connections, challenges, steps, ledger.store.now)
    passkeys = Passkeys(connections, challenges, passkey_origin(address))
    devices = Devices(connections, secret(connections, "device"))
    openid = OpenId(settings.provider, challenges, address, ledger.store.now) if settings.provider else None
    sign_ins = SignIns(Limits(connections), people, waiting, steps, codes, apps, passkeys, devices, sessions, attesting)
    return Door(sign_ins, attesting, people, steps, apps, passkeys, devices, waiting, Links(connections), openid)


def passkey_origin(address: str) -> str:
    """Where passkeys are good: the address; on this machine under its name, as browsers take no number for a site."""
    parts = urlsplit(address)
    if parts.hostname not in _LOOPBACK:
        return address
    return f"{parts.scheme}://localhost" + (f":{parts.port}" if parts.port is not None else "")
