"""Where an erasure stands, as JSON: the same on the command line, over HTTP and in an archive."""

from datetime import datetime
from typing import Any

from domain.erasures import Erasure
from domain.instants import write_instant


def written_state(erasure: Erasure) -> dict[str, Any]:
    """What was asked, what holds it, and what was done; what there is not is null."""
    wish, hold, done = erasure.wish, erasure.hold, erasure.done
    return {
        "asked": {"fact": wish.fact, "at": write_instant(wish.at), "basis": wish.basis} if wish is not None else None,
        "held": {"fact": hold.fact, "until": write_instant(hold.until), "ground": hold.ground}
        if hold is not None
        else None,
        "due": _instant(erasure.due),
        "erased": {"fact": done.fact, "at": write_instant(done.at), "basis": done.basis} if done is not None else None,
    }


def _instant(found: datetime | None) -> str | None:
    return write_instant(found) if found is not None else None
