"""The billing list as people read it: the numbers of the subscription, then every seat with why and because of what."""

from collections.abc import Mapping
from typing import Any

from rich.text import Text

from domain.catalogue import Catalogue
from infrastructure.cli.layouts.page import Page, columns, safe
from projections.citation import Citation
from projections.explanation import GENERATION_NAMES, OUTCOMES

NOTES: Mapping[str, str] = {
    "pending_invitation": "the invitation is not accepted yet",
    "access_outlives_dismissal": "still has access although {member} left the team",
    "unlinked_twin": "there is another row of the same name; link them?",
    "lapsed_subscription": "The subscription has lapsed; its terms go on.",
    "unknown_rights": "Some rights are unknown to the catalogue in force and are not billed.",
    "quarantined": "Some stored rows cannot be read by this program and were left aside; run verify.",
}
COUNTED: Mapping[str, str] = {
    "ineffective_right": "{count} ticked without effect, a section above is off: {rights}",
    "unknown_right": "{count} unknown to the rights catalogue: {rights}",
    "sensitive_right": "{count} that may take data out: {rights}",
}
"""Notes that come once for each right are said in one line."""


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
        page.say(_worded(note), "yellow")


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
    for words in _row_notes(seat["notes"], catalogue):
        table.add_row("", "", "", safe(words, "yellow"), "")


def grouped(reasons: list[Mapping[str, Any]], catalogue: Catalogue) -> list[tuple[str, tuple[str, ...]]]:
    """Reasons in words, those that rest on the same facts together."""
    rights: dict[tuple[str, ...], list[str]] = {}
    out: list[tuple[str, tuple[str, ...]]] = []
    for reason in reasons:
        because = tuple(reason["because"])
        if reason["code"] == "right":
            rights.setdefault(because, []).append(reason["right"])
        else:
            out.append((OUTCOMES[reason["code"]], because))
    for because, slugs in rights.items():
        count = "a paid right" if len(slugs) == 1 else f"{len(slugs)} paid rights"
        out.append((f"{count}: {_named(slugs, catalogue)}", because))
    joined: dict[tuple[str, ...], list[str]] = {}
    for words, because in out:
        joined.setdefault(because, []).append(words)
    return [("; ".join(words), because) for because, words in joined.items()]


def _row_notes(notes: list[Mapping[str, Any]], catalogue: Catalogue) -> list[str]:
    out = [_worded(note) for note in notes if note["code"] in NOTES]
    for code, words in COUNTED.items():
        slugs = [note["right"] for note in notes if note["code"] == code]
        if slugs:
            count = "one right" if len(slugs) == 1 else f"{len(slugs)} rights"
            out.append(words.format(count=count, rights=_named(slugs, catalogue)))
    return out


def _named(slugs: list[str], catalogue: Catalogue) -> str:
    """The first rights by name, the rest counted."""
    names = [catalogue.rights[slug].short_name if slug in catalogue.rights else slug for slug in slugs]
    shown = ", ".join(f"'{name}'" for name in names[:2])
    return shown + (f" and {len(names) - 2} more" if len(names) > 2 else "")


def _worded(note: Mapping[str, Any]) -> str:
    return NOTES[note["code"]].format(**{"member": "", **note})
