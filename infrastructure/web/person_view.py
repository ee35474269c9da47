"""Everything that is shown of one person of a location: why billable, what access, what happened, from where."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import Path

from domain.catalogue import Catalogue
from domain.limits import IDENTIFIER_LENGTH
from infrastructure.basis import Answer
from infrastructure.books import NotFoundError
from infrastructure.door.asking import Asking
from infrastructure.door.caller import Caller
from infrastructure.door.permissions import Topic
from infrastructure.http.house import House
from infrastructure.web.team import Team, catalogue_at, pinned, team_of
from infrastructure.web.team_rows import Row, contacts_of
from projections.filters import Filter
from projections.paging import Page
from projections.seat_words import grouped, row_notes

SeatId = Annotated[str, Path(min_length=1, max_length=IDENTIFIER_LENGTH, pattern=r"^[A-Za-z0-9._:-]+$")]

CHANGES = 25
"""Changes of the timeline; the history has them all."""

_LINES = 200
"""Lines of the log that are looked through for devices."""


@dataclass(frozen=True, slots=True)
class Device:
    """A device that somebody used."""

    id: str
    name: str
    last: str
    times: int


@dataclass(frozen=True, slots=True)
class Person:
    """One row of a team, whole. What the caller may not see is None."""

    basis: Answer
    """An answer about the location: the page's both times and position."""

    id: str
    name: str
    member: str | None
    account: str | None
    row: Row | None
    verdict: Answer | None
    """The answer to `explanation`."""

    reasons: Sequence[tuple[str, tuple[str, ...]]]
    notes: Sequence[str]
    access: Answer | None
    """The user of the answer to `access`."""

    contact: str | None
    facts: Mapping[str, Answer]
    """Every fact that is named above, by id."""

    changes: Sequence[Answer] | None
    devices: Sequence[Device] | None
    team: Team | None
    catalogue: Catalogue


def person_of(house: House, caller: Caller, location: str, seat: str, asked: Asking) -> Person:
    """A person by the id of a member or an account. NotFoundError when there is none, ForbiddenError as the room."""
    seen = house.room.sight(caller, location)
    if not seen.topics & {Topic.ROSTER, Topic.SEATS, Topic.ACCESS} and seat == caller.account:
        return _only_access(house, caller, location, seat, asked)
    team = team_of(house, caller, location, asked)
    basis = pinned(team.roster)
    row = _row_of(team.rows, seat)
    if row is None:
        raise NotFoundError(f"There is nobody {seat} in {location} at that point; the team page lists who there is.")
    verdict = _verdict(house, caller, location, row, basis) if Topic.SEATS in seen.topics else None
    access = _access(team.access, row.account)
    listed = _listed(team, row)
    reasons = grouped(verdict["reasons"], team.catalogue) if verdict is not None else []
    named = [name for _, because in reasons for name in because]
    named += [each["fact"] for each in _since(access)]
    at = replace(basis, on=asked.on)
    return Person(
        basis=team.roster,
        id=row.id,
        name=row.name,
        member=row.member,
        account=row.account,
        row=row,
        verdict=verdict,
        reasons=reasons,
        notes=row_notes(listed["notes"], team.catalogue) if listed is not None else [],
        access=access,
        contact=row.contact,
        facts=house.room.cited(caller, location, named, at),
        changes=_changes(house, caller, location, row, at) if Topic.HISTORY in seen.topics else None,
        devices=_devices(house, caller, location, row, at) if Topic.LOG in seen.topics and row.account else None,
        team=team,
        catalogue=team.catalogue,
    )


def _only_access(house: House, caller: Caller, location: str, account: str, asked: Asking) -> Person:
    """What everybody sees of themselves: their own access."""
    answer = house.room.access(caller, location, asked, account=account)
    access = _access(answer, account)
    basis = replace(pinned(answer), on=asked.on)
    return Person(
        basis=answer,
        id=account,
        name=access["name"] if access is not None else account,
        member=access["member"] if access is not None else None,
        account=account,
        row=None,
        verdict=None,
        reasons=[],
        notes=[],
        access=access,
        contact=contacts_of(house.ledger.store, answer).get(account),
        facts=house.room.cited(caller, location, [each["fact"] for each in _since(access)], basis),
        changes=None,
        devices=None,
        team=None,
        catalogue=catalogue_at(house, location, pinned(answer)),
    )


def _row_of(rows: Iterable[Row], seat: str) -> Row | None:
    """The row of a member's id, else of an account's."""
    every = list(rows)
    by_member = next((row for row in every if row.member == seat), None)
    return by_member or next((row for row in every if row.account == seat), None)


def _verdict(house: House, caller: Caller, location: str, row: Row, basis: Asking) -> Answer | None:
    try:
        return house.room.explanation(caller, location, row.id, basis)
    except NotFoundError:
        return None


def _listed(team: Team, row: Row) -> Answer | None:
    seats = team.seats["seats"] if team.seats is not None else ()
    return next((seat for seat in seats if (seat["member"], seat["account"]) == (row.member, row.account)), None)


def _access(answer: Answer | None, account: str | None) -> Answer | None:
    users = answer["users"] if answer is not None else ()
    return next((user for user in users if user["account"] == account), None)


def _since(access: Answer | None) -> list[Answer]:
    """The facts that gave the access, the role, and the invitation that waits."""
    if access is None:
        return []
    found = [access["access_since"], access["role_since"], access["invitation"]]
    return [each for each in found if each is not None]


def _changes(house: House, caller: Caller, location: str, row: Row, at: Asking) -> list[Answer]:
    """What was done to the member and to the account, each change once, the newest first."""
    page = Page(CHANGES)
    asked = [Filter(member=row.member)] if row.member is not None else []
    asked += [Filter(account=row.account)] if row.account is not None else []
    found: dict[int, Answer] = {}
    for wanted in asked:
        for change in house.room.history(caller, location, wanted, at, page)["changes"]:
            found[change["facts"][0]["position"]] = change
    return [found[position] for position in sorted(found, reverse=True)[:CHANGES]]


def _devices(house: House, caller: Caller, location: str, row: Row, at: Asking) -> list[Device]:
    """The devices from which the person lately did something here, the last used first."""
    found: dict[str, Device] = {}
    for line in reversed(house.room.log(caller, location, Filter(actor=row.account), at, Page(_LINES))["log"]):
        device = line["device"]
        if device is None or device["id"] is None:
            continue
        before = found.get(device["id"])
        if before is None:
            name = device["name"] or device["id"]
            found[device["id"]] = Device(device["id"], name, line["recorded_at"], 1)
        else:
            found[device["id"]] = replace(before, times=before.times + 1)
    return list(found.values())
