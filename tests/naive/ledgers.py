"""Seeded random ledgers in the interchange format, full of late facts, corrections, ties in time and odd days.

The facts obey the form of facts.md (recorded order, no plain fact effective before it was recorded, no id twice) and
no business rule: what rests on nothing, changes nothing or contradicts itself is part of the point.
A correction stays within the stream of what it corrects, and whether a fact counts never depends on itself.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from tests.naive.reading import Fact, instant, start_of_day

Draft = tuple[str, dict[str, Any]]

NAMESPACE = UUID("6f0d6a52-4a43-5d0e-9f5e-1f4d2b5f7a10")
MICROSECOND = timedelta(microseconds=1)

# Spans of recorded time, with the zones whose clocks do something odd in them.
ERAS = (
    ("2011-11-20", "2012-04-20", ("Pacific/Apia",)),
    ("2018-02-01", "2019-03-15", ("America/Sao_Paulo",)),
    ("2020-08-15", "2021-05-01", ("Pacific/Apia", "America/Havana")),
    ("2023-12-01", "2024-11-20", ("America/Havana", "Europe/Berlin")),
    ("2025-08-01", "2026-08-20", ("Europe/Berlin", "America/Havana")),
    ("2025-11-01", "2026-05-20", ("Europe/Berlin", "Asia/Kathmandu")),
    ("2024-01-10", "2026-08-20", ("Asia/Kathmandu", "Europe/Berlin")),
)
ERA_WEIGHTS = (1, 2, 2, 4, 5, 5, 4)
ZONES = ("Europe/Berlin", "America/Sao_Paulo", "America/Havana", "Pacific/Apia", "Asia/Kathmandu", "UTC")

# The three generations as in the acceptance cases: recorded, effective, terms.
TERMS = (
    ("2020-01-01T00:00:00Z", "2020-01-01T00:00:00Z", "service_providers"),
    ("2024-02-15T00:00:00Z", "2024-03-15T00:00:00Z", "client_interaction"),
    ("2026-01-12T00:00:00Z", "2026-02-03T00:00:00Z", "access_rights"),
)

PEOPLE = ("ann", "ada", "cleo", "ivo", "max", "olga", "pavel", "sana", "vic")
# Some names are one name to the eye of `unlinked_twin`, others only nearly.
NAMES = ("Ann", "ann ", "A nn", "Anna", "Ада", "ада", "Straße", "STRASSE", "Ivo", "Max", "Olga", "Sana Li", "sanali")
ROLES = ("owner", "administrator", "manager", "call_center", "accountant", "viewer", "specialist", "system_manager")
ROLE_WEIGHTS = (5, 3, 3, 1, 1, 2, 1, 2)

# What a person may have ticked, parents before children: F, P and X, exports and prints, several levels.
SECTIONS: dict[str, tuple[str, ...]] = {
    "records_access": ("records_create_access", "records_edit_access", "records_finances_access"),
    "records_finances_access": ("records_finances_pay_from_deposits_access",),
    "clients_access": ("clients_edit_access", "clients_export_access", "clients_comments_access"),
    "clients_comments_access": ("clients_comments_add_access",),
    "timetable_access": ("timetable_schedule_edit_access", "timetable_phones_access"),
    "storages_access": ("storages_goods_access",),
    "storages_goods_access": ("storages_goods_edit_access",),
    "storages_goods_edit_access": ("storages_goods_edit_title_access",),
    "settings_access": ("settings_users_access", "settings_staff_access"),
    "settings_users_access": ("settings_users_edit_access", "settings_users_delete_access"),
    "settings_staff_access": ("settings_staff_create_access",),
    "billing_access": ("billing_invoices_access",),
    "medicine_access": ("medicine_card_access",),
    "medicine_card_access": ("medicine_card_print_access",),
}
ABOVE = {child: parent for parent, children in SECTIONS.items() for child in children}
LONERS = ("send_sms_access", "chain.users_access", "chain.clients_access", "online_record_access")
UNKNOWN = ("robots_dispatch_access", "drones_fly_access")
SCOPES = ("clients_visit_staff_id", "settings_users_limited_access")
RIGHTS = tuple(dict.fromkeys([*SECTIONS, *(child for children in SECTIONS.values() for child in children), *LONERS]))

CAUSES_OF_UNLINKING = {
    "TeamMemberDismissed": "dismissal",
    "TeamMemberDeleted": "deletion",
    "AccessRevoked": "revocation",
}


@lru_cache(maxsize=4096)
def midnight(day: date, tz: str) -> datetime:
    return start_of_day(day, tz)


def stamp(when: datetime) -> str:
    return when.astimezone(UTC).isoformat().replace("+00:00", "Z")


def inside(fact: Fact) -> list[Fact]:
    """The fact and those that its corrections carry, outermost first."""
    found = [fact]
    while found[-1]["type"] == "Correction" and found[-1]["data"]["fact"] is not None:
        found.append(found[-1]["data"]["fact"])
    return found


def circular(facts: list[Fact]) -> bool:
    """Whether some fact's counting could depend on itself: through its carrier, its cause, or what corrects it."""
    leans_on: dict[str, set[str]] = {}
    for plain in facts:
        nested = inside(plain)
        for index, fact in enumerate(nested):
            reasons = leans_on.setdefault(fact["id"], set())
            if index:
                reasons.add(nested[index - 1]["id"])
            if "caused_by" in fact:
                reasons.add(fact["caused_by"])
            target = fact["data"].get("corrects") or fact["data"].get("cancels")
            if target is not None:
                leans_on.setdefault(target, set()).add(fact["id"])
    try:
        TopologicalSorter(leans_on).prepare()
    except CycleError:
        return True
    return False


