"""A second reading of the contract, for tests alone: who is a seat at (on, known), straight from raw facts.

It is slow on purpose and shares no line with the product. Every rule stands beside the place of the contract that it
was read from, so that a person can hold the two side by side. Where the contract leaves room the comment says
"reading" and what was chosen.

The answer has the keys of answers.md's `seats` with these habits: `notes` is always there, on each row (a list of
objects) and on the answer (a list of codes); former rows stand in the order of their ids.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

Fact = dict[str, Any]

CREATE = "records_create_access"
PAY = "records_finances_access"

# answers.md, codes of former rows: what ends an access, and the code it leaves.
ENDS_OF_ACCESS = {"AccessRevoked": "revoked", "InvitationWithdrawn": "withdrawn", "InvitationExpired": "expired"}
# answers.md, codes of former rows: what makes a member gone, and the code it leaves.
ENDS_OF_MEMBERS = {"TeamMemberDismissed": "dismissed", "TeamMemberDeleted": "deleted"}
# facts.md 3: UserInvited ("rights count from here") and AccessGranted ("active at once") give access.
GIVERS = ("UserInvited", "AccessGranted")


# --- Instants and days (facts.md 1) ---------------------------------------------------------------------------------


def instant(text: str) -> datetime:
    """facts.md 2: an RFC 3339 instant with offset; "Precision is the microsecond"."""
    return datetime.fromisoformat(text).astimezone(UTC)


def written(text: str) -> str:
    """answers.md: "Instants are RFC 3339 in UTC"."""
    return instant(text).isoformat().replace("+00:00", "Z")


def start_of_day(day: date, tz: str) -> datetime:
    """facts.md 1: "where a local midnight is skipped the day starts after the gap, where it comes twice, at the first".

    Found by looking at every minute from before the day begins anywhere on earth: the first whose local date has come.
    """
    zone = ZoneInfo(tz)
    minute = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=16)
    while minute.astimezone(zone).date() < day:
        minute += timedelta(minutes=1)
    return minute


def end_of_day(day: date, tz: str) -> datetime:
    """facts.md 1: the end of a day is "the last instant before the next local midnight"."""
    return start_of_day(day + timedelta(days=1), tz) - timedelta(microseconds=1)


# --- What was said by `known`, and what of it is left out (facts.md 3 Correction, DismissalCancelled; 5.1) -----------


class Said(NamedTuple):
    """A fact, plain or inner, where it stands in the ledger, and for an inner one the correction that carries it."""

    position: int
    fact: Fact
    carrier: Said | None


def said_by(facts: list[Fact], known: datetime) -> list[Said]:
    """facts.md 1: "the facts with recorded_at <= known"; 5.1: an inner fact is "at the correction's position".

    Reading: an inner fact is known from its carrier's recorded_at, whatever recorded_at it repeats.
    """
    everything: list[Said] = []
    for position, plain in enumerate(facts):
        if instant(plain["recorded_at"]) > known:
            continue
        carrier: Said | None = None
        fact: Fact | None = plain
        while fact is not None:
            carrier = Said(position, fact, carrier)
            everything.append(carrier)
            # facts.md 3, Correction: "replace and late put `fact` in"; it may be a Correction again (reading).
            puts_in = fact["type"] == "Correction" and fact["data"]["kind"] in ("replace", "late")
            fact = fact["data"]["fact"] if puts_in else None
    return everything


def strikes(striker: Said, target: Said) -> bool:
    """Whether the first fact, as long as it is not left out itself, leaves the second out."""
    # Reading: a correction acts only on facts with a strictly earlier ledger position.
    if striker.position <= target.position:
        return False
    said, struck = striker.fact, target.fact
    # facts.md 3, Correction: "Void and replace leave the old fact [...] out of the fold".
    # facts.md 5.1: "`corrects` may name a plain fact, an inner fact by its own id, or a `Correction`".
    if said["type"] == "Correction":
        return bool(said["data"]["kind"] in ("void", "replace") and said["data"]["corrects"] == struck["id"])
    # facts.md 3, DismissalCancelled: "leaves the dismissal, and what it caused, out of the fold from then on".
    # Reading: only a TeamMemberDismissed of the same member (so of the same location) can be cancelled.
    if said["type"] == "DismissalCancelled":
        return bool(
            struck["type"] == "TeamMemberDismissed"
            and said["data"]["cancels"] == struck["id"]
            and said["data"]["member"] == struck["data"]["member"]
            and said.get("location") == struck.get("location")
        )
    return False


def left_out(one: Said, everything: list[Said], asking: tuple[str, ...] = ()) -> bool:
    """facts.md 5.1. It asks itself about the facts that the answer leans on; `asking` is the way that led here."""
    if one.fact["id"] in asking:
        raise ValueError(f"whether {one.fact['id']} counts depends on itself")
    asking = (*asking, one.fact["id"])
    # 5.1: a left-out Correction: "its effect ends: the old fact counts again, its inner fact goes".
    if one.carrier is not None and left_out(one.carrier, everything, asking):
        return True
    # 5.1: "A `Correction` acts from its `recorded_at` alone, whatever its `effective_at`": no look at that here.
    # 5.1: "A void may hit a `DismissalCancelled`: the dismissal is back": what is struck itself strikes no more.
    for other in everything:
        if strikes(other, one) and not left_out(other, everything, asking):
            return True
    # 5.1: "what a left-out fact caused is left out, and what that caused"; whenever recorded (reading).
    return any(
        cause.fact["id"] == one.fact.get("caused_by") and left_out(cause, everything, asking) for cause in everything
    )


def history(facts: list[Fact], location: str, on: datetime, known: datetime) -> list[Fact]:
    """facts.md 1: the facts of the fold, "in order of (`effective_at`, ledger position)"."""
    everything = said_by(facts, known)
    kept = [
        one
        for one in everything
        if one.fact["type"] not in ("Correction", "DismissalCancelled")
        # facts.md 2: "the location that the fact belongs to; absent for account, chain and terms facts".
        and (one.fact.get("location") == location or one.fact["type"] == "TermsPublished")
        and instant(one.fact["effective_at"]) <= on
        and not left_out(one, everything)
    ]
    kept.sort(key=lambda one: (instant(one.fact["effective_at"]), one.position))
    return [one.fact for one in kept]


# --- Members ---------------------------------------------------------------------------------------------------------


class Word(NamedTuple):
    """The last thing said about something, and the fact that said it."""

    what: str
    fact: Fact


def of_member(told: list[Fact], member: str) -> list[tuple[int, Fact]]:
    return [(index, fact) for index, fact in enumerate(told) if fact["data"].get("member") == member]


def standing(told: list[Fact], member: str) -> Word | None:
    """Whether the member is present, dismissed or deleted; None if never added. facts.md 3, 5.3."""
    word: Word | None = None
    for _, fact in of_member(told, member):
        absent = word is None or word.what != "present"
        # Reading: TeamMemberAdded makes a gone member present anew; said of a present one it does not move this word.
        if fact["type"] == "TeamMemberAdded" and absent:
            word = Word("present", fact)
        # facts.md 5.3, facts that "rest on nothing": a member never added is neither dismissed, deleted nor restored.
        # Reading: a restore of a present member changes nothing.
        if fact["type"] == "TeamMemberRestored" and word is not None and absent:
            word = Word("present", fact)
        # Reading: of a dismissal and a deletion the last said decides.
        if fact["type"] in ENDS_OF_MEMBERS and word is not None:
            word = Word(ENDS_OF_MEMBERS[fact["type"]], fact)
    return word


def present(told: list[Fact], member: str) -> bool:
    word = standing(told, member)
    return word is not None and word.what == "present"


def member_name(told: list[Fact], member: str) -> str:
    """answers.md: rows are ordered "by name". Reading: the last name that TeamMemberAdded or TeamMemberEdited gave."""
    name = member
    for index, fact in of_member(told, member):
        if fact["type"] == "TeamMemberAdded":
            name = fact["data"]["name"]
        # 5.3: an edit of an absent member rests on nothing.
        if fact["type"] == "TeamMemberEdited" and present(told[:index], member):
            name = fact["data"]["after"].get("name", name)
    return name


def on_schedule(told: list[Fact], member: str) -> Fact | None:
    """facts.md 3, AddedToSchedule: "clients can book this member; decides billing". The fact that did it."""
    put: Fact | None = None
    for index, fact in of_member(told, member):
        # 5.3: an absent member is put on no schedule; one already on it stays there by the first fact.
        if fact["type"] == "AddedToSchedule" and put is None and present(told[:index], member):
            put = fact
        # answers.md: a restore "brings back the record alone, neither link nor schedule": being gone ends the place.
        if fact["type"] == "RemovedFromSchedule" or fact["type"] in ENDS_OF_MEMBERS:
            put = None
    return put


# --- Users -----------------------------------------------------------------------------------------------------------


def of_account(told: list[Fact], account: str) -> list[tuple[int, Fact]]:
    return [(index, fact) for index, fact in enumerate(told) if fact["data"].get("account") == account]


def access(told: list[Fact], account: str) -> Word | None:
    """Whether the account has access ("held"), or how the last one ended; None if it never had any."""
    word: Word | None = None
    for _, fact in of_account(told, account):
        held = word is not None and word.what == "held"
        if fact["type"] in GIVERS and not held:
            word = Word("held", fact)
        # facts.md 3: "the last two end the access"; reading: whether or not the invitation is still pending.
        if fact["type"] in ENDS_OF_ACCESS and held:
            word = Word(ENDS_OF_ACCESS[fact["type"]], fact)
    return word


def has_access(told: list[Fact], account: str) -> bool:
    word = access(told, account)
    return word is not None and word.what == "held"


class User:
    """What is known of an account with access: each thing with the fact since which it has held without a break."""

    def __init__(self, began: Fact) -> None:
        self.began = began
        self.role = ""
        self.role_since = began
        self.rights: dict[str, Fact] = {}
        self.last_set = began
        self.pending = False
        self.name: str | None = None

    def set(self, fact: Fact, role: str, rights: set[str]) -> None:
        """answers.md, `because`: "a `RoleChanged` that keeps a right is not its cause"."""
        if role == self.role and rights == set(self.rights):
            return  # 5.3: it changes nothing
        # answers.md, `because`: "the last fact that set role or rights". Reading: and changed something of them.
        self.last_set = fact
        if role != self.role:
            self.role, self.role_since = role, fact
        self.rights = {right: self.rights.get(right, fact) for right in rights}


def slug_of(spelling: str, catalogue: list[dict[str, str]]) -> str:
    """facts.md 5.5: a spelling that is a slug today means that slug; `users_access` means `settings_users_access`."""
    if any(line["slug"] == spelling for line in catalogue):
        return spelling
    if spelling == "users_access":
        return "settings_users_access"
    meant = [line["slug"] for line in catalogue if spelling in line["legacy_slugs"].split() and is_right(line)]
    return meant[0] if len(meant) == 1 else spelling


def user(told: list[Fact], account: str, catalogue: list[dict[str, str]]) -> User | None:
    """The account's role, rights, name and invitation at the end of what was told, or None without access."""
    now: User | None = None
    for _, fact in of_account(told, account):
        data = fact["data"]
        # A new access starts from nothing: what an earlier one held is no longer "held without a break".
        if fact["type"] in GIVERS and now is None:
            now = User(fact)
        # 5.3: everything else said of an account without access rests on nothing.
        if now is None:
            continue
        # 5.2: "Each right of a user is a register of its own: `RightsEdited` sets the listed ones, `RoleChanged`
        # (`rights_after`), `UserInvited` and `AccessGranted` set all."
        if fact["type"] in GIVERS:
            now.set(fact, data["role"], {slug_of(right, catalogue) for right in data["rights"]})
            now.name = data.get("name") or now.name
            # Reading: an invitation is pending until accepted or until access is granted.
            now.pending = fact["type"] == "UserInvited"
        if fact["type"] == "RoleChanged":
            now.set(fact, data["after"], {slug_of(right, catalogue) for right in data["rights_after"]})
        if fact["type"] == "RightsEdited":
            granted = {slug_of(right, catalogue) for right in data["granted"]}
            revoked = {slug_of(right, catalogue) for right in data["revoked"]}
            now.set(fact, now.role, (set(now.rights) | granted) - revoked)
        if fact["type"] == "InvitationAccepted":
            now.pending = False
        if fact["type"] in ENDS_OF_ACCESS:
            now = None
    return now


