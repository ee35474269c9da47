"""Somebody who owns the database tampers with it: every drill is found, by the check and where it says."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from domain.evidence.notes import Checkpoint
from infrastructure.evidence.growing import EvidenceLostError, Growing
from infrastructure.evidence.publishing import Publishing
from infrastructure.signing.asking import SignerRefusedError
from infrastructure.store import Store
from infrastructure.verification.evidence import Trusted
from infrastructure.verification.faults import Faults
from infrastructure.verification.remembered import last_sound, remember
from infrastructure.verification.signed import Held
from infrastructure.witness.asking import WitnessClient
from tests.infrastructure.evidence.drilling import (
    OF_L2,
    ROUNDS,
    Drill,
    Tamper,
    begun,
    dated_back,
    entry,
    everything_rewritten,
    leaf_rewritten,
    put_in,
    retirement_faked,
    round_of,
    shortened,
    sql,
)
from tests.infrastructure.evidence.signing_here import ORIGIN, SignsHere
from tests.infrastructure.signing.processes import signing, witnessing
from tests.infrastructure.store.making import rows
from tests.infrastructure.store.servers import Server

SWAPPED = """
    UPDATE ledger.positions AS p SET entry = -q.entry FROM ledger.positions AS q
        WHERE q.position = 13 - p.position AND p.position IN (6, 7);
    UPDATE ledger.positions SET entry = -entry WHERE entry < 0