class Place:
    """A location as its own talk makes it look: a rough memory, to say things that mostly make sense."""

    def __init__(self, name: str, zone: str) -> None:
        self.name = name
        self.zone = zone
        self.facts: list[Fact] = []
        self.members: dict[str, bool] = {}
        self.users: dict[str, tuple[str, list[str]]] = {}
        self.gone_users: list[str] = []
        self.pending: list[str] = []
        self.links: dict[str, str] = {}
        self.dismissals: list[Fact] = []
        self.period: dict[str, Any] | None = None

    def heed(self, fact: Fact) -> None:
        """Remembers roughly what a fact said, plain or inner."""
        data, kind = fact["data"], fact["type"]
        account, member = data.get("account", ""), data.get("member", "")
        if kind in ("TeamMemberAdded", "TeamMemberRestored"):
            self.members[member] = True
        elif kind in ("TeamMemberDismissed", "TeamMemberDeleted"):
            self.members[member] = False
        elif kind in ("UserInvited", "AccessGranted"):
            self.users[account] = (data["role"], data["rights"])
            if kind == "UserInvited":
                self.pending.append(account)
        elif kind == "RoleChanged":
            self.users[account] = (data["after"], data["rights_after"])
        elif kind in ("AccessRevoked", "InvitationWithdrawn", "InvitationExpired"):
            self.users.pop(account, None)
            self.gone_users.append(account)
        elif kind in ("SubscriptionPurchased", "SubscriptionRenewed"):
            self.period = data
        if kind == "UserLinked":
            self.links[account] = member
        if kind == "TeamMemberDismissed":
            self.dismissals.append(fact)


