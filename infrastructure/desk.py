"""The desk: commands come in, facts or a refusal come out, once, whatever happens on the way."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any, TypeAlias
from uuid import UUID

from domain import canonical
from domain.authority import Authority, usual_authority
from domain.catalogue import Catalogue
from domain.commands import Command, CopyRights, Correct, OfPerson, read_command
from domain.decisions import NAMED, SAID, Decision, Standing, decide, facts_of, refused_fact
from domain.entries import TERMS, Commanded, Entry, Stamp, stream_of
from domain.erasures import Person
from domain.facts import OBSERVATIONS, Actor, CommandRefused, Correction, Fact, PersonErased
from domain.ledger import Cut, Ledger
from domain.present import Present
from domain.readings import READINGS, Readings
from domain.refusals import Code, Refusal
from domain.team import Team
from infrastructure.desk_places import places_of, stream_at
from infrastructure.devices import common_name
from infrastructure.erasing.seam import Erasing
from infrastructure.mapper import entry_of, new_row
from infrastructure.shelf import Committed, Shelf
from infrastructure.store import Appended, FactExists, NewRow, OutOfOrder, Row, Store, SubjectErased, VersionConflict
from infrastructure.store.looking import Look
from projections.effect import Effect, effect

Clock: TypeAlias = Callable[[], datetime]
ATTEMPTS = 50
"""How often a command is decided anew when others come first in its stream."""


class ConflictError(Exception):
    """Too many others were quicker in the same location; nothing is stored, send the command again."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who hands a command in, where that is more than the actor says by himself."""

    vouched_by: str | None = None
    """The credential of the system that stands for the actor and the device."""

    authority: Authority | None = None
    """What the credential's scopes allow, in the place of what is usual for such an actor."""

    sent: str | None = None
    """The SHA-256 of what was sent, where the command is only a part of that, or more."""


