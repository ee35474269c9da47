"""What a log or a history says about rows that cannot be read: all of the place, up to the position."""

from infrastructure.basis import Answer
from infrastructure.kept.asked import Asked
from infrastructure.kept.reading import PageReading
from infrastructure.kept.standpoints import Standpoints


def unread_rows(reading: PageReading, asked: Asked, stands: Standpoints) -> list[Answer]:
    """Those of one location; or of all that were opened, by their ids, and then of what belongs to none."""
    found = reading.rows("unread", {"upto": asked.position})
    if not found:
        return []
    stands.learn(place for _, _, place, *_ in found)
    told = [row for row in found if _belongs(asked, stands, row[1], row[2])]
    if asked.location is None:
        told.sort(key=lambda row: (row[2] is None, row[2] or ""))
    return [{"position": row[0], "id": row[3], "type": row[4], "reason": row[5]} for row in told]


def _belongs(asked: Asked, stands: Standpoints, stream: str, place: str | None) -> bool:
    if asked.location is None:
        if place is None:
            return True
        if not stands[place].opened:
            return False
    elif place != asked.location:
        return False
    return stream == f"location:{place}" or (asked.observed and stream == f"observations:{place}")