# --- Links -----------------------------------------------------------------------------------------------------------


class Link:
    """A link that was made; `ended` is the place in the history of the fact that ended it, `how` the way it ended."""

    def __init__(self, account: str, member: str) -> None:
        self.account = account
        self.member = member
        self.ended: int | None = None
        self.how = ""

    def end(self, index: int, how: str) -> None:
        if self.ended is None:
            self.ended, self.how = index, how


def makes_link(told: list[Fact], index: int) -> bool:
    """facts.md 3: UserLinked, and UserInvited: "a `member` is linked from here, no `UserLinked` needed"."""
    fact, before = told[index], told[:index]
    if fact["type"] == "UserInvited" and fact["data"].get("member") is not None:
        return present(before, fact["data"]["member"])  # reading: else invited without a link
    # 5.3: "a link to an unknown member" folds to nothing, and so does one of an account without access.
    return (
        fact["type"] == "UserLinked"
        and present(before, fact["data"]["member"])
        and has_access(before, fact["data"]["account"])
    )


def links(told: list[Fact]) -> list[Link]:
    """Every link that was ever made, in the order of making."""
    made: list[Link] = []
    for index, fact in enumerate(told):
        account, member = fact["data"].get("account"), fact["data"].get("member")
        makes = makes_link(told, index)
        for link in made:
            same = link.account == account and link.member == member
            if makes and (link.account == account or link.member == member) and not same:
                link.end(index, "replaced")  # reading: a link replaces those that either side had
            # facts.md 3: "`UserUnlinked` `account`, `member`". Reading: only if exactly that pair is linked.
            if fact["type"] == "UserUnlinked" and same:
                link.end(index, fact["data"]["cause"])
            # answers.md: "A dismissal or deletion unlinks the user": by itself, with or without a caused UserUnlinked.
            if fact["type"] == "TeamMemberDismissed" and link.member == member:
                link.end(index, "dismissal")
            if fact["type"] == "TeamMemberDeleted" and link.member == member:
                link.end(index, "deletion")
            # facts.md 3: "The end of an access ends its link, with or without a `UserUnlinked`".
            if fact["type"] in ENDS_OF_ACCESS and link.account == account:
                link.end(index, "revocation")
        if makes and not any(link.ended is None and link.member == member for link in made):
            made.append(Link(fact["data"]["account"], fact["data"]["member"]))
    return made


