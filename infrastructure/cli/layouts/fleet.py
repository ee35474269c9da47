"""The whole fleet: a line a location, and the sums."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from infrastructure.cli.layouts.page import Page, columns, safe


def lay_out(answer: Mapping[str, Any]) -> None:
    """The answer to `fleet`."""
    page = Page(ZoneInfo("UTC"))
    totals = answer["totals"]
    page.say(f"Billable seats of {totals['locations']:,} locations", "bold")
    page.say(page.basis(dict(answer)), "dim")
    if answer["judged_by"] is not None:
        page.say(f"every location judged by the terms {answer['judged_by']}", "yellow")
    table = columns("Location", "Chain", "Terms", "Bought", "Billable", "Free", "Over")
    for row in answer["locations"]:
        bought = "unlimited" if row["available"] is None else str(row["available"])
        cells = (row["location"], row["chain"] or "", row["terms"], bought)
        table.add_row(*map(safe, (*cells, str(row["billable"]), str(row["free"]), str(row["over"] or ""))))
    page.show(table)
    page.say(f"{totals['billable']:,} billable, {totals['free']:,} free, {totals['over']:,} over what was bought")
