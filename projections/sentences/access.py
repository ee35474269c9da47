"""Sentences about who may do what: invitations, grants, roles, rights, links."""

from collections.abc import Mapping
from typing import TypeAlias, assert_never

from domain import facts
from domain.roles import title
from projections.sentences.telling import Telling, counted, listed, shown

AccessFact: TypeAlias = (
    facts.UserInvited
    | facts.InvitationAccepted
    | facts.InvitationWithdrawn
    | facts.InvitationExpired
    | facts.AccessGranted
    | facts.RoleChanged
    | facts.RightsEdited
    | facts.UserLinked
    | facts.UserUnlinked
    | facts.AccessRevoked
)

_CAUSES = {
    "manual": "",
    "dismissal": " because of the dismissal",
    "deletion": " because of the deletion",
    "revocation": " because the access ended",
}
_NAMED_LIMITS = 3


def told(telling: Telling, data: AccessFact) -> str:  # noqa: PLR0912 - one arm a type of fact
    """A fact about access as a sentence."""
    who = telling.who
    match data:
        case facts.UserInvited():
            return _invited(telling, data)
        case facts.InvitationAccepted():
            name = telling.titled(data.account)
            if telling.oneself(data.account):
                return f"{name} accepted the invitation"
            return f"{who} recorded that {name} accepted the invitation"
        case facts.InvitationWithdrawn():
            return f"{who} withdrew the invitation of {telling.titled(data.account)}"
        case facts.InvitationExpired():
            name = telling.titled(data.account)
            return (
                f"The invitation of {name} expired"
                if telling.impersonal
                else f"{who} let the invitation of {name} expire"
            )
        case facts.AccessGranted():
            return (
                f"{who} gave {telling.placed(data.account)} access as {title(data.role)} {telling.held(data.rights)}"
                + (_copied(telling, data))
            )
        case facts.RoleChanged():
            return _role_changed(telling, data)
        case facts.RightsEdited():
            return _rights_edited(telling, data)
        case facts.UserLinked():
            return f"{who} linked {telling.linked(data.account)} to the team member {telling.member(data.member)}"
        case facts.UserUnlinked():
            member = telling.member(data.member)
            return f"{who} unlinked {telling.linked(data.account)} from the team member {member}{_CAUSES[data.cause]}"
        case facts.AccessRevoked():
            if telling.oneself(data.account):
                return f"{telling.titled(data.account)} gave up access to {telling.place}"
            return f"{who} ended the access of {telling.titled(data.account)} to {telling.place}"
        case _:
            assert_never(data)


def _invited(telling: Telling, data: facts.UserInvited) -> str:
    contact = f" ({data.contact})" if data.contact else ""
    linked = f", linked to the team member {telling.member(data.member)}" if data.member is not None else ""
    until = f", open until {telling.when(data.expires_at)}" if data.expires_at is not None else ""
    name = telling.account(data.account)
    return f"{telling.who} invited {name}{contact} as {title(data.role)} {telling.held(data.rights)}{linked}{until}"


def _copied(telling: Telling, data: facts.AccessGranted) -> str:
    if data.copied_from is None:
        return ""
    place = telling.words.names.place(data.copied_from.location)
    if data.copied_from.account == data.account:
        return f", the same as in {place}"
    source = telling.words.names.account(data.copied_from.account, data.copied_from.location)
    elsewhere = "" if data.copied_from.location == telling.fact.location else f" in {place}"
    return f", copied from {source}{elsewhere}"


def _role_changed(telling: Telling, data: facts.RoleChanged) -> str:
    name = telling.placed(data.account)
    by = "by their own hand" if telling.oneself(data.account) else f"by {telling.by}"
    added = len(set(data.rights_after) - set(data.rights_before))
    removed = len(set(data.rights_before) - set(data.rights_after))
    numbers = []
    if added:
        numbers.append(f"{counted(added, 'right')} added")
    if removed:
        numbers.append(f"{removed} removed" if added else f"{counted(removed, 'right')} removed")
    tail = [", ".join(numbers), _limits(telling, data.scopes_before, data.scopes_after)]
    said = "; ".join(part for part in tail if part)
    if data.before == data.after:
        became = f"{name} stayed {title(data.after)} with the rights set anew, {by}"
    else:
        became = f"{name} became {title(data.after)} instead of {title(data.before)}, {by}"
    return f"{became}: {said}" if said else became


def _rights_edited(telling: Telling, data: facts.RightsEdited) -> str:
    name = telling.titled(data.account)
    limits = _limits(telling, data.scopes_before, data.scopes_after)
    if not data.granted and not data.revoked:
        if not limits:
            return f"{telling.who} saved the rights of {name} without a change"
        return f"{telling.who} changed the limits of {name}: {limits}"
    if telling.oneself(data.account):
        said = _own_rights_edited(telling, data)
    elif not data.granted:
        said = f"{telling.who} took {telling.rights(data.revoked)} away from {name}"
    else:
        lost = f" and lost {telling.rights(data.revoked)}" if data.revoked else ""
        said = f"{name} got {telling.rights(data.granted)} from {telling.by}{lost}"
    return f"{said}; {limits}" if limits else said


def _own_rights_edited(telling: Telling, data: facts.RightsEdited) -> str:
    took = f"took {telling.rights(data.granted)}" if data.granted else ""
    gave_up = f"gave up {telling.rights(data.revoked)}" if data.revoked else ""
    return f"{telling.titled(data.account)} {listed([part for part in (took, gave_up) if part])}, by their own hand"


def _limits(telling: Telling, before: Mapping[str, object], after: Mapping[str, object]) -> str:
    """What became of the scopes and restrictions; empty when nothing did."""
    parts = []
    for slug in dict.fromkeys([*before, *after]):
        if slug not in after:
            parts.append(f"{telling.right(slug)} no longer applies")
        elif slug not in before:
            parts.append(f"{telling.right(slug)} is now {shown(after[slug])}")
        elif before[slug] != after[slug]:
            parts.append(f"{telling.right(slug)} is now {shown(after[slug])} instead of {shown(before[slug])}")
    return listed(parts[:_NAMED_LIMITS], len(parts) - _NAMED_LIMITS)