def outlives_dismissal(told: list[Fact], account: str, made: list[Link]) -> bool:
    """answers.md, `access_outlives_dismissal`: "on a user's row while its last link was ended by a dismissal or
    deletion and that member is still gone; ends with a restore, a new link or a new access".
    """
    own = [link for link in made if link.account == account]
    if not own or own[-1].ended is None or own[-1].how not in ("dismissal", "deletion"):
        return False
    last, ended = own[-1], own[-1].ended
    if present(told, last.member):
        return False
    for index in range(ended + 1, len(told)):
        if present(told[: index + 1], last.member) and not present(told[:index], last.member):
            return False  # restored or added anew in between
        if has_access(told[: index + 1], account) and not has_access(told[:index], account):
            return False  # a new access
    return True


# --- The subscription (facts.md 3, 5.4; answers.md, terms) ------------------------------------------------------------


class Period:
    def __init__(self, fact: Fact) -> None:
        self.data: Fact = fact["data"]
        self.bought: int = fact["data"]["seats"]


def period(told: list[Fact], on: datetime) -> Period | None:
    periods: list[Period] = []
    for fact in told:
        if fact["type"] in ("SubscriptionPurchased", "SubscriptionRenewed"):
            periods.append(Period(fact))  # 5.4: "its `seats` is absolute, and seats added end with their period"
        if fact["type"] == "SeatsAdded":
            # facts.md 3: "more seats in the running period". Reading: the latest of that id so far; 0 stays unlimited;
            # after its end no period runs, and the fact rests on nothing (5.3).
            same = [one for one in periods if one.data["subscription"] == fact["data"]["subscription"]]
            running = same and instant(fact["effective_at"]) < instant(same[-1].data["ends_at"])
            if running and same[-1].bought != 0:
                same[-1].bought += fact["data"]["seats"]
    # 5.4: "Of periods that run at the same time [...] the one that started last counts, and the other is over."
    # answers.md: "With no period running, the last one's terms go on": so the last that started, running or not.
    current: Period | None = None
    for one in periods:
        started = instant(one.data["starts_at"]) <= on
        if started and (current is None or instant(one.data["starts_at"]) >= instant(current.data["starts_at"])):
            current = one
    return current


