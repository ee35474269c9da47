"""One seat explained: the verdict, each rule that was tried, and the facts behind it."""

from collections.abc import Mapping
from typing import Any

from infrastructure.cli.layouts.page import Page
from projections.explanation import GENERATION_NAMES

_RIGHTS_SHOWN = 4


def lay_out(page: Page, answer: Mapping[str, Any]) -> None:
    """The answer to `explain`."""
    verdict = "is billable" if answer["billable"] else "is not billable"
    page.say(f"{answer['name']} {verdict} in {answer['location']}", "bold red" if answer["billable"] else "bold green")
    page.say(page.basis(dict(answer)), "dim")
    page.say(f"The terms: {GENERATION_NAMES[answer['terms']]}.")
    for fact in answer["terms_because"]:
        page.say(f"    {fact['line']}", "dim")
    facts = {fact["id"]: fact for fact in answer["facts"]}
    page.say()
    if answer["rules"]:
        page.say("Rules tried", "bold")
    for rule in answer["rules"]:
        mark, style = ("yes", "red") if rule["holds"] else ("no ", "green")
        page.say(f"  {mark}  {answer['name']} {rule['says']}", style)
        for since, rights in _by_cause(rule.get("rights", [])).items():
            for right in rights[:_RIGHTS_SHOWN]:
                page.say(f"       '{right['name']}' ({right['section']}; {right['right']})")
            if len(rights) > _RIGHTS_SHOWN:
                page.say(f"       and {len(rights) - _RIGHTS_SHOWN} more from the same fact (--json names them all)")
            page.say(f"           {since}", "dim")
        for name in rule["because"] if not rule.get("rights") else []:
            page.say(f"       {facts[name]['line']}", "dim")
    if not answer["billable"]:
        page.say()
        page.say(f"So: {answer['reasons'][0]['says']}.", "bold")
        for name in answer["reasons"][0]["because"]:
            page.say(f"    {facts[name]['line']}", "dim")


def _by_cause(rights: list[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """Rights that came with one fact together, under the line of that fact."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for right in rights:
        found.setdefault(right["since"]["line"], []).append(right)
    return found
