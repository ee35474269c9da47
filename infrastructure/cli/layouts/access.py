"""Who held which role, rights and scopes, section by section."""

from collections.abc import Mapping
from typing import Any

from domain.roles import title
from infrastructure.cli.layouts.page import Page


def lay_out(page: Page, answer: Mapping[str, Any], *, whole: bool) -> None:
    """The answer to `access`; `whole` lists every right, otherwise they are counted by section."""
    page.say(f"Access to {answer['location']}", "bold")
    page.say(page.basis(dict(answer)), "dim")
    if not answer["users"]:
        page.say("Nobody had access.")
    for user in answer["users"]:
        linked = f", member {user['member']}" if user["member"] else ""
        pending = ", invited and not yet accepted" if user["invitation"] else ""
        page.say()
        page.say(f"{user['name']} ({user['account']}{linked}): {title(user['role'])}{pending}", "bold")
        page.say(
            f"    access since {page.time(user['access_since']['at'])}, "
            f"role since {page.time(user['role_since']['at'])}",
            "dim",
        )
        sections: dict[str, list[Mapping[str, Any]]] = {}
        for right in user["rights"]:
            sections.setdefault(right["section"], []).append(right)
        for section, rights in sections.items():
            if whole:
                page.say(f"    {section}")
                for right in rights:
                    effect = "" if right["effective"] else "  (without effect: a section above is off)"
                    page.say(f"        {_mark(right)} {right['name']}{effect}")
            else:
                paid = sum(right["class"] == "P" and right["effective"] for right in rights)
                page.say(
                    f"    {section}: {'one right' if len(rights) == 1 else f'{len(rights)} rights'}"
                    + (f", {paid} of them paid" if paid else "")
                )
        for right in user["unknown_rights"]:
            page.say(f"    unknown right: {right}", "yellow")
        for scope, value in sorted(user["scopes"].items()):
            page.say(f"    narrowed by {scope} = {value}", "dim")


def _mark(right: Mapping[str, Any]) -> str:
    return {"P": "paid", "X": "team", "F": "free"}.get(right["class"], "free")
