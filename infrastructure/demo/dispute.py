"""The dispute: Mia left Berlin on 3 March 2026, the ledger heard of it on 9 April, the charge was on 31 March."""

from typing import Any

from infrastructure.demo.cast import CAST
from infrastructure.demo.places import BERLIN
from infrastructure.demo.script import Script, Step, Told, do, support

MEMBER = "mia"
CHARGE = "C-berlin-2026-03"
CORRECTIONS = "mia's dismissal, entered late"
LEFT_AT = BERLIN.at("2026-03-04 00:00")
TICKET = "TICKET-4127: her last day was 3 March, letter of resignation attached; the dismissal was never entered"


def dispute() -> Script:
    """What support records on behalf of Olga, and what Olga does then."""
    script = Script(BERLIN)
    script.see("2026-04-08 18:26", "olga", "LogViewed", filter={"member": MEMBER, "from": "2026-03-01"})
    dismissal = {"member": MEMBER, "dismissal_date": "2026-03-04", "reason": "resigned"}
    link = {"account": CAST[MEMBER].account, "member": MEMBER, "cause": "dismissal"}
    script.save(
        "2026-04-09 11:20",
        support("olga"),
        _late("TeamMemberDismissed", dismissal),
        _late("UserUnlinked", link),
        _late("RemovedFromSchedule", {"member": MEMBER}),
        name=CORRECTIONS,
        reason=TICKET,
    )
    script.save("2026-04-09 15:02", "olga", do("delete_user", account=CAST[MEMBER].account, locations=["berlin"]))
    return script


def dismissal_id(told: Told) -> str:
    """The id of the dismissal inside the first correction."""
    return told.new_id("mia left (TeamMemberDismissed)")


def _late(kind: str, data: dict[str, Any]) -> Step:
    def content(told: Told) -> dict[str, Any]:
        inner: dict[str, Any] = {
            "id": told.new_id(f"mia left ({kind})"),
            "type": kind,
            "effective_at": LEFT_AT.isoformat(),
            "data": data,
        }
        if kind != "TeamMemberDismissed":
            inner["caused_by"] = dismissal_id(told)
        return {"kind": "late", "fact": inner}

    return Step("correct", content)
