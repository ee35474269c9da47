"""A device as one location has seen it: its names and addresses, who used it, what was done from it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from domain.limits import IDENTIFIER_LENGTH
from infrastructure.basis import Answer
from infrastructure.books import NotFoundError
from infrastructure.http.asking import Asked
from infrastructure.http.coming_in import Visiting
from infrastructure.http.house import Housed
from infrastructure.kept.neighbours import first_positions
from infrastructure.web.location import location_page
from projections.filters import Filter
from projections.paging import Page

router = APIRouter(include_in_schema=False)
_ID = r"^[A-Za-z0-9._:-]+$"
DeviceId = Annotated[str, Path(min_length=1, max_length=IDENTIFIER_LENGTH, pattern=_ID)]
PlaceOf = Annotated[str, Query(min_length=1, max_length=IDENTIFIER_LENGTH, pattern=_ID)]
LOOKED_AT = 500
"""Facts that a device is known by at most: the newest, and the first one of all."""


@router.get("/devices/{device}")
async def device(
    request: Request, house: Housed, caller: Visiting, device: DeviceId, location: PlaceOf, asked: Asked
) -> Response:
    """What is known of a device in a location, from what the caller may see of its log. NotFoundError: nothing."""

    def look() -> tuple[Answer, list[Answer], dict[str, int]]:
        answer = house.room.log(caller, location, Filter(device=device), asked, Page(LOOKED_AT))
        if not answer["log"]:
            raise NotFoundError(f"Nothing that you may see was done in {location} from a device {device}.")
        store, upto = house.ledger.store, answer["position"]
        whole = house.ledger.kept.position() >= upto
        first = first_positions(store, location, [device], upto) if whole else {}
        rows = answer["log"]
        if device in first and first[device] < rows[0]["position"]:
            oldest = house.room.log(caller, location, Filter(device=device), asked, Page(1, first[device] + 1))["log"]
            rows = [*oldest, *rows]
        return answer, rows, first

    answer, rows, first = await house.lanes.questions.run(look)
    return location_page(
        request,
        "device.html",
        caller,
        answer,
        here="log",
        device=device,
        rows=list(reversed(rows))[:100],
        more=answer["earlier"] is not None,
        is_first=first.get(device) == rows[0]["position"],
        first=rows[0],
        last=rows[-1],
        names=_seen(rows, "name"),
        addresses=_seen(rows, "ip"),
        agents=_seen(rows, "user_agent"),
        people=_people(rows),
    )


def _seen(rows: Sequence[Mapping[str, Any]], key: str) -> list[Answer]:
    """What a device was called, came from or said: each with how often, since when and until when; newest first."""
    return _counted((row["device"][key], row["device"][key], row) for row in rows if row["device"][key])


def _people(rows: Sequence[Mapping[str, Any]]) -> list[Answer]:
    return _counted((row["actor"]["id"], row["actor"]["name"], row) for row in rows)


def _counted(found: Iterable[tuple[str, str, Mapping[str, Any]]]) -> list[Answer]:
    told: dict[str, Answer] = {}
    for key, name, row in found:
        each = told.setdefault(key, {"id": key, "first": row["recorded_at"], "count": 0})
        each.update(name=name, last=row["recorded_at"], count=each["count"] + 1)
    return sorted(told.values(), key=lambda each: str(each["last"]), reverse=True)
