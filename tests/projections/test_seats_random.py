"""Random ledgers read twice: the product and the naive reading agree at every point of both times.

ACCESSLEDGER_LONG_TESTS=1 reads many more of them.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, reduce

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain import facts
from domain.evolution import evolve
from domain.facts import Correction, DismissalCancelled, Fact
from domain.instants import write_instant
from domain.ledger import AsOf, Cut, Ledger, Line, left_out_of
from domain.readings import FreeOwner, Readings
from domain.seating import newest_terms
from domain.subscription import Period
from domain.team import Held, Team
from tests.naive.ledgers import grid, ledger, locations, shuffled_by_location
from tests.projections.twice_read import Product, Raw, Stepped, entries_of, naive_answer

LONG = os.environ.get("ACCESSLEDGER_LONG_TESTS") == "1"
CHUNKS, SEEDS, POINTS = (40, 50, 60) if LONG else (8, 14, 24)
EXAMPLES = 1_000 if LONG else 100
PRODUCT = Product()


def disagreement(product: Product, raw: list[Raw], points: list[tuple[datetime, datetime]]) -> str | None:
    """The first point at which the two readings part, as a sentence."""
    entries = entries_of(raw)
    for on, known in points:
        for location in locations(raw):
            expected, found = naive_answer(raw, location, on, known), product.answer(entries, location, on, known)
            if found != expected:
                parts = [f"{key}: {expected[key]} read naively, {found[key]} by the product" for key in expected]
                parts = [part for key, part in zip(expected, parts, strict=True) if expected[key] != found[key]]
                return f"{location} on {write_instant(on)} known {write_instant(known)}: {'; '.join(parts)}"
    return None


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_both_readings_agree(chunk: int) -> None:
    for seed in range(chunk * SEEDS, (chunk + 1) * SEEDS):
        raw = ledger(seed)
        points = grid(raw, POINTS, seed)
        for order in (raw, shuffled_by_location(raw, seed)):
            assert disagreement(PRODUCT, order, points) is None, f"seed {seed}"


@given(st.integers(0, 2**32), st.integers(8, 90), st.integers(0, 9))
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_both_readings_agree_on_whatever_comes(seed: int, size: int, points: int) -> None:
    raw = ledger(seed, size)
    assert disagreement(PRODUCT, raw, grid(raw, 8, points)) is None


# --- The tooth: each of these wrong readings is found out ---


def in_recorded_order(whole: Ledger, at: AsOf) -> Cut:
    cut = whole.as_of(at)
    return replace(cut, lines=tuple(sorted(cut.lines, key=lambda line: line.position)))


def ties_the_other_way(whole: Ledger, at: AsOf) -> Cut:
    cut = whole.as_of(at)
    return replace(cut, lines=tuple(sorted(cut.lines, key=lambda line: (line.fact.effective_at, -line.position))))


def effective_just_before(whole: Ledger, at: AsOf) -> Cut:
    cut = whole.as_of(at)
    return replace(cut, lines=tuple(line for line in cut.lines if line.fact.effective_at < at.on))


def known_just_before(whole: Ledger, at: AsOf) -> Cut:
    return recut(whole, at, lambda line: line.known_at < at.known, left_out_of)


def known_all_along(whole: Ledger, at: AsOf) -> Cut:
    return recut(whole, at, lambda line: line.carrier is not None or line.known_at <= at.known, left_out_of)


def never_left_out(whole: Ledger, at: AsOf) -> Cut:
    return recut(whole, at, lambda line: line.known_at <= at.known, lambda _: {})


def causes_stay(whole: Ledger, at: AsOf) -> Cut:
    """What a left-out fact caused is not left out with it."""

    def only_struck(known: list[Line]) -> Mapping[str, str]:
        return left_out_of([replace(line, fact=replace(line.fact, caused_by=None)) for line in known])

    return recut(whole, at, lambda line: line.known_at <= at.known, only_struck)


def corrections_of_corrections_do_nothing(whole: Ledger, at: AsOf) -> Cut:
    def simple(known: list[Line]) -> Mapping[str, str]:
        corrections = {line.fact.id for line in known if isinstance(line.fact.data, Correction | DismissalCancelled)}
        return left_out_of(
            [
                line
                for line in known
                if not (isinstance(line.fact.data, Correction) and line.fact.data.corrects in corrections)
            ]
        )

    return recut(whole, at, lambda line: line.known_at <= at.known, simple)


def inner_facts_outlive_their_correction(whole: Ledger, at: AsOf) -> Cut:
    def careless(known: list[Line]) -> Mapping[str, str]:
        return left_out_of([replace(line, carrier=None) for line in known])

    return recut(whole, at, lambda line: line.known_at <= at.known, careless)


def cancellations_do_nothing(whole: Ledger, at: AsOf) -> Cut:
    def deaf(known: list[Line]) -> Mapping[str, str]:
        return left_out_of([line for line in known if not isinstance(line.fact.data, DismissalCancelled)])

    return recut(whole, at, lambda line: line.known_at <= at.known, deaf)


def corrections_act_when_effective(whole: Ledger, at: AsOf) -> Cut:
    def late(known: list[Line]) -> Mapping[str, str]:
        return left_out_of([line for line in known if line.carrier or line.fact.effective_at <= at.on])

    return recut(whole, at, lambda line: line.known_at <= at.known, late)


def recut(
    whole: Ledger, at: AsOf, is_known: Callable[[Line], bool], leave_out: Callable[[list[Line]], Mapping[str, str]]
) -> Cut:
    known = [line for line in whole.lines if is_known(line)]
    gone = leave_out(known)
    held = [line for line in known if line.fact.effective_at <= at.on and line.fact.id not in gone]
    held.sort(key=lambda line: line.order)
    return Cut(at, tuple(held), whole.catalogues, whole.readings, gone)


CUTS = (
    in_recorded_order,
    ties_the_other_way,
    effective_just_before,
    known_just_before,
    known_all_along,
    never_left_out,
    causes_stay,
    corrections_of_corrections_do_nothing,
    inner_facts_outlive_their_correction,
    cancellations_do_nothing,
    corrections_act_when_effective,
)


def gone_stays_on_schedule(team: Team, fact: Fact) -> Team:
    """A restore brings the place on the schedule back."""
    after = evolve(team, fact)
    if isinstance(fact.data, facts.TeamMemberRestored) and after is not team:
        member = after.members[fact.data.member]
        return after.with_member(replace(member, schedule=Held(fact.id, fact.effective_at)))
    return after


def roles_cause_rights(team: Team, fact: Fact) -> Team:
    """A change of role is taken for the cause of rights that it keeps."""
    after = evolve(team, fact)
    if isinstance(fact.data, facts.RoleChanged) and after.active_user(fact.data.account) is not None:
        user = after.users[fact.data.account]
        held = Held(fact.id, fact.effective_at)
        return after.with_user(replace(user, rights=dict.fromkeys(user.rights, held)))
    return after


def idle_facts_cause(team: Team, fact: Fact) -> Team:
    """A fact that changes no right is taken for the last one that set them."""
    after = evolve(team, fact)
    if isinstance(fact.data, facts.RightsEdited) and after.active_user(fact.data.account) is not None:
        return after.with_user(replace(after.users[fact.data.account], set_by=fact.id))
    return after


def rights_are_one_register(team: Team, fact: Fact) -> Team:
    """Rights edited set the whole list, and not only the listed rights."""
    if isinstance(fact.data, facts.RightsEdited):
        user = team.active_user(fact.data.account)
        if user is not None:
            held = Held(fact.id, fact.effective_at)
            kept = {slug: user.rights.get(slug) or held for slug in fact.data.granted}
            return team.with_user(replace(user, rights=kept, set_by=fact.id))
    return evolve(team, fact)


def links_survive(team: Team, fact: Fact) -> Team:
    """The end of an access does not end its link."""
    after = evolve(team, fact)
    if isinstance(fact.data, facts.AccessRevoked | facts.InvitationWithdrawn | facts.InvitationExpired):
        return replace(after, members=team.members)
    return after


def renewals_add_seats(team: Team, fact: Fact) -> Team:
    """Seats that were added go on after the period."""
    after = evolve(team, fact)
    if isinstance(fact.data, facts.SubscriptionRenewed):
        *before, last = after.subscriptions.periods
        added = max((period.added for period in before), default=0)
        return replace(after, subscriptions=replace(after.subscriptions, periods=(*before, replace(last, added=added))))
    return after


def outlives_for_ever(team: Team, fact: Fact) -> Team:
    """The note about an access that outlives a dismissal does not end with a restore."""
    after = evolve(team, fact)
    if isinstance(fact.data, facts.TeamMemberRestored):
        return replace(after, users=team.users, members=team.members) if after is not team else after
    return after


def deaf_to(*kinds: type[facts.Data]) -> Callable[[Team, Fact], Team]:
    """A fold that does not know some types of facts."""
    return lambda team, fact: team if isinstance(fact.data, kinds) else evolve(team, fact)


STEPS: Mapping[str, Callable[[Team, Fact], Team]] = {
    **{
        step.__name__: step
        for step in (
            gone_stays_on_schedule,
            roles_cause_rights,
            idle_facts_cause,
            rights_are_one_register,
            links_survive,
            renewals_add_seats,
            outlives_for_ever,
        )
    },
    **{
        f"deaf_to_{kind.__name__}": deaf_to(kind)
        for kind in (
            facts.TeamMemberEdited,
            facts.RemovedFromSchedule,
            facts.TeamMemberDismissed,
            facts.TeamMemberDeleted,
            facts.TeamMemberRestored,
            facts.UserInvited,
            facts.InvitationAccepted,
            facts.InvitationWithdrawn,
            facts.InvitationExpired,
            facts.AccessRevoked,
            facts.RoleChanged,
            facts.UserLinked,
            facts.UserUnlinked,
            facts.SeatsAdded,
            facts.SubscriptionRenewed,
        )
    },
}

READINGS: Mapping[str, Readings] = {
    "either_creates_or_pays": Readings(create_and_pay_together=False),
    "counts_from_acceptance": Readings(invitation_counts_from_grant=False),
    "latest_owner_is_free": Readings(free_owner=FreeOwner.LATEST),
    "removing_people_is_exempt": Readings(removing_people_is_exempt=True),
    "taking_data_out_is_paid": Readings(taking_data_out_is_paid=True),
    "mailings_are_free": Readings(mailings_are_paid=False),
}


class NewestTerms(Stepped):
    """Terms change when they are published, not with a purchase."""

    @cached_property
    def terms(self) -> facts.billing.TermsName:
        return newest_terms(self.cut)


class FirstPeriod(Stepped):
    """The period that started first counts as long as it runs."""

    @cached_property
    def period(self) -> Period | None:
        running = [one for one in self.team.subscriptions.periods if one.starts_at <= self.cut.at.on < one.ends_at]
        return min(running, key=lambda one: one.starts_at) if running else self.team.subscriptions.at(self.cut.at.on)


class AnyOrder(Stepped):
    """The step also sees the facts of one instant backwards."""

    @cached_property
    def team(self) -> Team:
        lines = sorted(self.cut.lines, key=lambda line: (line.fact.effective_at, line.fact.id))
        return reduce(self.step, (line.fact for line in lines), Team())


@dataclass(frozen=True)
class Wrong:
    name: str
    product: Product


WRONG = [
    *(Wrong(cut.__name__, Product(cut=cut)) for cut in CUTS),
    *(Wrong(name, Product(step=step)) for name, step in STEPS.items()),
    *(Wrong(name, Product(readings=readings)) for name, readings in READINGS.items()),
    *(Wrong(seating.__name__, Product(seating=seating)) for seating in (NewestTerms, FirstPeriod, AnyOrder)),
]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.name)
def test_a_wrong_reading_is_found_out(wrong: Wrong) -> None:
    for seed in range(120):
        raw = ledger(seed)
        try:
            if disagreement(wrong.product, raw, grid(raw, 6, seed)) is not None:
                return
        except KeyError:
            return  # it fell over its own mistake
    pytest.fail("no ledger among so many shows that this reading is wrong")