def newest_terms(told: list[Fact]) -> str:
    """answers.md: "before any subscription the terms are the newest published". Reading: none at all is the oldest."""
    terms = "service_providers"
    for fact in told:
        if fact["type"] == "TermsPublished":
            terms = fact["data"]["terms"]
    return terms


# --- Rights ----------------------------------------------------------------------------------------------------------


def is_right(line: dict[str, str]) -> bool:
    """data/README.md: "`scope`, `restriction`: narrow a right, never one themselves"."""
    return line["kind"] not in ("scope", "restriction")


def line_of(slug: str, catalogue: list[dict[str, str]]) -> dict[str, str] | None:
    for line in catalogue:
        if line["slug"] == slug and is_right(line):
            return line
    return None  # unknown; a scope among the rights is unknown as well (reading)


def effective(slug: str, ticked: set[str], catalogue: list[dict[str, str]]) -> bool:
    """answers.md: "A right is effective when it is ticked and every section above it (`parent`) is ticked"."""
    line = line_of(slug, catalogue)
    if line is None or slug not in ticked:
        return False
    return line["parent"] == "" or effective(line["parent"], ticked, catalogue)


def of_class(wanted: str, ticked: set[str], catalogue: list[dict[str, str]]) -> list[str]:
    lines = [line for line in catalogue if is_right(line) and line["billing_class"] == wanted]
    return sorted(line["slug"] for line in lines if effective(line["slug"], ticked, catalogue))


