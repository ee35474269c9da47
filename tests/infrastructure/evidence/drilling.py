"""A ledger with signed checkpoints, and the ways in which somebody who owns the database tampers with it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import uuid4

from domain.evidence.leaves import fact_leaf
from domain.evidence.notes import read_checkpoint
from domain.evidence.trees import leaf_hash
from infrastructure.evidence import growing
from infrastructure.evidence.growing import Growing
from infrastructure.evidence.publishing import Publishing
from infrastructure.store import NewRow, Store
from infrastructure.verification.evidence import EvidenceVerified, Trusted, verify_evidence
from infrastructure.verification.signed import Held
from tests.infrastructure.evidence.signing_here import ORIGIN, SignsHere
from tests.infrastructure.evidence.tampering import as_superuser
from tests.infrastructure.store.making import row
from tests.infrastructure.store.servers import Server

ROUNDS = 4
"""Each takes in two facts of L1, one of L2, an observation of L1 and one about terms: positions 1 to 5, 6 to 10, ..."""

OF_L2 = 8
"""The one fact of L2 of the second round."""

_WIPED = (
    "TRUNCATE evidence.runs, evidence.tiles, evidence.events_told, evidence.cosignatures, evidence.checkpoints,"
    " evidence.growths, evidence.heads CASCADE"
)


def entry(position: int) -> str:
    """The entry at a position, in SQL."""
    return f"(SELECT entry FROM ledger.positions WHERE position = {position})"


@dataclass
class Drill:
    """A ledger, its signer, and what a verification of it trusts."""

    store: Store
    signer: SignsHere
    published: list[str]
    """The notes of all checkpoints, the oldest first."""

    @contextmanager
    def copied(self, server: Server) -> Iterator["Drill"]:
        """A copy of the database as it is, with a signer that remembers as much; nobody else may be connected."""
        ((name,),) = self.store.connections.read(b"SELECT current_database()")
        self.store.close()
        copy = f"copy_{uuid4().hex}"
        server.execute(f"CREATE DATABASE {copy} TEMPLATE {name}")
        self.store = Store(server.url(name))
        other = SignsHere()
        other.signer, other.notes = self.signer.signer, list(self.signer.notes)
        try:
            with Store(server.url(copy)) as store:
                yield Drill(store, other, list(self.published))
        finally:
            self.store.close()
            server.execute(f"DROP DATABASE {copy} WITH (FORCE)")

    def tamper(self, statement: str) -> None:
        """What a superuser does, guards off and on again."""
        as_superuser(self.store, statement)

    def publish(self) -> None:
        """Let the ledger grow and have it signed."""
        found = Publishing(self.store, ORIGIN, self.signer).publish()
        assert found is not None
        self.published.append(found.note)

    def verified(self, trusted: Trusted | None = None, *, since: bool = False) -> EvidenceVerified:
        """A verification, by the pinned key unless told otherwise."""
        return verify_evidence(self.store.connections.conninfo, trusted or self.trusted(), since=since)

    def trusted(self, *held: str) -> Trusted:
        """The pinned key, and checkpoints that others hold."""
        return Trusted(keys=(self.signer.signer.key,), origin=ORIGIN, held=[Held("an auditor", note) for note in held])


def begun(store: Store) -> Drill:
    """A ledger of four rounds, each published."""
    drill = Drill(store, SignsHere(), [])
    for nth in range(ROUNDS):
        store.append(round_of(store, nth))
        drill.publish()
    return drill


def round_of(store: Store, nth: int) -> list[NewRow]:
    """The facts of one round, recorded now."""
    now = store.now()
    return [
        _at(row("location:L1", 2 * nth + 1, body=b'{"a":1}', personal=b"[1]"), now),
        _at(row("location:L1", 2 * nth + 2, body=f'{{"a":"{uuid4().hex}"}}'.encode()), now),
        _at(row("location:L2", nth + 1), now),
        _at(row("observations:L1", body=b'{"seen":1}', personal=b"[2]"), now),
        _at(row("terms", nth + 1), now),
    ]


def _at(made: NewRow, at: datetime) -> NewRow:
    return replace(made, recorded_at=at, effective_at=at)


def leaf_rewritten(drill: Drill, position: int) -> None:
    """A payload edited, and its leaf made to fit."""
    drill.tamper(f"UPDATE ledger.entries SET body = body || ' ' WHERE id = {entry(position)}")
    with drill.store.connections.take() as connection:
        body, personal, decides = connection.execute(
            f"SELECT body, personal, version IS NOT NULL FROM ledger.entries WHERE id = {entry(position)}", binary=True
        ).fetchall()[0]
    made = leaf_hash(fact_leaf(body, personal, position, decides=decides).written())
    drill.tamper(
        f"UPDATE evidence.runs SET hashes = overlay(hashes PLACING '\\x{made.hex()}'::bytea"
        f" FROM (array_position(positions, {position}) - 1) * 32 + 1) WHERE {position} = ANY(positions)"
    )


def everything_rewritten(drill: Drill) -> None:
    """A payload edited, all trees made anew round by round, and signed by the same key as if nothing had been."""
    drill.tamper(f"UPDATE ledger.entries SET body = body || ' ' WHERE id = {entry(7)}")
    drill.tamper(_WIPED)
    usual, growing.BATCH = growing.BATCH, 5
    try:
        Growing(drill.store).grow()
    finally:
        growing.BATCH = usual
    again = SignsHere()
    again.signer = drill.signer.signer
    found = Publishing(drill.store, ORIGIN, again).publish()
    assert found is not None


def put_in(drill: Drill, position: int) -> None:
    """A row put in among the others; those after it move on by one."""
    drill.store.append([_at(row("observations:L1"), drill.store.now())])
    last = drill.store.sequence()
    drill.tamper(
        f"UPDATE ledger.positions SET position = -position WHERE position >= {position};"
        f" UPDATE ledger.positions SET position = CASE -position WHEN {last} THEN {position} ELSE -position + 1 END"
        " WHERE position < 0"
    )


def dated_back(drill: Drill) -> None:
    """A row that says it was there three days before it came."""
    drill.store.append([_at(row("observations:L1"), drill.store.now() - timedelta(days=3))])
    drill.publish()


def shortened(drill: Drill) -> None:
    """The log as it was a round ago; what came last was never there."""
    before = read_checkpoint(drill.published[-2].split("\n\n")[0] + "\n").size
    drill.tamper(
        "TRUNCATE evidence.cosignatures;"
        f" DELETE FROM evidence.checkpoints WHERE size > {before}; DELETE FROM evidence.growths WHERE size > {before};"
        f" DELETE FROM evidence.events_told WHERE index >= {before};"
        f" DELETE FROM evidence.heads WHERE index >= {before};"
        f" DELETE FROM evidence.runs WHERE last_position > {5 * (ROUNDS - 1)}"
    )


def retirement_faked(drill: Drill, position: int) -> None:
    """A row deleted, and written down as one that was dropped after its term."""
    drill.tamper(
        "INSERT INTO ledger.dropped (position, entry, retirement, fact, location, stream, body, personal)"
        f" SELECT {position}, e.id, 1, e.fact, e.location, e.stream, sha256(e.body), sha256(e.personal)"
        f" FROM ledger.entries AS e WHERE e.id = {entry(position)};"
        f" DELETE FROM ledger.entries WHERE id = {entry(position)}"
    )


Tamper = Callable[[Drill], None]


def sql(statement: str) -> Tamper:
    """A tampering that is one statement."""
    return lambda drill: drill.tamper(statement)