"""
DRILLS: dict[str, tuple[Tamper, set[str], int | None]] = {
    "a payload edited": (sql(f"UPDATE ledger.entries SET body = body || ' ' WHERE id = {entry(7)}"), {"head"}, 7),
    "personal fields edited": (sql(f"UPDATE ledger.entries SET personal = '[3]' WHERE id = {entry(6)}"), {"head"}, 6),
    "personal fields taken away": (
        sql(f"UPDATE ledger.entries SET personal = NULL WHERE id = {entry(6)}"),
        {"head"},
        6,
    ),
    "a payload edited and its leaf with it": (partial(leaf_rewritten, position=OF_L2), {"head"}, OF_L2),
    "a row moved to another place": (
        sql(f"UPDATE ledger.entries SET location = 'L2' WHERE id = {entry(7)}"),
        {"head"},
        7,
    ),
    "an observation that decides": (
        sql(f"UPDATE ledger.entries SET version = 9, stream = 'location:L1' WHERE id = {entry(9)}"),
        {"head"},
        9,
    ),
    "a row deleted": (sql(f"DELETE FROM ledger.entries WHERE id = {entry(7)}"), {"rows", "head"}, 7),
    "a row deleted with its position": (
        sql(f"DELETE FROM ledger.entries WHERE id = {entry(7)}; DELETE FROM ledger.positions WHERE position = 7"),
        {"rows", "head"},
        7,
    ),
    "the last row deleted with its position": (
        sql(
            f"DELETE FROM ledger.entries WHERE id = {entry(5 * ROUNDS)};"
            f" DELETE FROM ledger.positions WHERE position = {5 * ROUNDS}"
        ),
        {"rows", "head"},
        5 * ROUNDS,
    ),
    "a row put in among the others": (partial(put_in, position=7), {"head"}, 7),
    "a row dated back": (dated_back, {"times"}, 5 * ROUNDS + 1),
    "two positions exchanged": (sql(SWAPPED), {"head"}, 6),
    "a kept leaf replaced": (
        sql(
            "UPDATE evidence.runs SET hashes = set_byte(hashes, 0, (get_byte(hashes, 0) + 1) % 256)"
            f" WHERE positions[1] = {OF_L2}"
        ),
        {"leaves"},
        OF_L2,
    ),
    "kept leaves taken away": (sql(f"DELETE FROM evidence.runs WHERE positions[1] = {OF_L2}"), {"leaves"}, OF_L2),
    "positions of kept leaves exchanged": (
        sql(
            "UPDATE evidence.runs SET positions = ARRAY[7, 6] || positions[3:]"
            " WHERE positions[1:2] = ARRAY[6, 7]::int8[]"
        ),
        {"leaves"},
        6,
    ),
    "a head replaced": (
        sql(
            "UPDATE evidence.heads SET leaf = convert_to(regexp_replace(convert_from(leaf, 'UTF8'), '\"root\":\"..',"
            " '\"root\":\"00'), 'UTF8') WHERE index = (SELECT max(index) FROM evidence.heads)"
        ),
        {"head", "log", "checkpoint"},
        None,
    ),
    "a head deleted": (
        sql("DELETE FROM evidence.heads WHERE index = (SELECT max(index) FROM evidence.heads)"),
        {"head", "log", "checkpoint"},
        None,
    ),
    "the edge of a head replaced": (
        sql(
            "UPDATE evidence.heads SET edge = set_byte(edge, 0, (get_byte(edge, 0) + 1) % 256)"
            " WHERE index = (SELECT max(index) FROM evidence.heads)"
        ),
        {"edge"},
        None,
    ),
    "the edge of the log replaced": (
        sql(
            "UPDATE evidence.growths SET edge = set_byte(edge, 0, (get_byte(edge, 0) + 1) % 256)"
            " WHERE size = (SELECT max(size) FROM evidence.growths)"
        ),
        {"log"},
        None,
    ),
    "a checkpoint of another log": (
        sql(
            "UPDATE evidence.checkpoints AS c SET note = (SELECT o.note FROM evidence.checkpoints AS o"
            " ORDER BY o.size LIMIT 1) WHERE c.size = (SELECT max(size) FROM evidence.checkpoints)"
        ),
        {"checkpoint"},
        None,
    ),
    "a signature replaced": (
        sql(
            "UPDATE evidence.checkpoints SET note = regexp_replace(note, '.....\\n$', 'AAA==' || chr(10))"
            " WHERE size = (SELECT max(size) FROM evidence.checkpoints)"
        ),
        {"signature"},
        None,
    ),
    "a retirement faked": (partial(retirement_faked, position=9), {"retired"}, 9),
}


@pytest.fixture
def drill(store: Store) -> Drill:
    """Four rounds of facts, each with a signed checkpoint."""
    return begun(store)


def test_what_nobody_tampered_with_is_sound(drill: Drill) -> None:
    found = drill.verified()
    assert found.faults == ()
    assert (found.position, found.covered) == (5 * ROUNDS, 5 * ROUNDS)
    assert found.signed == len(drill.published) == ROUNDS
    assert drill.verified(drill.trusted(*drill.published)).faults == ()


@pytest.mark.parametrize("name", DRILLS)
def test_it_is_found_where_it_was_done(drill: Drill, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tamper, checks, position = DRILLS[name]
    tamper(drill)
    found = drill.verified().faults
    assert {each.check for each in found} == checks, [each.sentence for each in found]
    if position is not None:
        first = min(each.position for each in found if each.position is not None)
        assert first == position, [each.sentence for each in found]
    assert all(each.sentence.endswith(".") for each in found)
    # A verification without these checks misses it.
    told = Faults.add
    monkeypatch.setattr(
        Faults, "add", lambda self, check, *given: None if check in checks else told(self, check, *given)
    )
    assert drill.verified().faults == ()


def test_a_key_that_is_not_pinned_has_signed_nothing(drill: Drill) -> None:
    other = Trusted(keys=(SignsHere().signer.key,))
    assert {each.check for each in drill.verified(other).faults} == {"signature"}
    assert drill.verified(Trusted()).faults == (), "without a pinned key nobody looks whose signature it is"


def test_a_tile_replaced(store: Store) -> None:
    drill = Drill(store, SignsHere(), [])
    store.append([replace(each, recorded_at=store.now()) for each in rows("location:L1", 1, 600)])
    drill.publish()
    assert drill.verified().faults == ()
    drill.tamper("UPDATE evidence.tiles SET hash = set_byte(hash, 0, (get_byte(hash, 0) + 1) % 256) WHERE index = 1")
    (found,) = drill.verified().faults
    assert found.check == "tiles"
    assert "leaves 256 to 511" in found.sentence
    drill.tamper("DELETE FROM evidence.tiles WHERE index = 1")
    assert [each.check for each in drill.verified().faults] == ["tiles"]


def _remembered(drill: Drill) -> Trusted:
    """What a verification by now would leave to the next one."""
    found = drill.verified()
    assert found.faults == ()
    remember(drill.store, found.position, found, [], whole=True, seconds=1.0)
    return replace(drill.trusted(), before=last_sound(drill.store))


def test_a_checkpoint_deleted_is_missed(drill: Drill) -> None:
    trusted = _remembered(drill)
    drill.tamper("DELETE FROM evidence.checkpoints WHERE size = (SELECT min(size) FROM evidence.checkpoints)")
    (found,) = drill.verified(trusted).faults
    assert found.check == "before"
    assert "some are gone" in found.sentence
    assert drill.verified().faults == (), "without what was verified before nobody misses it"


def test_a_head_log_shortened_is_missed(drill: Drill) -> None:
    trusted = _remembered(drill)
    shortened(drill)
    found = drill.verified(replace(trusted, held=[Held("the signer", drill.published[-1])])).faults
    assert {each.check for each in found} == {"before", "held"}, [each.sentence for each in found]
    assert any("was shortened" in each.sentence for each in found)
    assert drill.verified().faults == (), "what is left is a log of its own"
    _publish_again(drill)
    assert drill.verified(trusted).faults == (), "the facts are there, and make the very same leaves again"


def _publish_again(drill: Drill) -> None:
    Publishing(drill.store, ORIGIN, drill.signer).publish()


def test_everything_written_anew_and_signed_by_the_same_key_is_another_log(drill: Drill) -> None:
    trusted = _remembered(drill)
    everything_rewritten(drill)
    assert drill.verified().faults == (), "by itself it is whole: only what others hold shows it"
    (found,) = drill.verified(drill.trusted(*drill.published[:2])).faults
    assert (found.check, found.position) == ("held", 6)
    assert "after position 5 and up to 10" in found.sentence
    assert {each.check for each in drill.verified(trusted).faults} >= {"before"}
    drill.store.append(round_of(drill.store, ROUNDS))
    with pytest.raises(EvidenceLostError, match=r"another log|begin"):
        _publish_again(drill)


def test_an_old_backup_that_goes_on_is_another_log(server: Server, drill: Drill) -> None:
    with drill.copied(server) as old:
        drill.store.append(round_of(drill.store, ROUNDS))
        drill.publish()
        old.signer = drill.signer
        (found,) = old.verified(old.trusted(*drill.published)).faults
        assert found.check == "held"
        assert "old copy" in found.sentence
        with pytest.raises(EvidenceLostError):
            _publish_again(old)
        old.store.append(round_of(old.store, ROUNDS))
        Growing(old.store).grow()
        (found,) = old.verified(old.trusted(*drill.published)).faults
        assert (found.check, found.position) == ("held", 5 * ROUNDS + 1)
        assert old.verified().faults == (), "without what others hold it is a log like any other"
        with pytest.raises(EvidenceLostError):
            _publish_again(old)


def test_only_what_came_since_is_read_and_a_fault_in_it_is_found(drill: Drill) -> None:
    trusted = _remembered(drill)
    drill.store.append(round_of(drill.store, ROUNDS))
    drill.publish()
    sound = drill.verified(trusted, since=True)
    assert (sound.faults, sound.position) == ((), 5 * (ROUNDS + 1))
    whole = drill.verified(trusted)
    assert (sound.size, sound.root, sound.notes) == (whole.size, whole.root, whole.notes)
    new, old = 5 * ROUNDS + 2, 7
    drill.tamper(f"UPDATE ledger.entries SET body = body || ' ' WHERE id = {entry(new)}")
    assert [each.position for each in drill.verified(trusted, since=True).faults] == [new]
    drill.tamper(f"UPDATE ledger.entries SET body = body || ' ' WHERE id = {entry(old)}")
    assert [each.position for each in drill.verified(trusted, since=True).faults] == [new], "the whole one finds it"
    assert [each.position for each in drill.verified(trusted).faults] == [old, new]


def test_nothing_new_is_quickly_sound(drill: Drill) -> None:
    trusted = _remembered(drill)
    assert drill.verified(trusted, since=True).faults == ()


def test_the_edge_that_an_incremental_one_begins_with_is_looked_at(drill: Drill) -> None:
    trusted = _remembered(drill)
    drill.tamper(
        "UPDATE evidence.heads SET edge = set_byte(edge, 0, (get_byte(edge, 0) + 1) % 256)"
        " WHERE index = (SELECT max(index) FROM evidence.heads)"
    )
    drill.store.append(round_of(drill.store, ROUNDS))
    Growing(drill.store).grow()
    assert "edge" in {each.check for each in drill.verified(trusted, since=True).faults}


def test_the_signer_signs_no_log_that_was_written_anew(drill: Drill, tmp_path: Path) -> None:
    """The real one, a process of its own that remembers; and the same with a key that was stolen from it."""
    with signing(tmp_path / "signer") as signer:
        client = signer.client(*signer.keys)
        publishing = Publishing(drill.store, ORIGIN, client)
        drill.tamper("TRUNCATE evidence.cosignatures, evidence.checkpoints")
        first = publishing.publish()
        assert first is not None
        everything_rewritten(drill)
        drill.store.append(round_of(drill.store, ROUNDS))
        with pytest.raises(EvidenceLostError):
            publishing.publish()
        Growing(drill.store).grow()
        found = drill.verified(Trusted())
        with pytest.raises(SignerRefusedError) as refused:
            client.sign(Checkpoint(ORIGIN, found.size, found.root), [])
        assert refused.value.why in {"inconsistent", "fork"}


def test_of_two_forks_by_a_stolen_key_a_witness_signs_one(server: Server, drill: Drill, tmp_path: Path) -> None:
    with (
        witnessing(tmp_path / "witness", drill.signer.signer.key) as witness,
        WitnessClient(witness.address, witness.keys[0]) as client,
        drill.copied(server) as fork,
    ):
        complaints: list[str] = []
        for each in (drill, fork):
            each.store.append(round_of(each.store, ROUNDS))
            found = Publishing(each.store, ORIGIN, each.signer, [client], complaints.append).publish()
            assert found is not None
            each.published.append(found.note)
        trusted = replace(drill.trusted(), witnesses=witness.keys)
        assert drill.verified(trusted).faults == ()
        (complaint,) = complaints
        assert witness.keys[0].name in complaint
        assert fork.verified(trusted).faults == (), "two logs, both signed: only side by side they show it"
        (at,) = fork.verified(replace(trusted, held=[Held("the witness", drill.published[-1])])).faults
        assert (at.check, at.position) == ("held", 1)
        held = [Held("the witness", note) for note in drill.published]
        (at,) = fork.verified(replace(trusted, held=held)).faults
        assert (at.check, at.position) == ("held", 5 * ROUNDS + 1)
        assert "fork" in at.sentence


def test_a_cosignature_replaced(drill: Drill, tmp_path: Path) -> None:
    with (
        witnessing(tmp_path / "witness", drill.signer.signer.key) as witness,
        WitnessClient(witness.address, witness.keys[0]) as client,
    ):
        Publishing(drill.store, ORIGIN, drill.signer, [client]).publish()
        trusted = replace(drill.trusted(), witnesses=witness.keys)
    assert drill.verified(trusted).faults == ()
    drill.tamper("UPDATE evidence.cosignatures SET line = regexp_replace(line, '.....\\n$', 'AAA==' || chr(10))")
    assert {each.check for each in drill.verified(trusted).faults} == {"cosignature"}