# --- The three generations of terms (answers.md) ----------------------------------------------------------------------


class Seat:
    """facts.md 3: "a team member (with its linked user, if any), or a user without a team member"."""

    def __init__(self, member: str | None, account: str | None, who: User | None) -> None:
        self.member = member
        self.account = account
        self.user = who
        self.name = ""
        self.schedule: Fact | None = None
        self.reasons: list[Fact] = []
        self.billable = False
        self.notes: list[Fact] = []

    @property
    def id(self) -> str:
        return self.member or self.account or ""


def reason(code: str, *because: Fact, right: str | None = None) -> Fact:
    named = {} if right is None else {"right": right}
    return {"code": code, **named, "because": list(dict.fromkeys(fact["id"] for fact in because))}


def free_owner(rows: list[Seat]) -> Seat | None:
    """answers.md: "One owner [...] who is not on the schedule is free: the one whose present ownership started first,
    pending invitations included, whatever rights are held (ties by account id)".
    """
    owners = [
        (instant(seat.user.role_since["effective_at"]), seat.account or "", seat)
        for seat in rows
        if seat.user is not None and seat.user.role == "owner" and seat.schedule is None
    ]
    return min(owners, key=lambda owner: owner[:2])[2] if owners else None


def reasons_to_bill(seat: Seat, terms: str, told: list[Fact], catalogue: list[dict[str, str]]) -> list[Fact]:
    """answers.md, "The three generations of terms", second column; "All that hold are named"."""
    found: list[Fact] = []
    if seat.schedule is not None:
        found.append(reason("schedule", seat.schedule))
    if seat.user is None:
        return found
    rights = seat.user.rights
    if terms == "client_interaction":
        # "or role `administrator`, whatever rights are ticked"
        if seat.user.role == "administrator":
            found.append(reason("role_administrator", seat.user.role_since))
        # "or both `records_create_access` and `records_finances_access` effective"
        if effective(CREATE, set(rights), catalogue) and effective(PAY, set(rights), catalogue):
            both = sorted((rights[CREATE], rights[PAY]), key=told.index)
            found.append(reason("create_and_pay", *both))
    if terms == "access_rights":
        # "or any effective right whose billing class is `P`"; "one entry for each such right, sorted by slug"
        found += [reason("right", rights[slug], right=slug) for slug in of_class("P", set(rights), catalogue)]
    return found


