"""Calls made up from the API's own description, aimed at two tenants, and what is wrong with the answers."""

import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from domain.facts import Actor, Device
from infrastructure.door.caller import EVERYWHERE, Places, Scope
from infrastructure.door.keys import Keys
from infrastructure.door.sessions import Sessions
from infrastructure.store import Store
from tests.infrastructure.http.tenants import AMBER, BIRCH, Steering, facts_of, handed_facts, named, secret_of
from tests.infrastructure.store.waiting import ENOUGH

CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance]
Case: TypeAlias = schemathesis.Case[Any]
_SCOPES: tuple[Scope, ...] = ("read", "export", "feed", "command", "vouch", "correct", "operate", "erase")
CALLERS = 3
"""Each case is sent by so many, aimed anew: making one up takes longer than answering it."""

_SEED = 20_261_122
_UUID = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@schemathesis.serializer("application/x-ndjson", "application/jsonl")
def lines(_: schemathesis.SerializationContext, value: Any) -> bytes:
    """A file of history as it is sent."""
    return value if isinstance(value, bytes) else str(value).encode(errors="replace")


@dataclass(frozen=True)
class Credential:
    """One who calls, and the tenants of whom nothing may come back."""

    name: str
    headers: Mapping[str, str]
    others: tuple[str, ...]


@dataclass
class Found:
    """What a run of calls came to."""

    calls: int = 0
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def credentials(store: Store) -> Sequence[Credential]:
    """Keys bound to a chain and to locations, people of both, somebody of neither, nobody, and an operator."""
    chains = Places(chains=frozenset({named(AMBER, "lumen"), named(AMBER, "brightside")}))
    places = Places(locations=frozenset(named(BIRCH, place) for place in ("berlin", "lisbon", "new-york")))

    def key(name: str, where: Places, *scopes: Scope) -> Mapping[str, str]:
        text = Keys(store.connections).make(Actor(kind="api_key", id=name), scopes or _SCOPES, where)[1]
        return {"Authorization": f"Bearer {text}"}

    def person(account: str) -> Mapping[str, str]:
        return {"Cookie": f"session={Sessions(store.connections).make(account, Device(id='dev-1'))}"}

    return [
        Credential("amber's key", key(f"{AMBER}-pos", chains), (BIRCH,)),
        Credential("birch's key", key(f"{BIRCH}-pos", places), (AMBER,)),
        Credential("amber's owner", person(named(AMBER, "acc-olga")), (BIRCH,)),
        Credential("birch's owner", person(named(BIRCH, "acc-olga")), (AMBER,)),
        Credential("a stranger", person("acc-stranger"), (AMBER, BIRCH)),
        Credential("nobody", {}, (AMBER, BIRCH)),
        Credential("the operator", key("operator", EVERYWHERE, *_SCOPES, "import"), ()),
    ]


def fuzz(address: str, database: str, calls: int, *, only: str = "") -> Found:
    """Make about so many calls, the same every time for the same description, spread over all operations."""
    description = requests.get(f"{address}/v1/openapi.json", timeout=ENOUGH).json()
    schema = schemathesis.openapi.from_dict(description)
    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    operations = [operation for operation in operations if only in operation.path]
    found, chance = Found(), random.Random(_SEED)
    with Store(database) as store:
        callers = credentials(store)
    each = max(1, calls // (2 * len(operations) * CALLERS))
    with requests.Session() as session:
        for operation in operations:
            for mode in GenerationMode:
                for case in _made_up(operation, mode, each):
                    made_up = (case.path_parameters, case.query, case.body)
                    for caller in chance.sample(callers, CALLERS):
                        _steer(case, made_up, Steering(chance))
                        _call(address, session, caller, case, found)
    return found


def _made_up(operation: APIOperation[Any, Any, Any, Any], mode: GenerationMode, count: int) -> Iterator[Case]:
    cases: list[Case] = []

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def collect(case: Case) -> None:
        cases.append(case)

    try:
        collect()
    except Exception as error:  # there may be no wrong data of that kind
        if "unsatisfiable" not in type(error).__name__.lower():
            raise
    yield from cases


def _steer(case: Case, made_up: tuple[Any, Any, Any], steering: Steering) -> None:
    """Aim a case at what is there, anew for each who calls."""
    path_parameters, query, body = made_up
    case.path_parameters = steering.steered(path_parameters)
    case.query = steering.steered(query)
    case.body = steering.steered(body) if isinstance(body, dict) else body


def _call(
    address: str,
    session: requests.Session,
    caller: Credential,
    case: Case,
    found: Found,
) -> None:
    response = case.call(address, session=session, headers=dict(caller.headers))
    found.calls += 1
    found.statuses[f"{case.method} {case.path}", response.status_code] += 1
    where = f"{caller.name}: {response.request.method} {response.request.url} {str(response.request.body)[:300]}"
    if response.status_code >= 500:
        found.wrong.append(f"{response.status_code} for {where}: {response.text[:300]}")
    try:
        case.validate_response(response, checks=CHECKS)
    except FailureGroup as failures:
        found.wrong.extend(f"{failure} for {where}" for failure in failures.exceptions)
    whole = response.content + repr(sorted(response.headers.items())).encode()
    found.wrong.extend(f"{leak} for {where}" for leak in leaks(caller, whole))


def leaks(caller: Credential, whole: bytes) -> Iterator[str]:
    """What of another tenant an answer holds: a word of its own, or the id of one of its facts."""
    for tenant in caller.others:
        secret = secret_of(tenant).encode()
        if secret in whole:
            place = whole.index(secret)
            yield f"{tenant} shows: {whole[max(0, place - 60) : place + 60]!r}"
        seen = {match.decode() for match in _UUID.findall(whole)}
        for fact in sorted(seen & facts_of(tenant) - handed_facts(tenant)):
            yield f"a fact of {tenant} shows: {fact}"
