"""Berlin's year: the salon that has everything, from the first seat to a trainee who has not answered yet.

Longer than most files: a year of one place reads best in one go.
"""

from infrastructure.demo.cast import CAST
from infrastructure.demo.places import BERLIN, CHAIN
from infrastructure.demo.script import CLOCK, HEAD_OFFICE, Script, also, do, hire, invite, specialist

SALARY_RIGHTS = ["finances_salary_schemes_access", "finances_salary_payroll_access"]


def berlin(viewer_rights: list[str]) -> Script:
    """The whole script, less the subscription, the dispute and the stolen evening."""
    script = Script(BERLIN)
    _first_day(script, viewer_rights)
    _acceptances(script)
    _autumn(script)
    _winter(script)
    _spring_and_summer(script)
    _last_autumn(script)
    return script


def _first_day(script: Script, viewer_rights: list[str]) -> None:
    save = script.save
    save("2025-10-01 08:30", HEAD_OFFICE, do("open_location", name=BERLIN.name, time_zone=BERLIN.zone, chain=CHAIN))
    olga = CAST["olga"]
    save("2025-10-01 08:31", HEAD_OFFICE, do("grant_access", account=olga.account, name=olga.name, role="owner"))
    save("2025-10-01 09:31", "olga", *hire("sana", "Stylist", until="2026-12-31"))
    save("2025-10-01 09:38", "olga", *hire("mia", "Stylist", until="2026-12-31"), name="mia hired")
    save("2025-10-01 09:45", "olga", *hire("jonas", "Barber", until="2026-12-31"))
    save("2025-10-01 09:52", "olga", *hire("leyla", "Colourist", until="2026-12-31"))
    save("2025-10-01 10:01", "olga", *hire("kai", "Stylist", until="2026-06-30"))
    save("2025-10-01 10:09", "olga", do("add_team_member", member="room-1", name="Treatment room", position="Room"))
    manager = do("add_team_member", member="max", name=CAST["max"].name, position="Manager")
    save("2025-10-01 10:20", "olga", manager, invite("max", "manager", member="max"))
    save("2025-10-01 10:31", "olga", invite("syd", "system_manager"))
    save("2025-10-01 10:36", "olga", invite("ada", "accountant"))
    save("2025-10-01 10:44", "olga", do("enable_two_step", account=olga.account, channel="push"), phone=True)
    desk = do("add_team_member", member="ann", name=CAST["ann"].name, position="Receptionist")
    save("2025-10-01 13:30", "max", desk, invite("ann", "administrator", member="ann"))
    save("2025-10-01 13:41", "max", invite("cleo", "call_center"))
    save("2025-10-01 13:50", "max", invite("vic", "viewer"))
    save("2025-10-01 13:55", "max", invite("nele", "viewer"))
    save("2025-10-01 14:20", "max", invite("mara", "viewer", rights=[*viewer_rights, "send_sms_access"]))
    save("2025-10-01 15:25", "syd", do("enable_two_step", account=CAST["syd"].account, channel="totp"))
    script.see("2025-10-02 10:04", "max", "DataImported", what="clients", format="csv", rows=4812)
    script.see("2025-10-02 10:22", "max", "DataImported", what="services", format="csv", rows=96)


def _acceptances(script: Script) -> None:
    for local, key in (
        ("2025-10-01 13:05", "max"),
        ("2025-10-01 15:10", "syd"),
        ("2025-10-01 16:02", "ann"),
        ("2025-10-01 17:01", "cleo"),
        ("2025-10-01 18:20", "sana"),
        ("2025-10-02 08:50", "mia"),
        ("2025-10-02 09:15", "jonas"),
        ("2025-10-02 11:40", "mara"),
        ("2025-10-02 12:05", "ada"),
        ("2025-10-02 19:40", "leyla"),
        ("2025-10-03 09:03", "kai"),
        ("2025-10-06 14:12", "vic"),
        ("2025-10-08 10:33", "nele"),
    ):
        script.accept(local, key)


