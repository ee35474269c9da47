"""The people of all tests, and short ways to write facts and ledgers about them.

Olga and Pavel own, Ann administers, Sana provides services, Cleo is in the call center, Ada keeps the accounts,
Max manages, Mara does marketing, Vic views, Syd manages the system, Ivo keeps the stock.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from domain import canonical
from domain.catalogue import read_catalogue
from domain.entries import Entry, Stamp
from domain.facts import read_fact
from domain.instants import read_instant
from domain.ledger import AsOf, Cut, Ledger, Line, Record

Json = dict[str, Any]

CATALOGUE: Final = read_catalogue(
    1, (Path(__file__).parents[1] / "domain" / "catalogue" / "rights_v1.csv").read_bytes()
)
BERLIN: Final = ZoneInfo("Europe/Berlin")
ALWAYS: Final = datetime(9000, 1, 1, tzinfo=UTC)

_NAMESPACE = UUID("0c6a5d3e-54a1-4f0e-9d55-5a2b6d0f7c11")
_ELSEWHERE = frozenset({"TermsPublished", "CataloguePublished", "TwoStepEnabled", "TwoStepDisabled"})
_DEFAULTS: Mapping[str, Json] = {
    "TeamMemberEdited": {"before": {}, "after": {}},
    "TeamMemberDismissed": {"dismissal_date": "2026-03-31", "reason": "Moved away"},
    "WorkingHoursPlanned": {"until": None},
    "UserInvited": {"contact": "", "rights": [], "scopes": {}},
    "AccessGranted": {"rights": [], "scopes": {}},
    "RoleChanged": {"rights_before": [], "rights_after": [], "scopes_before": {}, "scopes_after": {}},
    "RightsEdited": {"granted": [], "revoked": [], "scopes_before": {}, "scopes_after": {}},
    "UserUnlinked": {"cause": "manual"},
    "RecordEdited": {"before": None, "after": None},
    "RecordDeleted": {"before": None, "after": None},
    "Correction": {"corrects": None, "fact": None},
}


def fact(
    kind: str,
    /,
    *,
    at: str = "2026-03-03T13:02:00Z",
    actor: str = "acc-olga",
    location: str | None = "L1",
    effective_at: str | None = None,
    device: str | Json | None = None,
    change: str | None = None,
    caused_by: Json | None = None,
    because: str | None = None,
    id: str | None = None,  # noqa: A002 - the contract's word
    **data: Any,
) -> Json:
    """A fact of the interchange format; `because` is the reason of the envelope, the rest the fields of the data."""
    where = None if kind in _ELSEWHERE else location
    content: Json = {
        "type": kind,
        "location": where,
        "recorded_at": at,
        "effective_at": effective_at or at,
        "actor": _actor(actor),
        "device": {"id": device} if isinstance(device, str) else device,
        "change": change or f"{kind}-{at}-{actor}",
        "caused_by": caused_by["id"] if caused_by is not None else None,
        "reason": because,
        "data": {**_DEFAULTS.get(kind, {}), **data},
    }
    content = {key: value for key, value in content.items() if value is not None}
    return {"id": id or str(uuid5(_NAMESPACE, canonical.write(content).decode())), **content}


def entries(facts: Iterable[Json], *, device_name: str | None = None) -> list[Entry]:
    """Settled entries of those facts, at positions from 1 on."""
    return [
        Entry(read_fact(raw), Stamp(device_name=device_name if "device" in raw else None), position)
        for position, raw in enumerate(facts, start=1)
    ]


def ledger(facts: Iterable[Json], *, device_name: str | None = None) -> Ledger:
    """A ledger of those facts under the first catalogue."""
    return Ledger(entries(facts, device_name=device_name), {1: CATALOGUE})


def record(facts: Iterable[Json], *, device_name: str | None = None) -> Record:
    """All that those facts say."""
    return ledger(facts, device_name=device_name).record(ALWAYS)


def cut(facts: Iterable[Json], on: str, known: str | None = None) -> Cut:
    """What holds at a point of both times; `known` left out means everything."""
    return ledger(facts).as_of(AsOf(on=read_instant(on), known=read_instant(known) if known is not None else ALWAYS))


def line_of(found: Record, raw: Json) -> Line:
    """The line of a fact in a record, be it plain or carried by a correction."""
    return next(line for line in found.lines if line.fact.id == raw["id"])


def studio() -> list[Json]:
    """Studio Mitte in Berlin with everybody of the cast, opened on 20 February 2026."""
    return [*_opening(), *_team(), *_users()]


def _opening() -> list[Json]:
    return [
        fact(
            "TermsPublished", at="2026-01-12T00:00:00Z", actor="system:terms", terms="access_rights", **_from(2026, 1)
        ),
        fact("LocationOpened", at="2026-02-20T08:00:00Z", name="Studio Mitte", time_zone="Europe/Berlin"),
    ]


def _team() -> list[Json]:
    people = (("sana", "Sana", "Stylist"), ("ann", "Ann", "Receptionist"), ("ivo", "Ivo", "Stock"))
    added = [
        fact(
            "TeamMemberAdded", at="2026-02-20T09:00:00Z", change=f"add-{member}", member=member, name=name, position=job
        )
        for member, name, job in people
    ]
    return [*added, fact("AddedToSchedule", at="2026-02-20T09:00:00Z", change="add-sana", member="sana")]


def _users() -> list[Json]:
    roles = (
        ("olga", "owner"),
        ("pavel", "owner"),
        ("ann", "administrator"),
        ("sana", "specialist"),
        ("cleo", "call_center"),
        ("ada", "accountant"),
        ("max", "manager"),
        ("mara", "viewer"),
        ("vic", "viewer"),
        ("syd", "system_manager"),
        ("ivo", "viewer"),
    )
    granted = [
        fact(
            "AccessGranted",
            at="2026-02-20T10:00:00Z",
            change=f"grant-{who}",
            account=f"acc-{who}",
            name=None if who == "sana" else who.title(),
            role=role,
            rights=list(CATALOGUE.defaults_of(role)),
        )
        for who, role in roles
    ]
    linked = [
        fact("UserLinked", at="2026-02-20T10:00:00Z", change=f"grant-{who}", account=f"acc-{who}", member=who)
        for who in ("ann", "sana", "ivo")
    ]
    return [*granted, *linked]


def _from(year: int, month: int) -> Json:
    return {"from": date(year, month, 12).isoformat()}


def _actor(text: str) -> Json:
    """acc-olga, system:billing, key:key-head-office, support:sup-7, support:sup-7 for acc-olga."""
    text, _, behind = text.partition(" for ")
    kind, colon, name = text.partition(":")
    kinds = {"system": "system", "key": "api_key", "support": "support", "person": "person"}
    actor: Json = {"kind": kinds[kind], "id": name} if colon else {"kind": "person", "id": text}
    return {**actor, "on_behalf_of": behind} if behind else actor


def minutes_after(at: str, minutes: int) -> str:
    """The instant so many minutes later, as a fact writes it."""
    return (read_instant(at) + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


__all__ = [
    "ALWAYS",
    "BERLIN",
    "CATALOGUE",
    "Json",
    "cut",
    "entries",
    "fact",
    "ledger",
    "line_of",
    "minutes_after",
    "record",
    "studio",
]
