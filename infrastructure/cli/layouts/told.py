"""What happened, told line by line: the change history, the security log, the roster, the charges."""

from collections.abc import Mapping
from typing import Any

from rich.text import Text

from infrastructure.cli.layouts.page import Page, columns, safe
from infrastructure.retention.coverage import sentence


def lay_out_history(page: Page, answer: Mapping[str, Any]) -> None:
    """The answer to `history`: one sentence a change, oldest first."""
    _heading(page, answer, "Changes")
    for row in answer["changes"]:
        page.show(_line(page, row, row["sentence"]))
    if not answer["changes"]:
        page.say("Nothing was changed in what was asked for.")


def lay_out_log(page: Page, answer: Mapping[str, Any]) -> None:
    """The answer to `log`: one line a fact, refused attempts in red."""
    _heading(page, answer, "Security log")
    for row in answer["log"]:
        page.show(_line(page, row, row["action"], "red" if row["outcome"] == "refused" else ""))
    if not answer["log"]:
        page.say("Nothing is on the log for what was asked for.")


def _heading(page: Page, answer: Mapping[str, Any], title: str) -> None:
    where = f" of {answer['location']}" if answer["location"] else " of every location"
    page.say(title + where, "bold")
    page.say(page.basis(dict(answer)), "dim")
    for row in answer["quarantined"]:
        page.say(
            f"position {row['position']} cannot be read by this program ({row['type']}: {row['reason']})", "yellow"
        )
    said = sentence(dict(answer))
    if said is not None:
        page.say(said, "yellow")


def _line(page: Page, row: Mapping[str, Any], sentence: str, style: str = "") -> Text:
    device = row["device"]
    said = device.get("name") or device.get("id") if device else None
    address = device.get("ip") if device else None
    tail = ", ".join(part for part in (said, address) if part)
    return Text.assemble(
        safe(page.time(row["recorded_at"]), "dim"),
        "  ",
        safe(sentence, style),
        safe(f"  [{tail}]" if tail else "", "dim"),
    )


def lay_out_roster(page: Page, answer: Mapping[str, Any]) -> None:
    """The answer to `roster`: everybody, gone or not."""
    page.say(f"Everybody of {answer['location']}", "bold")
    page.say(page.basis(dict(answer)), "dim")
    said = sentence(dict(answer))
    if said is not None:
        page.say(said, "yellow")
    table = columns("Name", "Member / account", "Role", "Team", "Access", "Schedule", "Last sign-in", "Two-step")
    for row in answer["people"]:
        ids = " / ".join(name for name in (row["member"], row["account"]) if name)
        due = f", leaves {page.time(row['dismissal_due'])}" if row.get("dismissal_due") else ""
        table.add_row(
            safe(row["name"], "bold"),
            safe(ids, "dim"),
            safe((row["role"] or "").replace("_", " ")),
            safe(("" if row["state"] == "no_member" else row["state"]) + due),
            safe("" if row["access"] == "none" else row["access"]),
            "on" if row["on_schedule"] else "",
            page.time(row["last_sign_in"]) if row["last_sign_in"] else "never",
            ", ".join(row["two_step"]),
        )
    page.show(table)


def lay_out_charges(page: Page, answer: Mapping[str, Any]) -> None:
    """The answer to `charges`: what was billed beside what the ledger says, then and now."""
    page.say(f"Charges of {answer['location']}", "bold")
    page.say(page.basis(dict(answer)), "dim")
    table = columns("Charge", "At", "Billed", "As known then", "As known now", "Amount", "")
    for row in answer["charges"]:
        billed, then, now = row["billed"], row["as_known_then"], row["as_known_now"]
        agrees = then["agrees"] and now["agrees"]
        amount = f"{billed['amount']} {billed['currency'] or ''}".strip() if billed["amount"] else ""
        table.add_row(
            safe(row["charge"]),
            page.time(row["effective_at"]),
            str(billed["billable"]),
            str(then["billable"]),
            str(now["billable"]),
            safe(amount),
            Text("agrees", "green") if agrees else Text("differs", "bold red"),
        )
    page.show(table)