def _autumn(script: Script) -> None:
    save = script.save
    ada = CAST["ada"].account
    save("2025-10-02 12:09", "ada", do("enable_two_step", account=ada, channel="email"))
    paul = CAST["paul"]
    record = do("add_team_member", member="paul", name=paul.name, position="Receptionist")
    wrong = do(
        "invite",
        account="acc-p.keller",
        name=paul.name,
        contact="p.keller@lumen.exmaple",
        role="administrator",
        member="paul",
    )
    save("2025-10-27 11:02", "max", record, wrong)
    save("2025-10-28 09:12", "max", invite("paul", "administrator", member="paul"), refused="linked")
    save("2025-10-28 09:14", "max", do("withdraw_invitation", account="acc-p.keller"), reason="mail came back")
    save("2025-10-28 09:17", "max", invite("paul", "administrator", member="paul"))
    script.accept("2025-10-28 17:46", "paul")
    save("2025-11-12 10:14", "max", do("edit_team_member", member="sana", after={"position": "Senior stylist"}))
    save("2025-11-19 12:30", "max", do("edit_rights", account=CAST["cleo"].account, granted=["clients_files_access"]))
    save("2025-11-26 16:05", "ann", invite("lina", "specialist"), refused="forbidden")
    dismissal = do("dismiss", member="kai", date="2025-12-31", reason="moves to Kiel", confirmation="Dismiss")
    save("2025-12-10 10:52", "max", dismissal, refused="active_schedule")
    save("2025-12-10 10:56", "max", do("plan_hours", member="kai", until="2025-12-30"))
    save("2025-12-10 10:58", "max", dismissal, name="kai dismissed")


def _winter(script: Script) -> None:
    save = script.save
    save("2026-01-02 09:20", "max", do("delete_user", account=CAST["kai"].account, locations=["berlin"]))
    save("2026-01-12 11:31", "max", do("plan_hours", member="jonas", until="2026-01-30"))
    leaving = do("dismiss", member="jonas", date="2026-01-31", reason="wants to go to Hamburg", confirmation="Dismiss")
    save("2026-01-12 11:34", "max", leaving, name="jonas dismissed")
    save("2026-01-22 15:48", "max", do("cancel_dismissal", member="jonas"), reason="he stays", name="jonas stays")
    save("2026-01-22 15:50", "max", do("plan_hours", member="jonas", until="2026-12-31"))
    newsletter = do("edit_rights", account=CAST["max"].account, granted=["clients_export_access"])
    save("2026-02-05 10:11", "olga", newsletter, reason="spring newsletter", name="max may export")
    script.see("2026-02-06 11:30", "max", "DataExported", what="clients", format="xlsx", rows=5127)
    ada = CAST["ada"].account
    save("2026-02-11 09:40", "ada", do("enable_two_step", account=ada, channel="totp"))
    save("2026-02-11 09:43", "ada", do("disable_two_step", account=ada, channel="email"))
    save("2026-02-18 13:22", "max", do("edit_team_member", member="leyla", after={"position": "Senior colourist"}))


def _spring_and_summer(script: Script) -> None:
    save = script.save
    salaries = do("edit_rights", account=CAST["ada"].account, revoked=SALARY_RIGHTS)
    save("2026-04-14 09:25", "olga", salaries, reason="payroll went to the tax adviser", name="ada is free again")
    save("2026-05-04 08:47", "olga", *hire("emma", "Stylist", until="2026-12-31"))
    script.accept("2026-05-04 12:31", "emma")
    save("2026-06-03 10:40", "syd", do("edit_rights", account=CAST["cleo"].account, revoked=["clients_files_access"]))
    deputy = do("change_role", account=CAST["paul"].account, role="manager")
    save("2026-07-06 09:14", "olga", deputy, reason="deputy while Max is away", name="paul deputises")
    save("2026-07-20 10:02", "paul", do("remove_from_schedule", member="sana"), reason="parental leave")
    save("2026-08-31 17:20", "paul", do("add_to_schedule", member="sana"))
    front_desk = do("change_role", account=CAST["paul"].account, role="administrator")
    save("2026-09-01 09:03", "olga", front_desk, name="paul is back at the desk")
    mailings = do("edit_rights", account=CAST["mara"].account, revoked=["send_sms_access"])
    save("2026-09-08 11:51", "olga", mailings, reason="agency sends the mailings now")


def _last_autumn(script: Script) -> None:
    save = script.save
    save("2026-09-14 10:20", "max", do("plan_hours", member="leyla", until="2026-09-30"))
    leaving = do("dismiss", member="leyla", date="2026-10-01", reason="opens her own salon", confirmation="Dismiss")
    save("2026-09-14 10:24", "max", leaving, name="leyla dismissed")
    save("2026-10-02 09:12", "max", do("delete_user", account=CAST["leyla"].account, locations=["berlin"]))
    record = do("add_team_member", member="lina", name=CAST["lina"].name, position="Trainee")
    save("2026-10-05 11:20", "max", record)
    late = also(specialist("lina"), expires_at=BERLIN.at("2026-10-19 00:00").isoformat())
    save("2026-10-05 11:24", "olga", late)
    save("2026-10-19 00:00", CLOCK, do("expire_invitation", account=CAST["lina"].account))
    save("2026-10-28 16:35", "olga", specialist("lina"), name="lina invited again")
