"""Decisions about forgetting a person: in every place at once, or in none."""

from collections.abc import Callable, Iterator
from datetime import timedelta

from domain import facts
from domain.commands import AllowErasure, AskErasure, Erase, OfPerson, RefuseErasure
from domain.decisions.standing import Draft, Standing
from domain.erasures import (
    Erasure,
    Person,
    Whom,
    client_subject,
    erasure_of,
    with_keys,
)
from domain.instants import write_instant
from domain.personal import account_subject, member_subject
from domain.refusals import Code, Refused

A_MONTH = timedelta(days=30)
"""When a wish about oneself falls due, unless somebody decides before (GDPR, article 12.3)."""

_ACCOUNTS = "settings_users_delete_access"
_MEMBERS = "settings_staff_delete_access"
_CLIENTS = "clients_delete_access"


def ask_erasure(standing: Standing, request: AskErasure) -> list[Draft]:
    """Somebody asks; people may ask for themselves, and then it falls due in a month."""
    own = _asks_for_oneself(standing, request)
    if not own:
        _check_authority(standing, request)
    found = _state(standing, _first(standing, request))
    _check_known(standing, request, found)
    if _leads(standing, request):
        _check_not_done(standing, request, found)
        if found.wish is not None:
            raise Refused(Code.NO_CHANGE, f"The erasure of {_name(request)} was asked for already.", found.wish.fact)
    earliest = standing.at + A_MONTH if own else standing.at
    due = max(request.due, earliest) if request.due is not None else earliest
    return [
        standing.draft(
            facts.ErasureAsked(
                account=whom.account, member=whom.member, client=whom.client, basis=request.basis, due=due
            )
        )
        for whom in _everyone(standing, request)
    ]


def refuse_erasure(standing: Standing, request: RefuseErasure) -> list[Draft]:
    """It waits until the term; said of one for whom nobody asked, it says with which basis somebody did."""
    _check_authority(standing, request)
    _check_known(standing, request, _state(standing, _first(standing, request)))
    if request.until <= standing.at:
        raise Refused(Code.INVALID, f"{write_instant(request.until)} is over; an erasure waits for a term to come.")
    drafts: list[Draft] = []
    for whom in _everyone(standing, request):
        found = _state(standing, whom)
        if found.wish is None:
            if _leads(standing, request):
                _check_not_done(standing, request, found)
            if request.basis is None and _leads(standing, request):
                raise Refused(
                    Code.REASON_REQUIRED,
                    f"Nobody has asked for the erasure of {_name(request)}; say on which basis it is asked for.",
                )
            asked = facts.ErasureAsked(
                account=whom.account,
                member=whom.member,
                client=whom.client,
                basis=request.basis or request.ground,
                due=standing.at,
            )
            drafts.append(standing.draft(asked))
        elif found.hold is not None and (found.hold.ground, found.hold.until) == (request.ground, request.until):
            if _leads(standing, request):
                raise Refused(Code.NO_CHANGE, f"The erasure of {_name(request)} waits for that.", found.hold.fact)
            continue
        refused = facts.ErasureRefused(
            account=whom.account, member=whom.member, client=whom.client, ground=request.ground, until=request.until
        )
        drafts.append(standing.draft(refused))
    return drafts


def allow_erasure(standing: Standing, request: AllowErasure) -> list[Draft]:
    """The hold ends; what was asked for falls due."""
    _check_authority(standing, request)
    held = [whom for whom in _everyone(standing, request) if _state(standing, whom).hold is not None]
    if not held and _leads(standing, request):
        raise Refused(Code.NO_CHANGE, f"Nothing holds the erasure of {_name(request)}.")
    return [
        standing.draft(
            facts.ErasureAllowed(account=whom.account, member=whom.member, client=whom.client, ground=request.ground)
        )
        for whom in held
    ]


