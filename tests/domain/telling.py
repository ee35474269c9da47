"""Given, when, then: four small helpers for decisions."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias
from uuid import NAMESPACE_OID, uuid5

from domain.authority import usual_authority
from domain.commands import read_command
from domain.decisions import Decision, Standing, decide, facts_of
from domain.entries import Entry, Stamp
from domain.erasures import Person
from domain.facts import Fact, read_fact, written
from domain.instants import write_instant
from domain.ledger import Ledger
from domain.refusals import Code
from infrastructure.catalogues import shipped_catalogues

Raw: TypeAlias = dict[str, Any]

NOW = datetime(2026, 3, 10, 10, tzinfo=UTC)
OLGA = {"kind": "person", "id": "acc-olga"}
KEY = {"kind": "api_key", "id": "key-1"}
SYSTEM = {"kind": "system", "id": "clock"}
SUPPORT = {"kind": "support", "id": "key-support"}
CATALOGUES = shipped_catalogues()


def day(number: float) -> datetime:
    """Ten o'clock so many days after 1 March 2026; a fraction is hours of the day's 24."""
    return datetime(2026, 3, 1, 10, tzinfo=UTC) + timedelta(days=number)


def said(
    kind: str,
    data: Raw,
    *,
    at: float = 0,
    effective: datetime | None = None,
    location: str | None = "L1",
    name: str | None = None,
) -> Raw:
    """A fact; `name` stands for its id, by default its type and the member or account that it is about."""
    who = data.get("member") or data.get("account") or data.get("subscription") or ""
    raw: Raw = {
        "id": ident(name if name is not None else f"{kind} {who}".strip()),
        "type": kind,
        "recorded_at": write_instant(day(at)),
        "effective_at": write_instant(effective if effective is not None else day(at)),
        "actor": KEY,
        "change": "history",
        "data": data,
    }
    return {**raw, "location": location} if location is not None else raw


def ident(name: str) -> str:
    """The id of a fact or a command by a name."""
    return str(uuid5(NAMESPACE_OID, name))


def when(
    given: Sequence[Raw],
    name: str,
    data: Raw,
    *,
    actor: Mapping[str, str] = OLGA,
    at: datetime = NOW,
    location: str | None = "L1",
    source: Sequence[Raw] = (),
    target: str | None = None,
    reason: str | None = None,
    person: Person | None = None,
) -> tuple[Decision, list[Fact]]:
    """The decision on a command after the given facts, and the facts that come of it."""
    raw: Raw = {"command": name, "actor": dict(actor), "id": ident("the command"), "data": data}
    raw |= {"location": location} if location is not None else {}
    raw |= {"device": {"id": "dev-1"}} if actor["kind"] != "system" else {}
    raw |= {"reason": reason} if reason is not None else {}
    command = read_command(raw)
    authority = usual_authority(command.actor)
    of_source = Standing("L2", ledger(source), at, command, authority) if source else None
    known = {fact["id"]: read_fact(fact) for fact in [*given, *source]}
    fact = known.get(ident(target)) if target is not None else None
    decision = decide(Standing(location, ledger(given), at, command, authority, of_source, fact, person))
    return decision, facts_of(command, decision.drafts, at)


def ledger(facts: Sequence[Raw]) -> Ledger:
    """The committed facts, not settled yet, as a decision finds them."""
    return Ledger([Entry(read_fact(fact), Stamp()) for fact in facts], CATALOGUES)


def then_refused(decision: Decision, code: Code, standing: Sequence[str], **details: Any) -> None:
    """Refused with this code, in a sentence, naming exactly these facts as standing in the way."""
    assert decision.refusal is not None, [type(draft.data).__name__ for draft in decision.drafts]
    assert decision.refusal.code is code, decision.refusal.sentence
    assert decision.refusal.sentence.endswith(".")
    assert list(decision.refusal.standing) == [ident(name) for name in standing]
    assert details.items() <= dict(decision.refusal.details).items()
    assert not decision.drafts


def then_facts(decision: Decision, facts: Sequence[Fact], expected: Sequence[tuple[str, Raw]]) -> None:
    """Exactly these facts: whole `data`, in it `at` when effective if not now, and `by` the type of what caused it."""
    assert decision.refusal is None, decision.refusal
    found = []
    for fact in facts:
        raw = written(fact)
        extra: Raw = {"at": raw["effective_at"]} if fact.effective_at != fact.recorded_at else {}
        if fact.caused_by is not None:
            extra["by"] = next(other.type for other in facts if other.id == fact.caused_by)
        found.append((fact.type, {**raw["data"], **extra}))
    assert found == list(expected)
    assert len({fact.change for fact in facts}) == 1
    assert len({fact.id for fact in facts}) == len(facts)
    assert all(fact.recorded_at == facts[0].recorded_at for fact in facts)
