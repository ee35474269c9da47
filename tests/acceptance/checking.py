"""Holds an answer against what a case expects; every difference is a sentence for a person."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from tests.acceptance import words
from tests.acceptance.stories import instant

Content: TypeAlias = Mapping[str, Any]

_KNOWN = {"subscription", "available", "billable", "free", "over", "on", "seats", "former", "absent", "order"}
_KNOWN_OF_SEAT = {"billable", "codes", "rights", "because", "account", "name", "notes", "no_notes"}
_COUNTS = {
    "available": "seats bought",
    "billable": "billable rows",
    "free": "free rows",
    "over": "billable rows over the limit",
}


def differences(answer: Content, expect: Content) -> list[str]:
    """Everything in which an answer to `seats` is not what the case expects."""
    return list(_differences(answer, expect))


def row_id(row: Content) -> str:
    """What a row goes by: the member's id, else the account's."""
    return str(row["member"] if row["member"] is not None else row["account"])


def _differences(answer: Content, expect: Content) -> Iterator[str]:
    yield from _strangers(expect, _KNOWN, "expect")
    rows = {row_id(row): row for row in answer["seats"]}
    former = {row_id(row): row["reason"]["code"] for row in answer["former"]}
    for key, what in _COUNTS.items():
        if key in expect and answer[key] != expect[key]:
            yield f"the number of {what} should be {_number(expect[key])}, but the ledger says {_number(answer[key])}"
    if "subscription" in expect:
        yield from _of_subscription(answer["subscription"], expect["subscription"])
    if "on" in expect and instant(answer["on"]) != instant(expect["on"]):
        yield f"the question is about {expect['on']}, but the ledger takes it as {answer['on']}"
    for seat, expected in expect.get("seats", {}).items():
        if seat in rows:
            yield from _of_row(rows[seat], expected)
        else:
            there = f"former, {words.reason(former[seat])}" if seat in former else f"only {words.join(rows)}"
            yield f"{seat} should be a row of the list, but the ledger says: {there}"
    if "former" in expect and former != expect["former"]:
        yield f"the former rows should be {_former(expect['former'])}, but the ledger says {_former(former)}"
    for seat in expect.get("absent", ()):
        if seat in rows or seat in former:
            where = "among the seats" if seat in rows else "among the former rows"
            yield f"{seat} should be neither in the list nor among the former rows, but the ledger has it {where}"
    if "order" in expect and list(rows) != expect["order"]:
        yield f"the rows should stand in the order {_listed(expect['order'])}, but the ledger says {_listed(rows)}"


def _of_subscription(found: Content | None, expected: Content | None) -> Iterator[str]:
    if (found is None) != (expected is None):
        yield (
            "there should be no subscription, but the ledger has one"
            if expected is None
            else ("there should be a subscription, but the ledger has none")
        )
    for key, value in (expected or {}).items():
        if found is not None and not same(found.get(key), value):
            yield f"the subscription's {key} should be {value}, but the ledger says {found.get(key)}"


def _of_row(row: Content, expected: Content) -> Iterator[str]:
    who = f"{row['name']} ({row_id(row)})"
    yield from _strangers(expected, _KNOWN_OF_SEAT, f"the seat of {who}")
    reasons = row["reasons"]
    codes = [reason["code"] for reason in reasons]
    rights = [reason["right"] for reason in reasons if "right" in reason]
    wanted = expected.get("codes")
    if "billable" in expected and row["billable"] != expected["billable"]:
        because = f" because: {_codes(wanted)}" if wanted is not None else ""
        yield (
            f"{who} should be {words.status(billable=expected['billable'])}{because}, but the ledger says "
            f"{words.status(billable=row['billable'])} because: {_codes(codes)}"
        )
    elif wanted is not None and set(codes) != set(wanted):
        yield f"{who}: the reasons should be: {_codes(wanted)}, but the ledger says: {_codes(codes)}"
    for key in ("account", "name"):
        if key in expected and row[key] != expected[key]:
            yield f"{who}: the {key} should be {expected[key]}, but the ledger says {row[key]}"
    if "rights" in expected and rights != expected["rights"]:
        yield (
            f"{who}: the rights that make billable should be {_listed(expected['rights'])}, "
            f"but the ledger says {_listed(rights)}"
        )
    yield from _of_causes(who, reasons, expected.get("because", {}))
    there = {note["code"] for note in row.get("notes", ())}
    there |= {f"{note['code']}:{note['right']}" for note in row.get("notes", ()) if "right" in note}
    for note in expected.get("notes", ()):
        if note not in there:
            yield f"{who} should have the note: {words.note(note)}, but the ledger has {_listed(sorted(there))}"
    for note in expected.get("no_notes", ()):
        if note in there:
            yield f"{who} should not have the note: {words.note(note)}, but the ledger has it"


def _of_causes(who: str, reasons: Sequence[Content], expected: Content) -> Iterator[str]:
    causes = {f"right:{one['right']}" if "right" in one else one["code"]: set(one["because"]) for one in reasons}
    for reason, ids in expected.items():
        found = causes.get(reason)
        if found != set(ids):
            yield (
                f"{who}: the reason {reason} should rest on the facts {_listed(ids)}, "
                f"but the ledger says {_listed(sorted(found)) if found is not None else 'that reason does not hold'}"
            )


def same(found: object, expected: object) -> bool:
    """Whether two values say the same; instants may be written differently, objects may hold more than expected."""
    if isinstance(expected, Mapping):
        return isinstance(found, Mapping) and all(
            key in found and same(found[key], value) for key, value in expected.items()
        )
    if found == expected:
        return True
    if isinstance(found, str) and isinstance(expected, str):
        try:
            return "T" in found and "T" in expected and instant(found) == instant(expected)
        except ValueError:
            return False
    return False


def of_appended(found: Sequence[Content], expected: Sequence[Content]) -> list[str]:
    """Everything in which the facts of a change are not those that a case expects, whatever their order."""
    types = {fact["id"]: fact["type"] for fact in found}
    left = list(found)
    missing = []
    for wanted in expected:
        fitting = next((fact for fact in left if _fits(fact, wanted, types)), None)
        if fitting is None:
            missing.append(f"the ledger should record {wanted}, but does not")
        else:
            left.remove(fitting)
    surplus = [
        f"the ledger also recorded {fact['type']} of {fact['data']}, effective at {fact['effective_at']}"
        for fact in left
    ]
    return [*missing, *surplus]


def _fits(fact: Content, wanted: Content, types: Mapping[str, str]) -> bool:
    for key, value in wanted.items():
        if key == "caused_by":
            if types.get(fact.get("caused_by", "")) != value:
                return False
        elif not same(fact.get(key), value):
            return False
    return True


def _strangers(found: Content, known: Iterable[str], where: str) -> Iterator[str]:
    for key in sorted(set(found) - set(known)):
        yield f"{where} says {key!r}, which no check knows; see README.md for what can be expected"


def _codes(codes: Iterable[str]) -> str:
    return words.join(words.reason(code) for code in codes)


def _former(rows: Mapping[str, str]) -> str:
    return words.join(f"{who} {words.reason(code)}" for who, code in sorted(rows.items()))


def _listed(items: Iterable[str]) -> str:
    return ", ".join(items) or "nothing"


def _number(count: int | None) -> str:
    return "unlimited" if count is None else str(count)
