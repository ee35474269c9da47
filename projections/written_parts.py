"""The parts of a team as bytes and back: short, the same for the same part, and quick to read."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, TypeAlias, assert_never

from domain import canonical
from domain.instants import write_instant
from domain.numbered import NumberedRights, Slugs
from domain.subscription import Period, Subscriptions
from domain.team import Ended, Gone, Held, Member, Place, User
from projections.grouped_rights import Grouped, Grouping
from projections.parts import MemberPart, Part, PlacePart, SubscriptionsPart, UserPart, member_key, user_key

__all__ = ["Slugs", "read_part", "write_part"]

Content: TypeAlias = dict[str, Any]
Named: TypeAlias = Callable[[str, str], str]
"""A text about whom a key names, in another form."""


def _as_it_is(_key: str, text: str) -> str:
    return text


def write_part(part: Part, slugs: Slugs, hide: Named = _as_it_is, rights: Grouped | None = None) -> bytes:
    """The part in the one written form of JSON, names and positions of persons as `hide` writes them.

    `rights` are those of a user, where they are grouped already.
    """
    match part:
        case MemberPart():
            content = _hidden(_member(part), member_key(part.member.id), hide)
        case UserPart(user):
            grouped = rights if rights is not None else Grouping.of(slugs).grouped(user.rights)
            content = _hidden(_user(part, grouped), user_key(user.account), hide)
        case PlacePart(place):
            content = {
                "chain": place.chain,
                "name": place.name,
                "opened": _held(place.opened),
                "time_zone": place.time_zone,
            }
        case SubscriptionsPart(subscriptions):
            content = {"periods": [_period(period) for period in subscriptions.periods]}
        case _:
            assert_never(part)
    said = {key: value for key, value in content.items() if value is not None}
    # Scopes may hold numbers that only JSON itself is sure of, and keys in any order.
    return canonical.write(said) if "scopes" in said else canonical.write_in_order(said)


def _hidden(content: Content, key: str, hide: Named) -> Content:
    for name in ("name", "position"):
        text = content.get(name)
        if text is not None:
            content[name] = hide(key, text)
    return content


def _held(held: Held) -> list[str]:
    return [held.fact, _instant(held.since)]


def _member(part: MemberPart) -> Content:
    """A member, its fields in the order of their names."""
    member = part.member
    return {
        "access_ended": member.access_ended,
        "account": part.account,
        "added": member.added,
        "gone": [member.gone[0].value, *_held(member.gone[1])] if member.gone is not None else None,
        "hours_planned": member.hours_planned or None,
        "hours_until": member.hours_until.isoformat() if member.hours_until is not None else None,
        "id": member.id,
        "name": member.name,
        "position": member.position,
        "present": _held(member.present),
        "schedule": _held(member.schedule) if member.schedule is not None else None,
    }


def _user(part: UserPart, rights: Grouped) -> Content:
    """A user, its fields in the order of their names."""
    user = part.user
    return {
        "access": _held(user.access),
        "account": user.account,
        "ended": [user.ended[0].value, *_held(user.ended[1])] if user.ended is not None else None,
        "expires_at": _instant(user.expires_at) if user.expires_at is not None else None,
        "invitation": _held(user.invitation) if user.invitation is not None else None,
        "member": part.member,
        "name": user.name,
        "outlives": user.outlives,
        "rights": sorted(
            [held.fact, _instant(held.since), f"{number:x}", some] for held, number, some in rights.groups
        ),
        "role": user.role,
        "role_held": _held(user.role_held),
        "scheduled": part.scheduled or None,
        "scopes": dict(user.scopes) or None,
        "set_by": user.set_by,
    }


@lru_cache(maxsize=8192)
def _instant(instant: datetime) -> str:
    """A fact's instant is in every part that rests on it."""
    return write_instant(instant)


def _period(period: Period) -> list[Any]:
    return [
        period.fact,
        period.subscription,
        period.terms,
        period.seats,
        _instant(period.starts_at),
        _instant(period.ends_at),
        period.auto_renews,
        period.added,
        list(period.added_by),
    ]


def read_part(key: str, body: bytes | str, slugs: Slugs, show: Named = _as_it_is) -> Part:
    """The part that `write_part` wrote under that key; `show` undoes what `hide` did."""
    content = canonical.read_written(body)
    if key.startswith("m:"):
        return _read_member(_hidden(content, key, show))
    if key.startswith("a:"):
        return _read_user(_hidden(content, key, show), slugs)
    if key == "@place":
        place = Place(content["name"], content["time_zone"], content.get("chain"), _read_held(content["opened"]))
        return PlacePart(place)
    return SubscriptionsPart(Subscriptions(tuple(_read_period(period) for period in content["periods"])))


def _read_held(pair: Sequence[str]) -> Held:
    return Held(pair[0], datetime.fromisoformat(pair[1]))


def _read_member(content: Content) -> MemberPart:
    get = content.get
    gone, schedule, hours_until = get("gone"), get("schedule"), get("hours_until")
    member = Member(
        content["id"],
        content["name"],
        get("position"),
        _read_held(content["present"]),
        content["added"],
        (Gone(gone[0]), _read_held(gone[1:])) if gone is not None else None,
        _read_held(schedule) if schedule is not None else None,
        date.fromisoformat(hours_until) if hours_until is not None else None,
        get("hours_planned", False),
        get("access_ended"),
    )
    return MemberPart(member, get("account"))


def _read_user(content: Content, slugs: Slugs) -> UserPart:
    get = content.get
    rights = [(fact, since, int(digits, 16), unknown) for fact, since, digits, unknown in content["rights"]]
    invitation, expires_at, ended = get("invitation"), get("expires_at"), get("ended")
    user = User(
        content["account"],
        get("name"),
        content["role"],
        _read_held(content["role_held"]),
        NumberedRights(slugs, rights),
        get("scopes", {}),
        content["set_by"],
        _read_held(content["access"]),
        _read_held(invitation) if invitation is not None else None,
        datetime.fromisoformat(expires_at) if expires_at is not None else None,
        (Ended(ended[0]), _read_held(ended[1:])) if ended is not None else None,
        get("outlives"),
    )
    return UserPart(user, get("member"), get("scheduled", False))


def _read_period(content: Sequence[Any]) -> Period:
    fact, subscription, terms, seats, starts_at, ends_at, auto_renews, added, added_by = content
    begins, ends = datetime.fromisoformat(starts_at), datetime.fromisoformat(ends_at)
    return Period(fact, subscription, terms, seats, begins, ends, auto_renews, added, tuple(added_by))
