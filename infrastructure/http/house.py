"""What a running server is made of; every route finds its parts here."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from infrastructure.addresses import AddressBook
from infrastructure.bundle.handing_out import HandingOut
from infrastructure.bundle.wiring import bundling_of
from infrastructure.door.commanding import Commanding
from infrastructure.door.doorway import Door, build_door
from infrastructure.door.facts_seen import FactsSeen
from infrastructure.door.keys import Keys
from infrastructure.door.noting import Noting
from infrastructure.door.room import ReadingRoom
from infrastructure.door.secret import secret
from infrastructure.door.sessions import Sessions
from infrastructure.door.settings import read_door_settings
from infrastructure.door.whereabouts import Whereabouts
from infrastructure.erasing.held import Holding
from infrastructure.erasing.held_facts import HeldFacts
from infrastructure.exports.export import Exports
from infrastructure.http.feed_pages import FeedPages
from infrastructure.http.lanes import Lanes
from infrastructure.http.lanes_pulse import Pulse
from infrastructure.http.metrics import Metrics
from infrastructure.http.settings import ServeSettings
from infrastructure.http.streams import Streams
from infrastructure.http.tide import Tide
from infrastructure.http.views import SavedViews
from infrastructure.webhooks.subscriptions import Subscriptions
from infrastructure.wiring import Application


@dataclass(frozen=True)
class House:
    """The ledger, the door and the lanes of one server process."""

    ledger: Application
    room: ReadingRoom
    notes: Noting
    keys: Keys
    sessions: Sessions
    door: Door
    secret: bytes
    settings: ServeSettings
    lanes: Lanes
    pulse: Pulse
    metrics: Metrics
    whereabouts: Whereabouts
    commanding: Commanding
    feed: FeedPages
    tide: Tide
    streams: Streams
    uploads: Streams
    views: SavedViews
    exports: Exports
    bundles: HandingOut
    holding: Holding
    facts: FactsSeen
    webhooks: Subscriptions
    addresses: AddressBook | None


def build_house(ledger: Application, settings: ServeSettings) -> House:
    """The parts of a server over a ledger that is open."""
    notes = Noting(ledger.store)
    connections, pulse, whereabouts = ledger.store.connections, Pulse(ledger.store.last_position), Whereabouts(ledger)
    lanes = Lanes(pulse.is_away)
    room = ReadingRoom(ledger, notes)
    sessions = Sessions(connections)
    return House(
        ledger=ledger,
        room=room,
        notes=notes,
        keys=Keys(connections),
        sessions=sessions,
        door=build_door(ledger, sessions, read_door_settings(), settings.address),
        secret=secret(connections, "http"),
        settings=settings,
        lanes=lanes,
        pulse=pulse,
        metrics=Metrics(lanes),
        whereabouts=whereabouts,
        commanding=Commanding(ledger.desk, whereabouts, notes),
        feed=FeedPages(ledger.store, whereabouts),
        tide=Tide(ledger.store.last_position),
        streams=Streams(),
        uploads=Streams(4, "uploads"),
        views=SavedViews(connections),
        exports=Exports(room, notes, ledger.clock),
        bundles=HandingOut(room, bundling_of(ledger, notes, settings.evidence), ledger.clock),
        holding=Holding(ledger.store, ledger.erasures.persons, HeldFacts(ledger.store, ledger.books), notes.exported),
        facts=FactsSeen(ledger, room, notes),
        webhooks=Subscriptions(connections, settings.webhooks),
        addresses=AddressBook(settings.places) if settings.places is not None else None,
    )


def house_of(request: Request) -> House:
    """The house that a request came to."""
    found = request.app.state.house
    assert isinstance(found, House)
    return found


async def _housed(request: Request) -> House:
    # What a route depends on and does not await would be handed to a thread, at half a millisecond each.
    return house_of(request)


Housed = Annotated[House, Depends(_housed)]
