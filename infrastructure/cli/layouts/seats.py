"""The billing list as people read it: the numbers of the subscription, then every seat with why and because of what."""

from collections.abc import Mapping
from typing import Any

from rich.text import Text

from domain.catalogue import Catalogue
from infrastructure.cli.layouts.page import Page, columns, safe
from projections.citation import Citation
from projections.explanation import GENERATION_NAMES
from projections.seat_words import grouped, row_notes, worded


def lay_out(page: Page, answer: Mapping[str, Any], cite: Citation, catalogue: Catalogue) -> None:
    """The answer to `seats`."""
    page.say(f"Seats of {answer['location']}", "bold")
    page.say(page.basis(dict(answer)), "dim")
    page.show(_numbers(page, answer))
    page.say()
    table = columns("", "Name", "Member / account", "Why", "Because")
    for seat in answer["seats"]:
        _add(table, seat, cite, catalogue)
    page.show(table)
    if answer["former"]:
        page.say()
        page.say("Not there any more", "bold")
        gone = columns("", "Member / account", "How", "Because")
        for row in answer["former"]:
            because = cite.of_id(row["reason"]["because"][0])["line"]
            gone.add_row("", safe(row["member"] or row["account"]), row["reason"]["code"], safe(because, "dim"))
        page.show(gone)
    for note in answer["notes"]:
        page.say(worded(note), "yellow")


def _numbers(page: Page, answer: Mapping[str, Any]) -> Text:
    period = answer["subscription"]
    text = Text()
    if period is None:
        text.append("No subscription yet. ")
    else:
        text.append(f"Subscription {period['id']}, terms {GENERATION_NAMES[period['terms']]}, ")
        text.append(f"{page.time(period['starts_at'])} to {page.time(period['ends_at'])}")
        text.append(" (lapsed). " if period["lapsed"] else ". ", "yellow" if period["lapsed"] else "")
    bought = "unlimited" if answer["available"] is None else str(answer["available"])
    text.append(f"Bought {bought}, billable ")
    text.append(str(answer["billable"]), "bold red" if answer["over"] else "bold green")
    text.append(f", free {answer['free']}")
    if answer["over"]:
        text.append(f", {answer['over']} more than bought", "bold red")
    return text


def _add(table: Any, seat: Mapping[str, Any], cite: Citation, catalogue: Catalogue) -> None:  # a rich table
    mark = Text("● billable", "bold red") if seat["billable"] else Text("○ free", "green")
    ids = " / ".join(name for name in (seat["member"], seat["account"]) if name)
    first = True
    for why, because in grouped(seat["reasons"], catalogue):
        fact = "\n".join(cite.of_id(name)["line"] for name in because)
        cells = (mark, safe(seat["name"], "bold"), safe(ids, "dim")) if first else ("", "", "")
        table.add_row(*cells, safe(why), Text("\n").join(safe(line, "dim") for line in fact.split("\n")))
        first = False
    for words in row_notes(seat["notes"], catalogue):
        table.add_row("", "", "", safe(words, "yellow"), "")