class Scribe:
    """Writes one ledger. Every choice comes from one generator, so the same seed gives the same bytes."""

    def __init__(self, seed: int, size: int) -> None:
        self.seed = seed
        self.size = size
        self.rng = random.Random(seed)
        self.count = 0
        self.facts: list[Fact] = []
        first, last, odd = self.rng.choices(ERAS, ERA_WEIGHTS)[0]
        self.first = datetime.fromisoformat(first).replace(tzinfo=UTC)
        self.last = datetime.fromisoformat(last).replace(tzinfo=UTC)
        number = self.rng.choice((1, 1, 2, 2, 3))
        zones = [self.rng.choice(odd), *(self.rng.choice(ZONES) for _ in range(2))]
        self.places = [Place(f"L{index + 1}", zones[index]) for index in range(number)]
        self.open: list[Place] = []
        self.moments = sorted(self.moment() for _ in range(size))
        self.now = self.first
        self.terms = list(TERMS)
        self.drafts: tuple[tuple[int, Callable[[Place], Draft | None]], ...] = (
            (9, self.member_added),
            (4, self.member_edited),
            (10, self.added_to_schedule),
            (3, self.removed_from_schedule),
            (1, self.hours_planned),
            (6, self.dismissed),
            (9, self.dismissal_cancelled),
            (3, self.deleted),
            (4, self.restored),
            (5, self.invited),
            (4, self.invitation_answered),
            (9, self.granted),
            (6, self.role_changed),
            (10, self.rights_edited),
            (11, self.linked),
            (3, self.unlinked),
            (2, self.revoked),
            (5, self.purchased),
            (3, self.renewed),
            (3, self.seats_added),
            (2, self.noise),
        )

    # --- Time ---

    def moment(self) -> datetime:
        """An instant of the era: mostly anywhere, sometimes about a local midnight, often on a round minute."""
        seconds = int((self.last - self.first).total_seconds())
        when = self.first + timedelta(seconds=self.rng.randrange(seconds))
        odd = self.rng.random()
        if odd < 0.15:
            zone = self.rng.choice(self.places).zone
            return midnight(when.date(), zone) + self.rng.choice((timedelta(0), -MICROSECOND, timedelta(minutes=30)))
        if odd < 0.4:  # few enough of these that facts meet at one instant
            return when.replace(hour=9, minute=0, second=0)
        return when.replace(second=0) if odd < 0.8 else when + self.rng.randrange(1_000_000) * MICROSECOND

    def later(self) -> datetime:
        return self.now + self.rng.choice((MICROSECOND, timedelta(hours=3), timedelta(days=1), timedelta(days=40)))

    def other_time(self) -> datetime:
        """When an inner fact holds: at an instant used before, a hair beside it, anywhere in the past, rarely ahead."""
        used = [instant(fact["effective_at"]) for place in self.open for fact in place.facts]
        odd = self.rng.random()
        if odd < 0.35 and used:
            return self.rng.choice(used) + self.rng.choice((timedelta(0), MICROSECOND, -MICROSECOND))
        if odd < 0.85:
            return self.first + (self.now - self.first) * self.rng.random()
        return self.now if odd < 0.93 else self.later()

    # --- Whom it is about: mostly somebody for whom it makes sense ---

    def one_of(self, fitting: list[str], anybody: list[str]) -> str:
        return self.rng.choice(fitting if fitting and self.rng.random() < 0.88 else anybody)

    def member(self, place: Place, *, here: bool) -> str:
        fitting = [member for member, present in place.members.items() if present is here]
        return self.one_of(fitting, list(PEOPLE))

    def account(self, place: Place, *, here: bool) -> str:
        everybody = [f"acc-{person}" for person in PEOPLE]
        return self.one_of([who for who in everybody if (who in place.users) is here], everybody)

    def name(self, person: str) -> str:
        return person.removeprefix("acc-").capitalize() if self.rng.random() < 0.5 else self.rng.choice(NAMES)

    def rights(self) -> list[str]:
        held: set[str] = set()
        for parent, children in SECTIONS.items():
            if self.rng.random() < 0.3:
                held.add(parent)
                held.update(child for child in children if self.rng.random() < 0.5)
        held.update(right for right in RIGHTS if self.rng.random() < 0.03)
        held.update(right for right in UNKNOWN if self.rng.random() < 0.04)
        held.update(right for right in SCOPES if self.rng.random() < 0.02)
        if self.rng.random() < 0.2:
            held.update(("records_access", "records_create_access", "records_finances_access"))
        if self.rng.random() < 0.6:  # with every section above: else much of it is without effect
            for right in sorted(held):
                section = right
                while section in ABOVE:
                    section = ABOVE[section]
                    held.add(section)
        if self.rng.random() < 0.15:
            return sorted(held & {"clients_access", "clients_export_access", "billing_access", "timetable_access"})
        return sorted(held)

    def scopes(self) -> dict[str, Any]:
        return {"clients_visit_staff_id": self.rng.choice(PEOPLE)} if self.rng.random() < 0.1 else {}

    # --- Drafts: a type and its data ---

    def member_added(self, place: Place) -> Draft | None:
        fresh = [person for person in PEOPLE if person not in place.members]
        person = self.one_of(fresh, list(PEOPLE))
        return "TeamMemberAdded", {"member": person, "name": self.name(person), "position": "Stylist"}

    def member_edited(self, place: Place) -> Draft | None:
        person = self.member(place, here=True)
        if self.rng.random() < 0.3:
            return "TeamMemberEdited", {"member": person, "before": {"position": "A"}, "after": {"position": "B"}}
        data = {"member": person, "before": {"name": self.name(person)}, "after": {"name": self.name(person)}}
        return "TeamMemberEdited", data

    def added_to_schedule(self, place: Place) -> Draft | None:
        return "AddedToSchedule", {"member": self.member(place, here=True)}

    def removed_from_schedule(self, place: Place) -> Draft | None:
        return "RemovedFromSchedule", {"member": self.member(place, here=True)}

    def hours_planned(self, place: Place) -> Draft | None:
        until = None if self.rng.random() < 0.5 else str((self.now + timedelta(days=20)).date())
        return "WorkingHoursPlanned", {"member": self.member(place, here=True), "until": until}

    def dismissed(self, place: Place) -> Draft | None:
        day = self.now.astimezone(ZoneInfo(place.zone)).date()
        day += timedelta(days=self.rng.choice((-9, 0, 1, 7, 20, 45)))
        member = self.member(place, here=True)
        return "TeamMemberDismissed", {"member": member, "dismissal_date": str(day), "reason": "Left the team"}

    def dismissal_cancelled(self, place: Place) -> Draft | None:
        waiting = [fact for fact in place.dismissals if instant(fact["effective_at"]) > self.now]
        if not waiting and self.rng.random() < 0.9:
            return None
        if self.rng.random() < 0.1:  # names a fact that is no dismissal, or another member
            fact = self.rng.choice(place.facts)
            return "DismissalCancelled", {"member": self.member(place, here=True), "cancels": fact["id"]}
        if not (waiting or place.dismissals):
            return None
        fact = self.rng.choice(waiting or place.dismissals)
        place.members[fact["data"]["member"]] = True
        return "DismissalCancelled", {"member": fact["data"]["member"], "cancels": fact["id"]}

    def deleted(self, place: Place) -> Draft | None:
        return "TeamMemberDeleted", {"member": self.member(place, here=self.rng.random() < 0.7)}

    def restored(self, place: Place) -> Draft | None:
        return "TeamMemberRestored", {"member": self.member(place, here=False)}

    def given(self, place: Place) -> dict[str, Any]:
        account = self.account(place, here=self.rng.random() < 0.12)
        role = self.rng.choices(ROLES, ROLE_WEIGHTS)[0]
        data: dict[str, Any] = {"account": account, "role": role, "rights": self.rights(), "scopes": self.scopes()}
        if self.rng.random() < 0.6:
            data["name"] = self.name(account)
        return data

    def invited(self, place: Place) -> Draft | None:
        data = self.given(place)
        data["contact"] = f"{data['account'].removeprefix('acc-')}@example.test"
        if self.rng.random() < 0.5:
            data["member"] = self.member(place, here=True)
        return "UserInvited", data

    def invitation_answered(self, place: Place) -> Draft | None:
        kind = self.rng.choice(("InvitationAccepted", "InvitationWithdrawn", "InvitationExpired"))
        return kind, {"account": self.one_of(place.pending, [f"acc-{person}" for person in PEOPLE])}

    def granted(self, place: Place) -> Draft | None:
        return "AccessGranted", self.given(place)

    def role_changed(self, place: Place) -> Draft | None:
        account = self.account(place, here=True)
        role, rights = place.users.get(account, ("viewer", []))
        scopes = self.scopes()
        data = {
            "account": account,
            "before": role,
            "after": self.rng.choices(ROLES, ROLE_WEIGHTS)[0] if self.rng.random() < 0.85 else role,
            "rights_before": rights,
            "rights_after": self.rights() if self.rng.random() < 0.5 else rights,
            "scopes_before": scopes,
            "scopes_after": scopes,
        }
        return "RoleChanged", data

    def rights_edited(self, place: Place) -> Draft | None:
        account = self.account(place, here=True)
        _, held = place.users.get(account, ("viewer", []))
        named = self.rng.sample([*RIGHTS, *RIGHTS, *UNKNOWN, *held, *held], self.rng.choice((0, 1, 1, 2, 2, 4, 7)))
        granted, revoked = set(named[::2]), set(named[1::2])
        if self.rng.random() < 0.25:
            granted |= {"records_access", "records_create_access", "records_finances_access"}
        data = {
            "account": account,
            "granted": sorted(granted),
            "revoked": sorted(revoked - granted),
            "scopes_before": {},
            "scopes_after": self.scopes(),
        }
        return "RightsEdited", data

    def linked(self, place: Place) -> Draft | None:
        return "UserLinked", {"account": self.account(place, here=True), "member": self.member(place, here=True)}

    def unlinked(self, place: Place) -> Draft | None:
        pairs = list(place.links.items())
        pair = (self.account(place, here=True), self.member(place, here=True))
        account, member = self.rng.choice(pairs) if pairs and self.rng.random() < 0.85 else pair
        cause = self.rng.choice(("manual", "manual", "dismissal", "deletion", "revocation"))
        return "UserUnlinked", {"account": account, "member": member, "cause": cause}

    def revoked(self, place: Place) -> Draft | None:
        return "AccessRevoked", {"account": self.account(place, here=True)}

    def bought(self, subscription: str, starts: datetime) -> dict[str, Any]:
        ends = starts + timedelta(days=self.rng.choice((10, 30, 90, 180)))
        return {
            "subscription": subscription,
            "terms": self.rng.choice([terms for _, _, terms in TERMS]),
            "seats": self.rng.choice((0, 1, 2, 3, 5)),
            "starts_at": stamp(starts),
            "ends_at": stamp(ends),
            "auto_renews": self.rng.random() < 0.5,
        }

    def purchased(self, place: Place) -> Draft | None:
        starts = self.rng.choice((self.now, self.now, self.now, self.later(), self.now - timedelta(days=3)))
        number = self.rng.choice((1, 2, 3))
        return "SubscriptionPurchased", self.bought(f"P{number}-{place.name}", starts)

    def renewed(self, place: Place) -> Draft | None:
        if place.period is None:
            return None
        ends = instant(place.period["ends_at"])
        starts = ends if ends >= self.now and self.rng.random() < 0.8 else self.now
        data = self.bought(place.period["subscription"], starts)
        return "SubscriptionRenewed", {**data, "automatic": self.rng.random() < 0.8}

    def seats_added(self, place: Place) -> Draft | None:
        running = "P1-nowhere" if place.period is None else place.period["subscription"]
        return "SeatsAdded", {"subscription": running, "seats": self.rng.choice((1, 2, 4))}

    def noise(self, place: Place) -> Draft | None:
        """Facts of a location that are of no matter to its seats."""
        subscription = f"P1-{place.name}"
        choices: list[Draft] = [
            ("RenewalFailed", {"subscription": subscription}),
            ("SeatsCharged", {"subscription": subscription, "charge": f"c-{self.count}", "billable": 1, "free": 0}),
            ("LocationJoinedChain", {"chain": "C1"}),
            ("LocationLeftChain", {"chain": "C1"}),
            ("DataExported", {"what": "clients", "format": "xlsx", "rows": 7}),
            ("RecordEdited", {"entity": "client", "entity_id": "c-1", "before": {"a": "1"}, "after": {"a": "2"}}),
            ("LogViewed", {"filter": {"member": "ann"}}),
        ]
        return self.rng.choice(choices)

    def draft(self, place: Place) -> Draft:
        while True:
            drafts = [draft for _, draft in self.drafts]
            drawn = self.rng.choices(drafts, [weight for weight, _ in self.drafts])[0](place)
            if drawn is not None:
                return drawn

    # --- Facts ---

    def fact(self, place: Place | None, draft: Draft, effective: datetime) -> Fact:
        self.count += 1
        person = f"acc-{self.rng.choice(PEOPLE)}"
        fact: Fact = {"id": str(uuid5(NAMESPACE, f"{self.seed}/{self.count}")), "type": draft[0]}
        if place is not None:
            fact["location"] = place.name
        fact["recorded_at"] = stamp(self.now)
        fact["effective_at"] = stamp(effective)
        fact["actor"] = {"kind": "person", "id": person}
        fact["device"] = {"id": f"dev-{person}", "ip": "198.51.100.7", "user_agent": "Studio/5.1", "session": "s-1"}
        fact["change"] = f"change-{self.seed}-{self.count}"
        fact["source"] = "booking-app"
        fact["data"] = draft[1]
        return fact

    def put(self, place: Place | None, fact: Fact) -> None:
        self.facts.append(fact)
        if place is not None:
            place.facts.append(fact)
            place.heed(inside(fact)[-1])

    def takes_effect(self, place: Place, draft: Draft) -> datetime:
        """When a plain fact holds: never before it was recorded."""
        kind, data = draft
        if kind == "TeamMemberDismissed":
            return max(self.now, midnight(date.fromisoformat(data["dismissal_date"]), place.zone))
        if kind in ("SubscriptionPurchased", "SubscriptionRenewed"):
            return max(self.now, instant(data["starts_at"]))
        plain = kind == "DismissalCancelled" or self.rng.random() < 0.88
        return self.now if plain else self.later()

    def say(self, place: Place) -> None:
        waiting = any(instant(fact["effective_at"]) > self.now for fact in place.dismissals)
        cancelled = self.dismissal_cancelled(place) if waiting and self.rng.random() < 0.25 else None
        draft = cancelled or self.draft(place)
        linked = dict(place.links)
        fact = self.fact(place, draft, self.takes_effect(place, draft))
        if self.rng.random() < 0.06:
            self.blame(place, fact)
        self.put(place, fact)
        if draft[0] in CAUSES_OF_UNLINKING and self.rng.random() < 0.75:
            self.say_caused(place, fact, linked)

    def say_caused(self, place: Place, cause: Fact, linked: dict[str, str]) -> None:
        """What a dismissal, a deletion or a revocation brings about, at the same effective instant and change."""
        data, effective = cause["data"], instant(cause["effective_at"])
        how = CAUSES_OF_UNLINKING[cause["type"]]
        drafts: list[Draft] = [
            ("UserUnlinked", {"account": account, "member": member, "cause": how})
            for account, member in linked.items()
            if data.get("member") == member or data.get("account") == account
        ]
        if "member" in data:
            drafts.append(("RemovedFromSchedule", {"member": data["member"]}))
        for draft in drafts:
            fact = {**self.fact(place, draft, effective), "change": cause["change"], "caused_by": cause["id"]}
            self.put(place, fact)
            if draft[0] == "UserUnlinked" and self.rng.random() < 0.15:  # and that brings about more
                more = self.fact(place, ("AccessRevoked", {"account": draft[1]["account"]}), effective)
                self.put(place, {**more, "caused_by": fact["id"]})

    def blame(self, place: Place, fact: Fact) -> None:
        """Names an earlier fact of the place as the cause, where that ties no knot."""
        fact["caused_by"] = self.rng.choice([one for plain in place.facts[-25:] for one in inside(plain)])["id"]
        if circular([*self.facts, fact]):
            del fact["caused_by"]

    def target(self, place: Place) -> Fact:
        weights = {"DismissalCancelled": 12, "Correction": 3, "TeamMemberDismissed": 3, "LocationOpened": 0}
        known = [(one, one is not plain) for plain in place.facts for one in inside(plain)]
        weighed = [weights.get(one["type"], 1) * (2 if inner else 1) for one, inner in known]
        return self.rng.choices(known, weighed)[0][0]

    def correction(self, place: Place, depth: int = 0) -> Draft:
        kind = self.rng.choices(("late", "void", "replace"), (10, 6, 7))[0]
        target = None if kind == "late" else self.target(place)
        inner = None if kind == "void" else self.inner(place, target, depth)
        if target is None:
            return "Correction", {"kind": kind, "corrects": None, "fact": inner}
        # Now and then it names a fact that is not there yet, and so does nothing.
        ahead = str(uuid5(NAMESPACE, f"{self.seed}/{self.count + 6}"))
        corrects = ahead if self.rng.random() < 0.02 else target["id"]
        return "Correction", {"kind": kind, "corrects": corrects, "fact": inner}

    def inner(self, place: Place, target: Fact | None, depth: int) -> Fact:
        effective = self.other_time()
        if depth < 2 and self.rng.random() < 0.08:
            fact = self.fact(place, self.correction(place, depth + 1), effective)
        elif target is not None and target["type"] not in ("Correction", "DismissalCancelled"):
            changed = self.rng.random() < 0.5
            again = self.draft(place) if changed else (target["type"], dict(target["data"]))
            fact = self.fact(place, again, effective)
        else:
            fact = self.fact(place, self.draft(place), effective)
        if fact["type"].startswith("Subscription"):
            length = instant(fact["data"]["ends_at"]) - instant(fact["data"]["starts_at"])
            fact["data"] |= {"starts_at": stamp(effective), "ends_at": stamp(effective + length)}
        if fact["type"] == "TeamMemberDismissed":
            fact["data"] |= {"dismissal_date": str(effective.astimezone(ZoneInfo(place.zone)).date())}
        return fact

    def correct(self, place: Place) -> None:
        effective = self.now if self.rng.random() < 0.9 else self.later()
        fact = self.fact(place, self.correction(place), effective)
        fact["actor"] = {"kind": "support", "id": "key-support", "on_behalf_of": "acc-olga"}
        fact["reason"] = "ticket 4711"
        for one in inside(fact):
            if self.rng.random() < 0.1:
                self.blame_within(place, fact, one)
        if not circular([*self.facts, fact]):
            self.put(place, fact)

    def blame_within(self, place: Place, carrier: Fact, fact: Fact) -> None:
        fact["caused_by"] = self.rng.choice([one for plain in place.facts[-25:] for one in inside(plain)])["id"]
        if circular([*self.facts, carrier]):
            del fact["caused_by"]

    # --- The whole ---

    def publish(self) -> None:
        """The terms that were published by now, at their own time."""
        moment = self.now
        while self.terms and instant(self.terms[0][0]) <= moment:
            recorded, effective, terms = self.terms.pop(0)
            self.now = instant(recorded)
            fact = self.fact(None, ("TermsPublished", {"terms": terms, "from": effective[:10]}), instant(effective))
            fact["actor"] = {"kind": "system", "id": "terms"}
            del fact["device"]
            self.put(None, fact)
            if self.rng.random() < 0.06:  # published with a wrong day, and put right
                again = self.fact(None, ("TermsPublished", fact["data"]), instant(effective) - timedelta(days=2))
                data = {"kind": "replace", "corrects": fact["id"], "fact": again}
                self.put(None, self.fact(None, ("Correction", data), self.now))
        self.now = moment

    def account_fact(self) -> None:
        account = f"acc-{self.rng.choice(PEOPLE)}"
        choices: list[Draft] = [
            ("SignedIn", {"account": account, "two_step": None}),
            ("TwoStepEnabled", {"account": account, "channel": "totp"}),
        ]
        self.put(None, self.fact(None, self.rng.choice(choices), self.now))

    def open_place(self, index: int) -> None:
        waiting = [place for place in self.places if place not in self.open]
        if waiting and (not self.open or index * 4 > self.size or self.rng.random() < 0.3):
            place = waiting[0]
            self.open.append(place)
            data = {"name": f"Studio {place.name}", "time_zone": place.zone}
            self.put(place, self.fact(place, ("LocationOpened", data), self.now))
            if self.rng.random() < 0.7:
                draft = ("SubscriptionPurchased", self.bought(f"P1-{place.name}", self.now))
                self.put(place, self.fact(place, draft, self.now))
            if self.rng.random() < 0.7:
                self.found(place)

    def found(self, place: Place) -> None:
        """A first crew in one instant: an owner and a user with a link, two members, one of them on the schedule."""
        first, second = self.rng.sample(PEOPLE, 2)
        drafts: list[Draft] = [
            ("TeamMemberAdded", {"member": first, "name": self.name(first)}),
            ("TeamMemberAdded", {"member": second, "name": self.name(second)}),
            ("AddedToSchedule", {"member": self.rng.choice((first, second))}),
            ("AccessGranted", {**self.given(place), "account": f"acc-{first}", "role": "owner"}),
            ("AccessGranted", {**self.given(place), "account": f"acc-{second}"}),
            ("UserLinked", {"account": f"acc-{second}", "member": self.rng.choice((first, second))}),
        ]
        for draft in drafts:
            self.put(place, self.fact(place, draft, self.now))

    def write(self) -> list[Fact]:
        for index, moment in enumerate(self.moments):
            if len(self.facts) >= self.size + len(TERMS):
                break
            self.now = moment
            self.publish()
            self.open_place(index)
            place = self.rng.choice(self.open)
            odd = self.rng.random()
            if odd < 0.03:
                self.account_fact()
            elif odd < 0.44 and len(place.facts) > 5:
                self.correct(place)
            else:
                self.say(place)
        self.now = max(self.now, instant(TERMS[-1][0]))
        self.publish()
        return self.facts