def reason_to_spare(
    seat: Seat, terms: str, told: list[Fact], made: list[Link], catalogue: list[dict[str, str]]
) -> Fact:
    """answers.md, codes that keep free; `because`: "the last fact that set role or rights, or, without access, the one
    that ended it or added the member".
    """
    if seat.user is None:
        assert seat.member is not None
        # "or added the member": a restore brings the record back and adds nothing.
        last = max(
            index
            for index, fact in of_member(told, seat.member)
            if fact["type"] == "TeamMemberAdded" and not present(told[:index], seat.member)
        )
        # "the one that ended it": the fact that ended its link, unless the member was added anew since.
        for link in made:
            if link.member == seat.member and link.ended is not None:
                last = max(last, link.ended)
        return reason("no_access", told[last])
    if terms == "service_providers":
        code = "user_only"
    elif terms == "client_interaction":
        code = "no_create_and_pay"
    else:
        # "The rights of class `X` [...] do not make billable"; `read_only` "also with no right at all".
        code = "team_and_billing" if of_class("X", set(seat.user.rights), catalogue) else "read_only"
    return reason(code, seat.user.last_set)


# --- The answer ------------------------------------------------------------------------------------------------------


def squeezed(name: str) -> str:
    """answers.md, `unlinked_twin`: "ignoring case and spaces"."""
    return "".join(name.split()).casefold()


def has_twin(seat: Seat, rows: list[Seat]) -> bool:
    """answers.md: "a user without member and a member without user of one name". Reading: of a name given."""
    if seat.member is None and seat.user is not None and seat.user.name is not None:
        return any(other.account is None and squeezed(other.name) == squeezed(seat.user.name) for other in rows)
    if seat.account is None:
        return any(
            other.member is None
            and other.user is not None
            and other.user.name is not None
            and squeezed(other.user.name) == squeezed(seat.name)
            for other in rows
        )
    return False


def notes(
    seat: Seat, rows: list[Seat], told: list[Fact], made: list[Link], catalogue: list[dict[str, str]]
) -> list[Fact]:
    """answers.md, "notes of a row", in the order of that list. Reading: the same under every generation of terms."""
    found: list[Fact] = []
    if seat.user is not None and seat.account is not None:
        ticked = set(seat.user.rights)
        known = sorted(slug for slug in ticked if line_of(slug, catalogue) is not None)
        working = [slug for slug in known if effective(slug, ticked, catalogue)]
        found += [{"code": "ineffective_right", "right": slug} for slug in known if slug not in working]
        found += [{"code": "unknown_right", "right": slug} for slug in sorted(ticked - set(known))]
        for slug in working:
            line = line_of(slug, catalogue)
            if line is not None and line["kind"] in ("export", "print"):
                found.append({"code": "sensitive_right", "right": slug})
        if seat.user.pending:
            found.append({"code": "pending_invitation"})
        if outlives_dismissal(told, seat.account, made):
            found.append({"code": "access_outlives_dismissal"})
    if has_twin(seat, rows):
        found.append({"code": "unlinked_twin"})
    return found


