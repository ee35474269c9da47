"""The evidence on the pages of a bill: what vouches for it, and the button that takes it along."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request, Response

from domain.evidence.notes import cosignatures, read_note
from domain.instants import read_instant, write_instant
from infrastructure.bundle.verifier import KeyVerifier
from infrastructure.evidence.proving import Proving
from infrastructure.http.bundles import asked_by, handed_out
from infrastructure.http.coming_in import Visiting
from infrastructure.http.house import House, Housed
from infrastructure.http.locations import Location
from infrastructure.web.actions_fields import text
from infrastructure.web.forms import form_of

router = APIRouter(prefix="/locations/{location}/bill", include_in_schema=False)
_FIELDS = ("from", "to", "seat", "known")


@router.post("/evidence")
async def evidence(request: Request, house: Housed, caller: Visiting, location: Location) -> Response:
    """The bundle of the days that the form names."""
    form = await form_of(request, house, caller)
    said = {name: value for name in _FIELDS if (value := text(form, name))}
    return await handed_out(house, caller, asked_by(location, said))


def evidence_of(house: House, basis: Mapping[str, Any], first: str | None = None, last: str | None = None) -> Any:
    """What a page of the bill shows of the evidence: the newest checkpoint, who saw it, and what the button asks for.

    `first` and `last` are the days; where none are given, the one day of the basis.
    """
    day = day_of(house, basis["location"], basis["on"])
    published = Proving(house.ledger.store).latest()
    found: dict[str, Any] = {"first": first or day, "last": last or day, "known": basis["known"]}
    found |= {"signs": house.bundles.signs, "checkpoint": None}
    if published is None:
        return found
    witnesses = [KeyVerifier(each.key) for each in house.settings.evidence.witnesses]
    seen = cosignatures(read_note(published.note), witnesses)
    found["checkpoint"] = {
        "origin": published.checkpoint.origin,
        "size": published.checkpoint.size,
        "at": write_instant(published.at),
        "covers": published.position >= basis["position"],
        "witnesses": [
            {"name": each.key.name, "at": write_instant(datetime.fromtimestamp(each.at, UTC))} for each in seen
        ],
    }
    return found


def day_of(house: House, location: str, instant: str) -> str:
    """The day that an instant is in, where the location is."""
    return read_instant(instant).astimezone(house.room.zone(location)).date().isoformat()
