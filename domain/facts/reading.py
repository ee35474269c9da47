"""From JSON to a fact: the registry of types and the checks of form."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import ValidationError
from pydantic_core import SchemaValidator
from pydantic_core import core_schema as cs

from domain.facts import access, billing, erasure, observations, team
from domain.facts.envelope import Correction, Fact
from domain.facts.form import Data, InvalidFactError, refusal_of
from domain.facts.quick import NotQuickError, quick_schema
from domain.limits import CORRECTION_DEPTH

_MODULES = (team, access, billing, erasure, observations)


def _forms() -> Mapping[str, type[Data]]:
    forms = {
        name: found
        for module in _MODULES
        for name, found in vars(module).items()
        if isinstance(found, type) and issubclass(found, Data) and found is not Data
    }
    return {**forms, "Correction": Correction}


FACT_TYPES = _forms()
"""Every type name of the contract and its form. A name on disk that is not here is quarantined."""

OBSERVATIONS = frozenset(
    {
        "SignedIn",
        "SignInRefused",
        "SignedOut",
        "DataExported",
        "DataImported",
        "RecordEdited",
        "RecordDeleted",
        "LogViewed",
        "CommandRefused",
    }
)
"""Types that decide no state: they go to a stream of their own and never conflict."""

WITHOUT_LOCATION = frozenset({"TermsPublished", "CataloguePublished"})
ERASURES = frozenset({"ErasureAsked", "ErasureRefused", "ErasureAllowed", "PersonErased"})
"""Types about forgetting somebody: an account belongs to no location, members and clients to theirs."""

_PERIODS = (billing.SubscriptionPurchased, billing.SubscriptionRenewed)
_MAY_LACK_LOCATION = WITHOUT_LOCATION | OBSERVATIONS | ERASURES | {"TwoStepEnabled", "TwoStepDisabled", "Correction"}


def read_fact(raw: object, *, depth: int = 0) -> Fact:
    """The fact that a JSON object of the interchange format holds. InvalidFactError names the field and the reason."""
    fact = read_quickly(raw, depth=depth)
    return fact if fact is not None else read_carefully(raw, depth=depth)


def read_quickly(raw: object, *, depth: int = 0) -> Fact | None:
    """The fact, when the quick forms take it; None says nothing about it."""
    if not isinstance(raw, dict):
        return None
    kind, said = raw.get("type"), raw.get("data")
    if not isinstance(kind, str) or kind not in FACT_TYPES or not isinstance(said, dict):
        return None
    try:
        fact: Fact = _ENVELOPE.validate_python({**raw, "data": data_quickly(kind, said, depth=depth)})
        check_form(fact, inner=depth > 0)
    except ValueError:
        return None
    return fact


def data_quickly(kind: str, raw: dict[str, Any], *, depth: int) -> Data:
    """The data of one type of fact. ValueError when the quick form does not take it, which says nothing about it."""
    inside = raw.get("fact") if kind == "Correction" else None
    if inside is not None:
        inner = read_quickly(inside, depth=depth + 1) if depth < CORRECTION_DEPTH else None
        if inner is None:
            raise NotQuickError
        raw = {**raw, "fact": inner}
    data: Data = _quick_form(kind).validate_python(raw)
    return data


_ENVELOPE = SchemaValidator(quick_schema(Fact, data=cs.is_instance_schema(Data)))


@cache
def _quick_form(kind: str) -> SchemaValidator:
    inner = cs.nullable_schema(cs.is_instance_schema(Fact))
    return SchemaValidator(quick_schema(FACT_TYPES[kind], **({"fact": inner} if kind == "Correction" else {})))


def read_carefully(raw: object, *, depth: int = 0) -> Fact:
    """The same, by the forms themselves, which have a reason for whatever they refuse."""
    if not isinstance(raw, Mapping):
        raise InvalidFactError("", "a fact is a JSON object")
    kind = raw.get("type")
    if not isinstance(kind, str) or kind not in FACT_TYPES:
        raise InvalidFactError("type", "is missing" if kind is None else f"{kind!r} is not a type of fact")
    if "data" not in raw:
        raise InvalidFactError("data", "is missing")
    data = _read_data(kind, raw["data"], depth)
    try:
        fact = Fact.read({**raw, "data": data})
    except ValidationError as error:
        raise refusal_of(error.errors()[0]) from None
    check_form(fact, inner=depth > 0)
    return fact


def _read_data(kind: str, raw: object, depth: int) -> Data:
    if not isinstance(raw, Mapping):
        raise InvalidFactError("data", "is an object")
    if kind == "Correction" and raw.get("fact") is not None:
        if depth >= CORRECTION_DEPTH:
            raise InvalidFactError("data.fact", f"corrections are nested at most {CORRECTION_DEPTH} deep")
        try:
            raw = {**raw, "fact": read_carefully(raw["fact"], depth=depth + 1)}
        except InvalidFactError as error:
            raise InvalidFactError(f"data.fact.{error.field}".rstrip("."), error.reason) from None
    try:
        return FACT_TYPES[kind].read(raw)
    except ValidationError as error:
        raise refusal_of(error.errors()[0], prefix="data.") from None


def check_form(fact: Fact, *, inner: bool) -> None:
    """What a form cannot say about one field alone (facts.md, sections 1 to 3)."""
    if fact.location is None:
        if fact.type not in _MAY_LACK_LOCATION:
            raise InvalidFactError("location", "is missing")
    elif fact.type in WITHOUT_LOCATION:
        raise InvalidFactError("location", f"{fact.type} belongs to no location")
    if fact.actor.kind == "system" and fact.device is not None and fact.device.said():
        raise InvalidFactError("device", "a system has no device")
    if fact.caused_by is not None and fact.caused_by == fact.id:
        raise InvalidFactError("caused_by", "a fact cannot bring itself about")
    data = fact.data
    if isinstance(data, Correction):
        _check_correction(fact, data)
    elif not inner and fact.effective_at < fact.recorded_at:
        raise InvalidFactError(
            "effective_at", "is before recorded_at; say something about the past with a Correction of kind late"
        )
    if fact.type in ERASURES:
        _check_person(fact)
    if isinstance(data, _PERIODS) and data.ends_at <= data.starts_at:
        raise InvalidFactError("data.ends_at", "is not after starts_at")


def _check_person(fact: Fact) -> None:
    account, member, client = (getattr(fact.data, name) for name in ("account", "member", "client"))
    if account is None and member is None and client is None:
        raise InvalidFactError("data.account", "is missing: an erasure is of an account, a member or a client")
    if client is not None and (account is not None or member is not None):
        raise InvalidFactError("data.client", "stands beside an account or a member; a client has a fact of its own")
    if fact.location is None and (account is None or member is not None):
        raise InvalidFactError("location", "is missing: members and clients belong to one")


def _check_correction(fact: Fact, data: Correction) -> None:
    if (data.corrects is None) != (data.kind == "late"):
        raise InvalidFactError("data.corrects", "names the corrected fact for void and replace, and is null for late")
    if (data.fact is None) != (data.kind == "void"):
        raise InvalidFactError("data.fact", "is a whole fact for replace and late, and null for void")
    if data.corrects == fact.id:
        raise InvalidFactError("data.corrects", "a correction cannot correct itself")
    if data.fact is not None:
        if data.fact.location != fact.location:
            raise InvalidFactError("data.fact.location", "is another location than that of the correction")
        if data.fact.id == fact.id:
            raise InvalidFactError("data.fact.id", "is the id of the correction; the fact inside needs its own")