def all_rows(told: list[Fact], made: list[Link], catalogue: list[dict[str, str]]) -> list[Seat]:
    members = {fact["data"]["member"] for fact in told if fact["type"] == "TeamMemberAdded"}
    accounts = {fact["data"]["account"] for fact in told if fact["type"] in GIVERS}
    rows: list[Seat] = []
    for member in members:
        if present(told, member):
            linked = [link.account for link in made if link.member == member and link.ended is None]
            account = linked[0] if linked else None
            seat = Seat(member, account, None if account is None else user(told, account, catalogue))
            seat.name = member_name(told, member)
            seat.schedule = on_schedule(told, member)
            rows.append(seat)
    for account in accounts:
        if has_access(told, account) and not any(seat.account == account for seat in rows):
            seat = Seat(None, account, user(told, account, catalogue))
            # "a user without a member goes by the name given with the invitation or grant, else by account id"
            seat.name = account if seat.user is None or seat.user.name is None else seat.user.name
            rows.append(seat)
    return rows


def former_rows(told: list[Fact]) -> list[Fact]:
    """answers.md: "One row for each member gone and not restored, one for each account whose access ended and was not
    given again, also beside a live seat of the other half".
    """
    rows: list[Fact] = []
    for member in {fact["data"]["member"] for fact in told if fact["type"] == "TeamMemberAdded"}:
        word = standing(told, member)
        if word is not None and word.what != "present":
            rows.append({"member": member, "account": None, "reason": reason(word.what, word.fact)})
    for account in {fact["data"]["account"] for fact in told if fact["type"] in GIVERS}:
        word = access(told, account)
        if word is not None and word.what != "held":
            rows.append({"member": None, "account": account, "reason": reason(word.what, word.fact)})
    return sorted(rows, key=lambda row: (row["member"] or row["account"], row["member"] is None))


def seats(
    facts: list[Fact], location: str, on: datetime, known: datetime, catalogue: list[dict[str, str]]
) -> dict[str, Any]:
    """answers.md, `seats`: `facts` in ledger order (the index is the position), the catalogue as rows of the csv."""
    told = history(facts, location, on, known)
    made = links(told)
    current = period(told, on)
    terms = newest_terms(told) if current is None else current.data["terms"]
    rows = all_rows(told, made, catalogue)
    spared = free_owner(rows) if terms == "client_interaction" else None
    for seat in rows:
        if seat is spared and seat.user is not None:
            seat.reasons = [reason("owner_free", seat.user.role_since)]
        else:
            seat.reasons = reasons_to_bill(seat, terms, told, catalogue)
            seat.billable = bool(seat.reasons)
            if not seat.billable:
                seat.reasons = [reason_to_spare(seat, terms, told, made, catalogue)]
        seat.notes = notes(seat, rows, told, made, catalogue)
    # answers.md, order: "billable first, then by name (code points [...]), then by id".
    rows.sort(key=lambda seat: (not seat.billable, seat.name, seat.id))
    # "The counts always equal the rows."
    billable = sum(seat.billable for seat in rows)
    # answers.md, available: null is unlimited; the last period's when lapsed; 0 before any subscription.
    available = 0 if current is None else (current.bought or None)
    lapsed = current is not None and on >= instant(current.data["ends_at"])
    remarks = ["lapsed_subscription"] if lapsed else []
    if any(note["code"] == "unknown_right" for seat in rows for note in seat.notes):
        remarks.append("unknown_rights")
    return {
        "location": location,
        "subscription": None
        if current is None
        else {
            "id": current.data["subscription"],
            "terms": terms,
            "starts_at": written(current.data["starts_at"]),
            "ends_at": written(current.data["ends_at"]),
            "lapsed": lapsed,
        },
        "available": available,
        "billable": billable,
        "free": len(rows) - billable,
        "over": 0 if available is None else max(0, billable - available),
        "seats": [
            {
                "member": seat.member,
                "account": seat.account,
                "name": seat.name,
                "billable": seat.billable,
                "reasons": seat.reasons,
                "notes": seat.notes,
            }
            for seat in rows
        ],
        "former": former_rows(told),
        "notes": remarks,
    }
