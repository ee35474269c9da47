"""The evidence over HTTP: the newest checkpoint and the tiles of the head log (C2SP tlog-tiles), as files.

Whoever may come in at all may read them: a tree goes by a name there that tells no location.
"""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from infrastructure.evidence.proving import Proving
from infrastructure.evidence.tiles import read_tile, tile_bytes
from infrastructure.http.coming_in import Called
from infrastructure.http.documenting import OF_SOMETHING
from infrastructure.http.house import Housed
from infrastructure.http.problems import ProblemError

router = APIRouter(prefix="/v1/evidence", tags=["evidence"])

_NOTHING = "Nothing has been signed yet; see that `accessledger signer` runs and that this server is told its socket."
_FOR_EVER = "private, max-age=31536000, immutable"


@router.get("/checkpoint", responses=OF_SOMETHING)
async def checkpoint(house: Housed, _caller: Called) -> Response:
    """The newest checkpoint: a signed note (C2SP tlog-checkpoint), with the lines of the witnesses."""
    found = await house.lanes.questions.run(Proving(house.ledger.store).latest)
    if found is None:
        raise ProblemError(404, "nothing_signed", _NOTHING)
    return Response(found.note, headers={"Cache-Control": "no-store"}, media_type="text/plain; charset=utf-8")


@router.get("/tile/{tile:path}")
async def tile(
    house: Housed,
    _caller: Called,
    tile: Annotated[str, Path(max_length=64, description="Level, index and width: `0/000`, `entries/x001/234.p/7`.")],
) -> Response:
    """A tile of the head log, or a bundle of its entries: from these anybody can make any proof."""
    asked = read_tile(tile)
    store = house.ledger.store

    def found() -> bytes | None:
        newest = Proving(store).latest()
        return tile_bytes(store, newest, asked) if newest is not None and asked is not None else None

    content = await house.lanes.questions.run(found)
    if content is None:
        raise ProblemError(404, "no_such_tile", "There is no such tile; the checkpoint says how far the log goes.")
    return Response(content, headers={"Cache-Control": _FOR_EVER}, media_type="application/octet-stream")
