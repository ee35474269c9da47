"""Pages of rows: the newest first, each entry and each change whole; a page in the order of the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass

from projections.origins import Row


@dataclass(frozen=True, slots=True)
class Page:
    """At most so many rows (or one entry, or one change, if that alone has more), all of them before a position."""

    limit: int
    before: int | None = None


def position_of(row: Row) -> int:
    """Where a row lies: a fact's position, or that of the first fact of a change."""
    position = row.get("position")
    return int(row["facts"][0]["position"] if position is None else position)


def paged(rows: Sequence[Row], page: Page) -> tuple[list[Row], int | None]:
    """The rows of a page, and the position to ask `before` for the next older one; None when there is none."""
    earlier = [row for row in rows if page.before is None or position_of(row) < page.before]
    taken = len(earlier) - min(page.limit, len(earlier))
    if 0 < taken < len(earlier):
        taken = _whole(earlier, taken)
    return list(earlier[taken:]), position_of(earlier[taken]) if taken else None


def _whole(rows: Sequence[Row], start: int) -> int:
    """The start of a page that would begin inside an entry: after it, or at its beginning if nothing comes after."""
    position = position_of(rows[start])
    if position_of(rows[start - 1]) != position:
        return start
    after = next((place for place in range(start, len(rows)) if position_of(rows[place]) != position), None)
    if after is not None:
        return after
    return next(place for place in range(len(rows)) if position_of(rows[place]) == position)