def ledger(seed: int, size: int = 60) -> list[Fact]:
    """About `size` facts of one to three locations and the three generations of terms, in recorded order."""
    return Scribe(seed, size).write()


def locations(facts: list[Fact]) -> dict[str, str]:
    """Each location of the ledger with its time zone."""
    return {fact["location"]: fact["data"]["time_zone"] for fact in facts if fact["type"] == "LocationOpened"}


def shuffled_by_location(facts: list[Fact], seed: int) -> list[Fact]:
    """Another interleaving of the streams: each location's facts, and those of none, keep their own order."""
    rng = random.Random(seed)
    streams: dict[str | None, list[Fact]] = {}
    for fact in facts:
        streams.setdefault(fact.get("location"), []).append(fact)
    whose = [fact.get("location") for fact in facts]
    rng.shuffle(whose)
    ahead = {location: iter(stream) for location, stream in streams.items()}
    return [next(ahead[location]) for location in whose]


def grid(facts: list[Fact], count: int = 60, seed: int = 0) -> list[tuple[datetime, datetime]]:
    """At most `count` points (on, known): instants of the facts, a microsecond before, and between."""
    rng = random.Random(seed)
    everything = [one for plain in facts for one in inside(plain)]
    exact = {instant(plain["recorded_at"]) for plain in facts}
    for fact in everything:
        moments = [fact["effective_at"], fact["data"].get("starts_at"), fact["data"].get("ends_at")]
        exact.update(instant(moment) for moment in moments if moment is not None)
    marks = sorted(exact)
    between = [earlier + (later - earlier) / 2 for earlier, later in pairwise(marks)]
    interesting = sorted({*marks, *(mark - MICROSECOND for mark in marks), *between})
    known = sorted({instant(plain["recorded_at"]) for plain in facts})
    knowing = sorted({*known, *(mark - MICROSECOND for mark in known)})
    points: set[tuple[datetime, datetime]] = {(marks[-1], marks[-1])}
    for _ in range(20 * count):
        if len(points) >= count:
            break
        on = rng.choice(interesting)
        points.add((on, rng.choice((rng.choice(knowing), rng.choice(interesting), on, marks[-1]))))
    return sorted(points)