NOBODY_BETWEEN = Bearer()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command came to: the entries appended, or the refusal, and the locations left out of a partial one."""

    command: Command
    at: datetime
    entries: tuple[Entry, ...] = ()
    refusal: Refusal | None = None
    left_out: tuple[Refusal, ...] = ()
    effects: tuple[Effect, ...] = ()
    appended: Appended | None = None
    """What the store did; None when nothing was appended now (a dry run, or a command sent before)."""

    repeated: bool = False


class Desk:
    """Decides commands on the present state of their locations and appends what comes of it."""

    def __init__(
        self,
        store: Store,
        catalogues: Mapping[int, Catalogue],
        *,
        clock: Clock | None = None,
        authority_of: Callable[[Actor], Authority] = usual_authority,
        readings: Readings = READINGS,
        erasing: Erasing | None = None,
    ) -> None:
        """`clock` is the ledger's own; the database's unless another one is given.

        `erasing` knows whom an erasure is about and carries it out; without it nothing is known beside the location.
        """
        self._store = store
        self._catalogues = catalogues
        # The database's is asked for together with what is decided on.
        self._clock = None if clock == store.now else clock
        self._authority_of = authority_of
        self._readings = readings
        self._shelf = Shelf(store)
        self._erasing = erasing

    def submit(self, raw: Mapping[str, Any], *, dry_run: bool = False, bearer: Bearer = NOBODY_BETWEEN) -> Outcome:
        """Decide one command (rules.md) and append what comes of it, or say what would (`dry_run`).

        A `bearer` says who hands it in for the actor, by what authority, and as part of what. The same command sent
        again gets its first outcome. InvalidFactError when it is not a command at all;
        ConflictError, LedgerUnavailable or OutcomeUnknown when it could not be stored: send it again.
        """
        command = read_command(raw)
        digest = bearer.sent or hashlib.sha256(canonical.write(raw)).hexdigest()
        for _ in range(ATTEMPTS):
            standings, versions, look = self._standings(command, bearer)
            earlier = None if dry_run else _earlier(command, digest, look.of_command)
            if earlier is not None:
                self._carry_out(earlier)
                return earlier
            outcome = self._decided(command, digest, standings, bearer.vouched_by)
            if dry_run:
                return replace(outcome, effects=_effects(standings, outcome))
            try:
                appended = self._store.gather(_rows(outcome.entries, versions), epoch=look.epoch)
            except (VersionConflict, OutOfOrder, SubjectErased):
                continue
            except FactExists:
                before = self._store.find_command(UUID(command.id))
                return _earlier(command, digest, before) or _reused(command, outcome.at)
            done = replace(outcome, appended=appended)
            self._carry_out(done)
            return done
        raise ConflictError(f"Others were quicker {ATTEMPTS} times; nothing is stored, send the command again.")

    def _standings(self, command: Command, bearer: Bearer) -> tuple[list[Standing], dict[str, int], Look]:
        """What the command is decided on, one standing for each location it names, all at one moment.

        And the version up to which each stream was read: what is appended goes on exactly there. And the look itself.
        """
        request = command.data
        person = self._person(command)
        streams = {place: stream_at(place, command) for place in places_of(command, person)}
        copied = request.copied_from.location if isinstance(request, CopyRights) else None
        beside = [f"location:{copied}"] if copied is not None else []
        found, look = self._shelf.look([TERMS, *streams.values(), *beside], UUID(command.id))
        read = {stream: found[stream] for stream in [TERMS, *streams.values()]}
        source: Standing | None = None
        authority = bearer.authority if bearer.authority is not None else self._authority_of(command.actor)
        clock = look.now if self._clock is None else self._clock()
        at = max([clock, *(known.last for known in read.values() if known.last is not None)])
        terms = read[TERMS]
        if copied is not None:
            ledger = self._ledger(terms, found[f"location:{copied}"])
            source = Standing(copied, ledger, at, command, authority)
        target = self._target(request) if isinstance(request, Correct) else None
        standings: list[Standing] = []
        for place, stream in streams.items():
            ledger = self._ledger(terms, read[stream])
            now = self._shelf.present(stream, terms.version, ledger, at)
            standings.append(_Present(place, ledger, at, command, authority, source, target, person, present=now))
        return standings, {stream: known.version for stream, known in read.items()}, look

    def forget(self) -> None:
        """Let go of everything that was read for decisions: somebody in it was erased."""
        self._shelf.clear()

    def _person(self, command: Command) -> Person | None:
        """Whom an erasure is about; None for any other command."""
        if not isinstance(command.data, OfPerson) or self._erasing is None:
            return None
        return self._erasing.person(command.location, command.data)

    def _carry_out(self, outcome: Outcome) -> None:
        """Destroy what an erasure says is destroyed, and what lies beside the facts."""
        done = [entry.fact for entry in outcome.entries if isinstance(entry.fact.data, PersonErased)]
        if done and self._erasing is not None:
            self._erasing.carry_out(done)
            self.forget()

    def _ledger(self, terms: Committed, own: Committed) -> Ledger:
        """The terms and a stream, as committed now."""
        if own is terms:
            return Ledger(terms.entries, self._catalogues, self._readings, terms.quarantined)
        entries, unread = (*terms.entries, *own.entries), (*terms.quarantined, *own.quarantined)
        return Ledger(entries, self._catalogues, self._readings, unread)

    def _target(self, request: Correct) -> Fact | None:
        """The fact that a correction names, plain or carried inside another correction."""
        if request.corrects is None:
            return None
        for row in self._store.find([UUID(request.corrects)]):
            found = entry_of(row)
            fact = found.fact if isinstance(found, Entry) else None
            while fact is not None and fact.id != request.corrects:
                fact = fact.data.fact if isinstance(fact.data, Correction) else None
            if fact is not None:
                return fact
        return None

    def _decided(self, command: Command, digest: str, standings: Sequence[Standing], vouched_by: str | None) -> Outcome:
        at = standings[0].at
        stamp = Stamp(
            command=Commanded(id=command.id, sha256=digest),
            device_name=common_name(command.device.user_agent)
            if command.device is not None and command.device.user_agent
            else None,
            vouched_by=vouched_by,
        )
        decisions: list[tuple[Standing, Decision]] = [(standing, decide(standing)) for standing in standings]
        refusals = tuple(decision.refusal for _, decision in decisions if decision.refusal is not None)
        if refusals and isinstance(command.data, OfPerson):
            # Somebody is erased everywhere or nowhere.
            decisions = [(standing, decision) for standing, decision in decisions if decision.refusal is not None]
        facts: list[Fact] = []
        for standing, decision in decisions:
            if decision.refusal is None:
                facts.extend(facts_of(command, decision.drafts, at))
            else:
                there = standing.location if standing.location and standing.team.place is not None else None
                facts.append(refused_fact(command, decision.refusal, there, at))
        entries = tuple(Entry(fact, stamp) for fact in facts)
        if len(refusals) == len(decisions):
            return Outcome(command, at, entries, refusal=refusals[0], left_out=refusals)
        return Outcome(command, at, entries, left_out=refusals)


@dataclass(frozen=True)
class _Present(Standing):
    """A standing whose present is at hand and not folded anew."""

    present: Present = field(kw_only=True)

    @cached_property
    def cut(self) -> Cut:
        return self.present.cut

    @cached_property
    def team(self) -> Team:
        return self.present.team


def _rows(entries: Sequence[Entry], versions: Mapping[str, int]) -> list[NewRow]:
    """The rows of a change; each stream goes on exactly where it was read."""
    heads = dict(versions)
    rows = []
    for entry in entries:
        stream = stream_of(entry.fact)
        if entry.fact.type not in OBSERVATIONS:
            heads[stream] += 1
        rows.append(new_row(entry, heads.get(stream)))
    return rows


def _effects(standings: Sequence[Standing], outcome: Outcome) -> tuple[Effect, ...]:
    """What the facts would do to the seats of each location."""
    found = []
    for standing in standings:
        new = [entry for entry in outcome.entries if entry.fact.location == standing.location]
        if standing.location is not None and any(entry.fact.type not in OBSERVATIONS for entry in new):
            found.append(effect(standing.location, standing.ledger, new, standing.at))
    return tuple(found)


def _earlier(command: Command, digest: str, rows: Iterable[Row]) -> Outcome | None:
    """The first outcome of a command that was sent before."""
    found = [entry_of(row) for row in rows]
    entries = tuple(entry for entry in found if isinstance(entry, Entry))
    if not entries:
        return None
    at = entries[0].fact.recorded_at
    if any(entry.stamp.command is not None and entry.stamp.command.sha256 != digest for entry in entries):
        return _reused(command, at)
    refused = [entry.fact for entry in entries if isinstance(entry.fact.data, CommandRefused)]
    kept = tuple(entry for entry in entries if not isinstance(entry.fact.data, CommandRefused))
    refusals = tuple(_refusal_of(fact) for fact in refused)
    if kept:
        return Outcome(command, at, kept, left_out=refusals, repeated=True)
    return Outcome(command, at, entries, refusal=refusals[0], left_out=refusals, repeated=True)


def _reused(command: Command, at: datetime) -> Outcome:
    return Outcome(
        command,
        at,
        refusal=Refusal(
            Code.ID_REUSED, f"Another command was sent under the id {command.id}; give this one an id of its own."
        ),
    )


def _refusal_of(fact: Fact) -> Refusal:
    data = fact.data
    assert isinstance(data, CommandRefused)
    details = dict(data.details or {})
    location = fact.location if fact.location is not None else details.pop(NAMED, None)
    sentence = data.sentence or details.pop(SAID, "")
    return Refusal(Code(data.code), sentence, tuple(data.standing or ()), details, location)
