"""The teller: gives every command of the script to the rules themselves and writes down what they record."""

from datetime import datetime
from random import Random
from typing import Any
from uuid import UUID, uuid5

from domain.authority import usual_authority
from domain.commands import Command, CopyRights, DisableTwoStep, EnableTwoStep, read_command
from domain.decisions import Draft, Standing, decide, facts_of, refused_fact
from domain.facts import FACT_TYPES, Fact
from infrastructure.demo.book import Book
from infrastructure.demo.places import Place
from infrastructure.demo.script import Beat, By, Save, Seen

_STORIES = UUID("6c9f0f6e-55a1-4c53-9b0e-6a3c8f2d7b11")
_SIGNING_IN = frozenset({"SignedIn", "SignInRefused"})
_CATALOGUE = By({"kind": "system", "id": "catalogue"})


class UnlawfulStoryError(Exception):
    """The rules judged a save otherwise than the script says; the sentence names the save."""


class Teller:
    """Tells beats in the order of time and remembers which facts each save came to."""

    def __init__(self, seed: int) -> None:
        self.book = Book()
        self._seed = seed
        self._namespace = uuid5(_STORIES, str(seed))
        self._named: dict[str, list[Fact]] = {}
        self._sessions: set[str] = set()

    def new_id(self, name: str) -> str:
        """An id that follows from the seed and a name."""
        return str(uuid5(self._namespace, name))

    def fact(self, name: str, index: int = 0) -> Fact:
        """A fact of the save of that name."""
        return self._named[name][index]

    def billable(self, place: Place, at: datetime) -> int:
        """How many seats the rules find billable at an instant, as known then."""
        return self.book.billable(place.id, at)

    def publish_catalogue(self, at: datetime) -> None:
        """The rights catalogue comes into force: no command does that, a release of the application does."""
        known = self.book.catalogues[1]
        self._observe(
            Seen(at, None, _CATALOGUE, "CataloguePublished", {"version": known.version, "sha256": known.sha256})
        )

    def tell(self, beat: Beat) -> None:
        """One more beat. UnlawfulStoryError when the rules see it otherwise than the script."""
        if isinstance(beat, Save):
            self._save(beat)
        elif beat.sure or self._may(beat):
            self._observe(beat)

    def _save(self, save: Save) -> None:
        if save.name in self._named:
            raise UnlawfulStoryError(f"two saves are called {save.name!r}")
        change = None if len(save.steps) == 1 else self.new_id(f"{save.name} (change)")
        told = self._named[save.name] = []
        for index, step in enumerate(save.steps):
            content = step.data(self) if callable(step.data) else step.data
            command = self._command(save, f"{save.name}/{index}", step.command, dict(content), change)
            told += [self.book.write(fact) for fact in self._judged(save, command)]

    def _judged(self, save: Save, command: Command) -> list[Fact]:
        decision = decide(self._standing(save, command))
        refusal = decision.refusal
        if (refusal.code.value if refusal is not None else None) != save.refused:
            found = f"{refusal.code.value}: {refusal.sentence}" if refusal is not None else "accepted"
            raise UnlawfulStoryError(f"{save.name!r} should be {save.refused or 'accepted'}, but is {found}")
        if refusal is not None:
            return [refused_fact(command, refusal, command.location, save.at)]
        return facts_of(command, decision.drafts, save.at)

    def _standing(self, save: Save, command: Command) -> Standing:
        request, authority = command.data, usual_authority(command.actor)
        if isinstance(request, EnableTwoStep | DisableTwoStep):
            return Standing(None, self.book.ledger_of_account(request.account), save.at, command, authority)
        source = None
        if isinstance(request, CopyRights):
            there = request.copied_from.location
            source = Standing(there, self.book.ledger(there), save.at, command, authority)
        target = self.book.by_id.get(getattr(request, "corrects", None) or "")
        here = self.book.ledger(command.location)
        return Standing(command.location, here, save.at, command, authority, source=source, target=target)

    def _may(self, seen: Seen) -> bool:
        """Whether an ordinary visit can go like that: the person has access and the right, and has signed in."""
        assert seen.place is not None
        user = self.book.team(seen.place.id, seen.at).active_user(str(seen.by.actor["id"]))
        if user is None or user.invitation is not None or (seen.needs is not None and seen.needs not in user.rights):
            return False
        return seen.type in _SIGNING_IN or self._session(seen) in self._sessions

    def _observe(self, seen: Seen) -> None:
        data = dict(seen.data)
        if seen.type == "SignedIn":
            self._sessions.add(self._session(seen))
            channel = self.book.channel(data["account"])
            if channel is not None:
                data["two_step"] = channel
        name = f"{seen.type} {seen.at.isoformat()} {self._session(seen)}"
        command = self._command(seen, name, "observe", {"type": seen.type, **data}, None)
        draft = Draft(FACT_TYPES[seen.type].read(data), seen.at, command.location)
        for fact in facts_of(command, [draft], seen.at):
            self.book.write(fact)

    def _command(self, beat: Beat, name: str, command: str, data: dict[str, Any], change: str | None) -> Command:
        of_account = command in {"enable_two_step", "disable_two_step"}
        raw: dict[str, Any] = {
            "command": command,
            "location": beat.place.id if beat.place is not None and not of_account else None,
            "actor": dict(beat.by.actor),
            "device": self._device(beat),
            "id": self.new_id(name),
            "change": change,
            "reason": beat.reason if isinstance(beat, Save) else None,
            "data": data,
        }
        return read_command({key: value for key, value in raw.items() if value is not None})

    def _device(self, beat: Beat) -> dict[str, str] | None:
        """The device; its session lasts for a local day."""
        if beat.by.device is None:
            return None
        device = dict(beat.by.device)
        day = beat.place.local_day(beat.at) if beat.place is not None else beat.at.date()
        lot = Random(f"{self._seed} {device['id']} {day}")  # noqa: S311 - a story, not a secret
        device.setdefault("session", f"ses-{lot.getrandbits(40):010x}")
        return device

    def _session(self, seen: Seen) -> str:
        device = self._device(seen)
        return device["session"] if device is not None else ""
