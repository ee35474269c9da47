"""What a fact was done to."""

from domain import facts
from domain.facts import Fact
from projections.names import Names
from projections.origins import Row


def target_of(fact: Fact, names: Names) -> Row | None:
    """The kind, id and name of what the fact is about; None when that is nothing with an id."""
    data, location = fact.data, fact.location
    match data:
        case facts.CommandRefused():
            return _refused(data.target, location, names)
        case facts.Correction():
            named = data.corrects or (data.fact.id if data.fact is not None else None)
            return _row("fact", named, None) if named is not None else None
        case facts.RecordEdited() | facts.RecordDeleted():
            return _row("record", data.entity_id, f"{data.entity} {data.entity_id}")
        case facts.ErasureAsked() | facts.ErasureRefused() | facts.ErasureAllowed() | facts.PersonErased():
            return _forgotten(data, location, names)
        case facts.DataExported() | facts.DataImported():
            return _row("data", data.what, data.what)
        case facts.CataloguePublished():
            return _row("catalogue", str(data.version), f"rights catalogue {data.version}")
        case facts.TermsPublished():
            return _row("terms", data.terms, data.terms.replace("_", " "))
        case facts.LocationOpened() | facts.LocationJoinedChain() | facts.LocationLeftChain():
            return _location("location", location, names)
        case facts.LogViewed():
            return _location("log", location, names)
        case _:
            return _by_field(data, location, names)


def _by_field(data: facts.Data, location: str | None, names: Names) -> Row | None:
    account, member = getattr(data, "account", None), getattr(data, "member", None)
    if account is not None:
        return _row("account", account, names.account(account, location))
    if member is not None:
        return _row("member", member, names.member(member, location))
    subscription = getattr(data, "subscription", None)
    return _row("subscription", subscription, subscription) if subscription is not None else None


def _forgotten(
    data: facts.ErasureAsked | facts.ErasureRefused | facts.ErasureAllowed | facts.PersonErased,
    location: str | None,
    names: Names,
) -> Row | None:
    if data.client is not None:
        return _row("record", data.client, f"client {data.client}")
    return _by_field(data, location, names)


def _refused(target: str | None, location: str | None, names: Names) -> Row | None:
    if target is None:
        return None
    if names.knows_member(target, location):
        return _row("member", target, names.member(target, location))
    return _row("account", target, names.account(target, location))


def _location(kind: str, location: str | None, names: Names) -> Row | None:
    return _row(kind, location, names.place(location)) if location is not None else None


def _row(kind: str, named: str, name: str | None) -> Row:
    return {"kind": kind, "id": named, "name": name}
