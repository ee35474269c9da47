"""Two billing lists side by side, and for each seat that differs the facts that make it so."""

from collections.abc import Mapping
from typing import Any

from rich.text import Text

from domain.catalogue import Catalogue
from infrastructure.cli.layouts.page import Page, columns, safe
from projections.seat_words import grouped


def lay_out(page: Page, answer: Mapping[str, Any], catalogue: Catalogue) -> None:
    """The answer to `diff`."""
    page.say(f"Two lists of {answer['location']}", "bold")
    sides = columns("", "on", "as known on", "terms", "bought", "billable", "free")
    for name, basis, counts in (
        ("one", answer["one"], answer["counts"]["before"]),
        ("other", answer["other"], answer["counts"]["after"]),
    ):
        bought = "unlimited" if counts["available"] is None else str(counts["available"])
        sides.add_row(
            name,
            page.time(basis["on"]),
            page.time(basis["known"]),
            counts["terms"],
            bought,
            Text(str(counts["billable"]), "bold"),
            str(counts["free"]),
        )
    page.show(sides)
    page.say()
    if not answer["differences"]:
        page.say("No seat differs.", "green")
    for row in answer["differences"]:
        page.show(_heading(row))
        page.say(f"    one:   {_side(row['before'], catalogue)}")
        page.say(f"    other: {_side(row['after'], catalogue)}")
        for fact in row["facts"]:
            page.say(f"    because  {fact['line']}", "dim")
        if not row["smallest"]:
            page.say("    (a smaller set of facts was not ruled out)", "dim")


def _heading(row: Mapping[str, Any]) -> Text:
    before = row["before"]["billable"] if row["before"] else None
    after = row["after"]["billable"] if row["after"] else None
    word = {
        (False, True): "becomes billable",
        (True, False): "becomes free",
        (None, True): "comes, billable",
        (None, False): "comes, free",
        (True, None): "goes, was billable",
        (False, None): "goes, was free",
    }.get((before, after), "stays, for other reasons")
    return Text.assemble(safe(row["name"], "bold"), ": ", safe(word, "red" if after else "green"))


def _side(side: Mapping[str, Any] | None, catalogue: Catalogue) -> str:
    if side is None:
        return "not on the list"
    why = "; ".join(words for words, _ in grouped(side["reasons"], catalogue))
    return f"{'billable' if side['billable'] else 'free'} ({why})"
