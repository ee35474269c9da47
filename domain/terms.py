"""The three generations of terms as three functions: a person of the location -> a verdict with its reasons.

Each generation is frozen code (answers.md, "The three generations of terms"): a question about March uses the terms
that the subscription had in March. An old generation is never edited.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import repeat
from typing import NamedTuple

from domain.catalogue import BillingClass
from domain.facts.billing import TermsName
from domain.readings import CREATE, PAY, Readings
from domain.rights import Sorted
from domain.team import Member, User


class Reason(NamedTuple):
    """A code of answers.md, the right it names if any, and the facts it rests on; thousands are made for one answer."""

    code: str
    because: tuple[str, ...]
    right: str | None = None


_reason: Callable[[Iterable[object]], Reason] = partial(tuple.__new__, Reason)
"""The same from its parts, made at half the price of a call with them."""


@dataclass(frozen=True, slots=True)
class Test:
    """One rule as it was tried on a person: whether it held, and the facts that decided it."""

    rule: str
    holds: bool
    because: tuple[str, ...]
    rights: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Billable or not, every reason that holds, and every rule that was tried."""

    billable: bool
    reasons: tuple[Reason, ...]
    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """One row of the billing list as the terms look at it: a member, a user, or both linked."""

    member: Member | None
    user: User | None
    rights: Sorted
    classes: Mapping[BillingClass, frozenset[str]]
    readings: Readings
    free_owner: bool = False
    """Whether this is the one owner that is free; decided over the whole location."""

    @property
    def counted(self) -> bool:
        """Whether the user's role and rights count yet: an invitation counts from the grant, unless read otherwise."""
        pending = self.user is not None and self.user.invitation is not None
        return self.user is not None and (self.readings.invitation_counts_from_grant or not pending)


def service_providers(person: Person) -> Verdict:
    """First generation: who is on the schedule."""
    tests = (_on_schedule(person),)
    if tests[0].holds:
        return _billable(tests)
    return _free(tests, "user_only" if person.user is not None else "no_access", person)


def client_interaction(person: Person) -> Verdict:
    """Second generation: on the schedule, an administrator, or able to create appointments and take payment."""
    user = person.user
    tests = [_on_schedule(person)]
    if person.free_owner and user is not None:
        tests.append(Test("owner_free", holds=True, because=(user.role_held.fact,)))
        return Verdict(billable=False, reasons=(Reason("owner_free", (user.role_held.fact,)),), tests=tuple(tests))
    if user is not None:
        administrator = person.counted and user.role == "administrator"
        tests.append(Test("role_administrator", administrator, (user.role_held.fact,)))
        tests.append(_creates_and_pays(person, user))
    if any(test.holds for test in tests):
        return _billable(tuple(tests))
    return _free(tuple(tests), "no_create_and_pay" if user is not None else "no_access", person)


def access_rights(person: Person) -> Verdict:
    """Third generation: on the schedule, or any effective right of class P."""
    tests = [_on_schedule(person)]
    exempt = False
    if person.user is not None:
        paid = person.rights.facts_among(person.classes["P"]) if person.counted else {}
        exempt = person.counted and bool(person.rights.among(person.classes["X"]))
        tests.append(Test("right", bool(paid), tuple(paid.values()) or (person.user.set_by,), tuple(paid)))
    if any(test.holds for test in tests):
        return _billable(tuple(tests))
    if person.user is None:
        return _free(tuple(tests), "no_access", person)
    return _free(tuple(tests), "team_and_billing" if exempt else "read_only", person)


GENERATIONS: Mapping[TermsName, Callable[[Person], Verdict]] = {
    "service_providers": service_providers,
    "client_interaction": client_interaction,
    "access_rights": access_rights,
}
"""Every generation of the terms, oldest first."""


def _on_schedule(person: Person) -> Test:
    member = person.member
    if member is not None and member.schedule is not None:
        return Test("schedule", holds=True, because=(member.schedule.fact,))
    return Test("schedule", holds=False, because=(member.present.fact,) if member is not None else ())


def _creates_and_pays(person: Person, user: User) -> Test:
    held = {slug: person.rights.effective[slug] for slug in (CREATE, PAY) if slug in person.rights.effective}
    enough = len(held) == 2 if person.readings.create_and_pay_together else bool(held)
    holds = person.counted and enough
    because = tuple(dict.fromkeys(right.fact for right in held.values())) if holds else (user.set_by,)
    return Test("create_and_pay", holds, because, tuple(held))


def _billable(tests: tuple[Test, ...]) -> Verdict:
    reasons: list[Reason] = []
    for test in tests:
        if test.holds and test.rule == "right":  # each right rests on a fact of its own
            codes = repeat("right", len(test.rights))
            reasons.extend(map(_reason, zip(codes, zip(test.because), test.rights, strict=True)))
        elif test.holds:
            reasons.append(Reason(test.rule, test.because))
    return Verdict(billable=True, reasons=tuple(reasons), tests=tests)


def _free(tests: tuple[Test, ...], code: str, person: Person) -> Verdict:
    if person.user is not None:
        because = person.user.set_by
    else:
        assert person.member is not None
        because = person.member.access_ended or person.member.added
    return Verdict(billable=False, reasons=(Reason(code, (because,)),), tests=tests)
