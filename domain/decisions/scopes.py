"""What values a scope takes, and the ones a role starts with (the catalogue's `scope_type`)."""

import ipaddress
from collections.abc import Mapping
from typing import Any

from domain.catalogue import Catalogue, Right
from domain.facts.form import ScopeValue
from domain.refusals import Code, Refused

NO_LIMIT = -1


def check_scopes(catalogue: Catalogue, scopes: Mapping[str, Any]) -> dict[str, ScopeValue]:
    """The scopes as facts write them; refused when one is unknown or its value is outside its type."""
    for slug, value in scopes.items():
        scope = catalogue.narrowing.get(slug)
        if scope is None:
            raise Refused(Code.UNKNOWN_RIGHT, f"The rights catalogue in force has no scope {slug}.", rights=[slug])
        wanted = _wrong(scope, value)
        if wanted is not None:
            raise Refused(Code.INVALID, f"The scope {slug} takes {wanted}, not {value!r}.", scope=slug)
    return dict(scopes)


def default_scopes(catalogue: Catalogue, role: str) -> dict[str, ScopeValue]:
    """The scopes a role starts with; whom a specialist is bound to has to be said."""
    values: dict[str, ScopeValue] = {}
    for slug, scope in catalogue.narrowing.items():
        if role in scope.default_roles:
            if scope.scope_type == "last_days_count":
                values[slug] = 0
            elif scope.scope_type.startswith("has_limited"):
                values[slug] = 1
    return values


def _wrong(scope: Right, value: object) -> str | None:
    """What the scope takes, when this value is something else."""
    kind = scope.scope_type
    if isinstance(value, bool):
        return "a number or an id, not true or false"
    if kind == "last_days_count":
        return None if isinstance(value, int) and value >= NO_LIMIT else "a number of days, or -1 for no limit"
    if kind == "allowed_id":
        fits = isinstance(value, str) or (isinstance(value, int) and value >= 0)
        return None if fits else "one id, or 0 for all"
    if kind == "allowed_ids":
        ids = isinstance(value, list) and all(isinstance(each, str) or type(each) is int for each in value)
        return None if ids else "a list of ids"
    if kind == "allowed_ip":
        return None if isinstance(value, list) and all(_is_address(each) for each in value) else "a list of addresses"
    return None if isinstance(value, int) and value in {0, 1} else "0 or 1"


def _is_address(text: object) -> bool:
    try:
        ipaddress.ip_network(str(text), strict=False)
    except ValueError:
        return False
    return isinstance(text, str)