def erase(standing: Standing, request: Erase) -> list[Draft]:
    """The keys are named that are destroyed with it. What was erased before is erased again only if more came since."""
    _check_authority(standing, request)
    _check_known(standing, request, _state(standing, _first(standing, request)))
    drafts = []
    for whom in _everyone(standing, request):
        found = _state(standing, whom)
        if found.held_at(standing.at):
            assert found.hold is not None
            raise Refused(
                Code.ON_HOLD,
                f"The erasure of {_name(request)} waits until {write_instant(found.hold.until)}: {found.hold.ground}.",
                found.hold.fact,
            )
        if _leads(standing, request):
            _check_not_done(standing, request, found)
        subjects, keys = with_keys(_person(standing), _subjects(standing, whom))
        erased = facts.PersonErased(
            account=whom.account,
            member=whom.member,
            client=whom.client,
            basis=request.basis,
            asked=found.wish.fact if found.wish is not None else None,
            subjects=subjects,
            keys=keys,
            removed=dict(_person(standing).beside) or None if _leads(standing, request) else None,
        )
        drafts.append(standing.draft(erased))
    return drafts


def _person(standing: Standing) -> Person:
    return standing.person if standing.person is not None else Person()


def _leads(standing: Standing, request: OfPerson) -> bool:
    """Whether this place says where the whole erasure stands: that of an account is of no location."""
    return request.account is None or standing.location is None


def _first(standing: Standing, request: OfPerson) -> Whom:
    return next(_everyone(standing, request))


def _everyone(standing: Standing, request: OfPerson) -> Iterator[Whom]:
    """Whom the facts of this place are about: of an account the members it was linked to, else the account itself."""
    members = _members(standing)
    if request.account is not None and members:
        yield from (Whom(account=request.account, member=member) for member in members)
    else:
        yield Whom(account=request.account, member=request.member, client=request.client)


def _members(standing: Standing) -> list[str]:
    """The members of this place that the account was linked to, but for those who are somebody else by now."""
    if standing.location is None:
        return []
    found, linked = _person(standing).members.get(standing.location, ()), standing.team.linked
    mine = getattr(standing.command.data, "account", None)
    return [member for member in found if linked.get(member, mine) == mine]


def _subjects(standing: Standing, whom: Whom) -> tuple[str, ...]:
    where = standing.location
    if where is None:
        assert whom.account is not None
        return (account_subject(whom.account), *_person(standing).besides)
    if whom.member is not None:
        return (member_subject(where, whom.member),)
    return (client_subject(where, whom.client),) if whom.client is not None else ()


def _state(standing: Standing, whom: Whom) -> Erasure:
    return erasure_of(standing.cut.lines, whom)


def _name(request: OfPerson) -> str:
    return request.account or request.member or request.client or ""


def _asks_for_oneself(standing: Standing, request: OfPerson) -> bool:
    actor = standing.command.actor
    return actor.kind == "person" and actor.id == request.account


def _check_authority(standing: Standing, request: OfPerson) -> None:
    """Keys by their scopes. People by the rights to delete, in every place where the one to be erased is known."""
    if standing.command.actor.kind != "person":
        standing.check_authority()
        return
    if standing.location is None:
        if not _person(standing).members:
            raise Refused(Code.FORBIDDEN, f"{_name(request)} has no access in a place of yours.")
        return
    members = _members(standing)
    checks: list[Callable[[], None]] = []
    if request.account is not None:
        checks.append(lambda: standing.check_authority(_ACCOUNTS))
    if request.member is not None or members:
        checks.append(lambda: standing.check_authority(_MEMBERS))
    if request.client is not None:
        checks.append(lambda: standing.check_authority(_CLIENTS))
    for check in checks:
        check()


def _check_known(standing: Standing, request: OfPerson, found: Erasure) -> None:
    if request.member is not None and standing.location is not None:
        standing.known_member(request.member)
    elif _leads(standing, request) and not _person(standing).known and found == Erasure():
        where = f" in {standing.location}" if standing.location is not None else " in this ledger"
        raise Refused(Code.NOT_FOUND, f"Nothing is held about {_name(request)}{where}.")


def _check_not_done(standing: Standing, request: OfPerson, found: Erasure) -> None:
    """Refused where it was done and nothing came since that could be erased."""
    person = _person(standing)
    if found.done is None or found.wish is not None:
        return
    if not person.keys and not any(person.beside.values()):
        raise Refused(
            Code.NO_CHANGE,
            f"{_name(request)} was erased on {write_instant(found.done.at)}: {found.done.basis}.",
            found.done.fact,
        )
