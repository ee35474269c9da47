"""The one composition root: settings in, a running ledger out."""

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache

import psycopg
from psycopg.conninfo import conninfo_to_dict

from domain.authority import CORRECT, Authority, usual_authority
from domain.catalogue import Catalogue
from domain.facts import Actor
from infrastructure.books import Books
from infrastructure.catalogues import shipped_catalogues
from infrastructure.desk import Desk
from infrastructure.door.veiling import veil_the_door
from infrastructure.embedded import EmbeddedServer
from infrastructure.erasing.erasures import Erasures
from infrastructure.erasing.falling_due import record_again
from infrastructure.erasing.remembered import ErasureList, list_of
from infrastructure.importing import Importer
from infrastructure.kept.kept import Kept
from infrastructure.kept.projector import KeptOutdatedError, Projector
from infrastructure.kept.rows import KeptTablesDifferError
from infrastructure.sealing.places import place_of_keys
from infrastructure.sealing.sealing import Sealing, open_sealing
from infrastructure.settings import Settings
from infrastructure.store import LedgerUnavailable, Store, StoreError, migrate

FEW = 2_000
"""Facts that a question may wait for to be kept; a fold of one location does not cost more."""


@dataclass(frozen=True)
class Application:
    """The parts of a running ledger, each over the same store."""

    store: Store
    catalogues: Mapping[int, Catalogue]
    desk: Desk
    importer: Importer
    clock: Callable[[], datetime]
    kept: Kept
    projector: Projector
    erasures: Erasures

    def books(self, position: int | None = None) -> Books:
        """The books at a position, by default the last settled one; looked up where that is kept, else folded."""
        opening = self.kept.opening()
        now = opening.now if self.clock == self.store.now else self.clock()
        books = Books(self.store, self.catalogues, position=position, settled=opening.last, now=now, kept=self.kept)
        # Whoever asks first after a few new facts brings what is kept forward; many are left to others.
        if 0 < books.position - opening.kept_to <= FEW or opening.to_be_kept_again:
            with suppress(KeptOutdatedError, KeptTablesDifferError):
                self.projector.bring_forward(books.position)
        return books


@contextmanager
def open_ledger(
    settings: Settings, *, clock: Callable[[], datetime] | None = None, connections: int = 10
) -> Iterator[Application]:
    """Start what has to run, bring the schema up to date, and give the parts; all is closed at the end.

    `clock` is the ledger's own, for tests; the database's unless given. `connections` are taken at most.
    EmbeddedServerError or LedgerUnavailable when there is no database to be had, WrappingKeyError (a StoreError) when
    the keys of personal fields cannot be used, StoreError when the database gives out in the middle.
    """
    with ExitStack() as stack:
        url, server = settings.database_url, None
        if url is None:
            server = EmbeddedServer(settings.home)
            stack.enter_context(server)
            url = server.url()
        _check_address(url)
        _check_address(settings.keys_url or url)
        try:
            migrate(url)
            sealing = open_sealing(place_of_keys(settings, url, server))
            stack.callback(sealing.close)
            store = stack.enter_context(Store(url, connections=connections, sealing=sealing))
        except psycopg.Error as error:
            raise LedgerUnavailable(
                f"The database cannot be used: {_plain(error)}. Check its address, that it runs, and who may enter."
            ) from error
        try:
            listed = list_of(store, settings.home)
            parts = application(store, clock=clock, correcting_keys=settings.correcting_keys, listed=listed)
            forget_again(parts)
            yield parts
        except psycopg.Error as error:
            raise StoreError(
                f"The database gave out: {_plain(error)}. What was not confirmed, ask for again."
            ) from error


def _check_address(url: str) -> None:
    """LedgerUnavailable when this is no address at all. It is not repeated: a password may be in it."""
    try:
        conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        raise LedgerUnavailable(
            "This is not the address of a PostgreSQL database; write it like postgresql://user@host:5432/name."
        ) from None


def _plain(error: psycopg.Error) -> str:
    """What the database said, in one line."""
    return str(error).strip().partition("\n")[0].rstrip(".") or type(error).__name__


def forget_again(parts: Application) -> None:
    """Before anything is read: veil what is plain at the door, and do again the erasures that a restore has undone."""
    veil_the_door(parts.store.connections)
    record_again(parts.desk, parts.erasures.replay())


def application(
    store: Store,
    *,
    clock: Callable[[], datetime] | None = None,
    correcting_keys: frozenset[str] = frozenset(),
    listed: ErasureList | None = None,
) -> Application:
    """The parts of a ledger over a store that is open and migrated; `listed` is the list of its erasures."""
    catalogues = shipped_catalogues()
    now = clock if clock is not None else store.now
    boundary = store.connections.boundary
    keys = boundary.store if isinstance(boundary, Sealing) else None
    erasures = Erasures(store, catalogues, keys=keys, listed=listed)
    parts = Application(
        store=store,
        catalogues=catalogues,
        desk=Desk(store, catalogues, clock=now, authority_of=_authority_with(correcting_keys), erasing=erasures),
        importer=Importer(store, catalogues, clock=now),
        clock=now,
        kept=Kept(store, catalogues),
        projector=Projector(store, catalogues),
        erasures=erasures,
    )
    _stay()
    return parts


_OLD = 100
"""Collections of younger objects before one of all of them; Python begins with 10."""


@cache
def _stay() -> None:
    """What is there by now stays: looking through it for cycles, once in a hundred answers, took 25 ms of one.

    What is remembered later is looked through more seldom than Python would: 20,000 objects take 5 ms.
    """
    gc.freeze()
    young, older, _ = gc.get_threshold()
    gc.set_threshold(young, older, _OLD)


def _authority_with(correcting_keys: frozenset[str]) -> Callable[[Actor], Authority]:
    def authority_of(actor: Actor) -> Authority:
        usual = usual_authority(actor)
        if actor.kind != "person" and actor.id in correcting_keys:
            return replace(usual, commands=usual.commands | {CORRECT})
        return usual

    return authority_of
