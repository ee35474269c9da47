"""Whether the server lives, whether it can serve, and what it counts."""

from fastapi import APIRouter, Request, Response

from domain import canonical
from infrastructure.basis import Answer
from infrastructure.http.house import House, Housed
from infrastructure.http.metrics import MEDIA_TYPE
from infrastructure.http.problems import ProblemError
from infrastructure.store import StoreError
from infrastructure.store.migrating import missing_migrations
from infrastructure.store.watcher import THRESHOLD
from infrastructure.verification.remembered import last, overdue

router = APIRouter(include_in_schema=False)
_NEIGHBOURS = frozenset({"127.0.0.1", "::1"})
_SPOKEN_FOR = frozenset({"x-forwarded-for", "forwarded"})
STALE = 10_000
"""Positions behind which questions become slow folds: such a server should not get new work."""


@router.get("/livez")
async def live() -> Response:
    """The process runs and answers; nothing else is looked at."""
    return Response("ok\n", media_type="text/plain")


@router.get("/readyz")
async def ready(house: Housed) -> Response:
    """The database answers, its schema is this program's, positions and projections keep up; 503 and why, if not."""
    away: Answer = {"ready": False, "database": "does not answer"}
    found = away if house.pulse.is_away() else await house.lanes.questions.run(lambda: readiness(house))
    return Response(
        canonical.write(found) + b"\n",
        200 if found["ready"] else 503,
        {"Cache-Control": "no-store"},
        "application/json",
    )


def readiness(house: House) -> Answer:
    """What a server needs, each with how it is."""
    store = house.ledger.store
    try:
        missing = missing_migrations(store.connections)
        lag = store.lag()
        position, kept = store.last_position(), house.ledger.kept.position()
        complaint = overdue(store) if not missing else None
    except StoreError:
        return {"ready": False, "database": "does not answer"}
    alarm = lag.complaint(THRESHOLD)
    return {
        "ready": not missing and alarm is None and position - kept <= STALE,
        "database": "answers",
        "migrations_missing": missing,
        "position": position,
        "positions_held_back": alarm,
        "projections_behind": position - kept,
        "verification": complaint,
    }


@router.get("/metrics")
async def metrics(request: Request, house: Housed) -> Response:
    """Counts for Prometheus; to be asked from the machine itself or with a key of scope `operate`."""
    await check_operator(request, house)
    position, kept, verified = await house.lanes.questions.run(
        lambda: (house.ledger.store.last_position(), house.ledger.kept.position(), last(house.ledger.store))
    )
    return Response(house.metrics.written(position, kept, verified), media_type=MEDIA_TYPE)


async def check_operator(request: Request, house: House) -> None:
    """ProblemError 403 unless it is a neighbour on the machine that no proxy speaks for, or an operator's key."""
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and text:
        caller = await house.lanes.questions.run(lambda: house.keys.caller(text.strip()))
        if caller is not None and "operate" in caller.scopes:
            return
    elif request.client is not None and request.client.host in _NEIGHBOURS and not _SPOKEN_FOR & {*request.headers}:
        return
    raise ProblemError(403, "forbidden", "Ask from the machine itself, or with a key of scope `operate`.")
