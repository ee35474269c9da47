"""New York's year: bought from another chain, a lapse in May, and a receptionist whose access nobody took back."""

from typing import Any

from domain.facts import written
from infrastructure.demo.cast import CAST
from infrastructure.demo.places import CHAIN, NEW_YORK
from infrastructure.demo.script import CLOCK, HEAD_OFFICE, Script, Step, Told, do, hire, invite, support

BEFORE = "brightside"


def new_york(viewer_rights: list[str]) -> Script:
    """The whole script, less the subscription."""
    script = Script(NEW_YORK)
    _opening(script, viewer_rights)
    _spring(script)
    _summer(script)
    return script


def _opening(script: Script, viewer_rights: list[str]) -> None:
    save = script.save
    opened = do("open_location", name=NEW_YORK.name, time_zone=NEW_YORK.zone, chain=BEFORE)
    save("2026-01-12 08:00", HEAD_OFFICE, opened)
    olga = CAST["olga"]
    save("2026-01-12 08:02", HEAD_OFFICE, do("grant_access", account=olga.account, name=olga.name, role="owner"))
    priya = CAST["priya"]
    manager = do("add_team_member", member="priya", name=priya.name, position="Manager")
    save("2026-01-13 09:05", "olga", manager, invite("priya", "manager", member="priya"), phone=True)
    script.accept("2026-01-13 09:48", "priya")
    save("2026-01-13 10:12", "olga", *hire("dana", "Stylist", until="2026-12-31"), phone=True)
    save("2026-01-13 10:20", "olga", *hire("luis", "Barber", until="2026-02-28"), phone=True)
    save("2026-01-13 10:29", "olga", *hire("grace", "Colorist", until="2026-12-31"), phone=True)
    desk = do("add_team_member", member="hank", name=CAST["hank"].name, position="Front desk")
    save("2026-01-13 10:41", "priya", desk, invite("hank", "administrator", member="hank"))
    save("2026-01-13 11:02", "priya", invite("noor", "accountant"), refused="beyond_own_rights")
    save("2026-01-14 17:30", "olga", invite("noor", "accountant"), phone=True)
    for local, key in (
        ("2026-01-13 12:00", "hank"),
        ("2026-01-13 18:44", "dana"),
        ("2026-01-14 09:20", "luis"),
        ("2026-01-14 09:52", "grace"),
        ("2026-01-15 11:11", "noor"),
    ):
        script.accept(local, key)
    script.see("2026-01-14 10:30", "priya", "DataImported", what="clients", format="csv", rows=3104)
    mailings = [*viewer_rights, "send_sms_access"]
    until = NEW_YORK.at("2026-02-24 00:00").isoformat()
    mailer = invite("theo", "viewer", rights=mailings, expires_at=until)
    save("2026-02-10 14:20", "priya", mailer)
    save("2026-02-12 10:07", "priya", mailer, refused="exists")
    save("2026-02-24 00:00", CLOCK, do("expire_invitation", account=CAST["theo"].account))


def _spring(script: Script) -> None:
    save = script.save
    typed = do("plan_hours", member="luis", until="2062-06-30")
    save("2026-02-17 10:16", "priya", typed, name="hours of luis")
    save(
        "2026-02-18 09:42",
        support("olga"),
        Step("correct", _hours_replaced),
        name="hours of luis, put right",
        reason="TICKET-3884: 2062 was meant to be 2026",
    )
    save("2026-02-27 12:03", "olga", do("leave_chain", chain=BEFORE), phone=True)
    save("2026-03-02 08:31", "olga", do("join_chain", chain=CHAIN), phone=True)
    front = do("change_role", account=CAST["dana"].account, role="administrator")
    save("2026-03-09 13:20", "olga", front, phone=True, name="dana also takes the desk")
    leaving = do("delete_user", account=CAST["olga"].account, locations=["new-york"])
    save("2026-03-20 16:02", "olga", leaving, phone=True, refused="last_owner")
    save("2026-06-10 10:33", "priya", do("enable_two_step", account=CAST["priya"].account, channel="email"))


def _hours_replaced(told: Told) -> dict[str, Any]:
    typed = told.fact("hours of luis")
    right = {**written(typed)["data"], "until": "2026-06-30"}
    inner = {"type": typed.type, "effective_at": typed.effective_at.isoformat(), "data": right}
    return {"kind": "replace", "corrects": typed.id, "fact": inner}


def _summer(script: Script) -> None:
    save = script.save
    save("2026-06-13 09:35", "priya", do("remove_from_schedule", member="grace"), reason="leave until September")
    save("2026-06-23 11:14", "priya", do("plan_hours", member="luis", until="2026-12-31"))
    save("2026-08-04 10:50", "priya", do("plan_hours", member="dana", until="2026-08-14"))
    leaving = do("dismiss", member="dana", date="2026-08-15", reason="moves to Austin", confirmation="Dismiss")
    save("2026-08-04 10:53", "priya", leaving, name="dana dismissed")
    save("2026-09-08 09:10", "priya", do("add_to_schedule", member="grace"))
    save("2026-09-15 10:05", "priya", do("edit_team_member", member="grace", after={"position": "Senior colorist"}))
    was, now = {"note": ""}, {"note": "asks for Dana, now in Austin"}
    number = "c-new-york-4471"
    script.see("2026-09-21 22:14", "dana", "RecordEdited", entity="client", entity_id=number, before=was, after=now)
