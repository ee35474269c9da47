"""Lisbon's year: an owner who cuts hair himself, a stock keeper, a twin, and a record deleted by mistake."""

from infrastructure.demo.cast import CAST
from infrastructure.demo.places import CHAIN, LISBON
from infrastructure.demo.script import HEAD_OFFICE, Script, Step, Told, do, hire, invite, specialist, support


def lisbon(stock_rights: list[str]) -> Script:
    """The whole script, less the subscription."""
    script = Script(LISBON)
    _opening(script, stock_rights)
    _first_winter(script)
    _second_half(script)
    return script


def _opening(script: Script, stock_rights: list[str]) -> None:
    save = script.save
    save("2025-10-13 08:30", HEAD_OFFICE, do("open_location", name=LISBON.name, time_zone=LISBON.zone))
    for minute, key in ((41, "olga"), (43, "pavel")):
        owner = CAST[key]
        granted = do("grant_access", account=owner.account, name=owner.name, role="owner")
        save(f"2025-10-13 08:{minute}", HEAD_OFFICE, granted)
    own = do("add_team_member", member="pavel", name=CAST["pavel"].name, position="Barber")
    linked = do("link", account=CAST["pavel"].account, member="pavel")
    hours = do("plan_hours", member="pavel", until="2026-12-31")
    save("2025-10-13 10:05", "pavel", own, do("add_to_schedule", member="pavel"), hours, linked)
    save("2025-10-13 10:16", "pavel", *hire("beatriz", "Stylist", until="2026-12-31"))
    save("2025-10-13 10:25", "pavel", *hire("ines", "Stylist", until="2026-12-31"))
    save("2025-10-13 10:33", "pavel", *hire("tiago", "Barber", until="2026-12-31", invited=False))
    cabin = do("add_team_member", member="cabin-a", name="Cabine A", position="Room")
    save("2025-10-13 10:41", "pavel", cabin)
    desk = do("add_team_member", member="marta", name=CAST["marta"].name, position="Receptionist")
    save("2025-10-13 10:52", "pavel", desk, invite("marta", "administrator", member="marta"))
    save("2025-10-13 11:10", "pavel", invite("ivo", "viewer", rights=stock_rights))
    for local, key in (
        ("2025-10-13 12:20", "marta"),
        ("2025-10-13 14:40", "ivo"),
        ("2025-10-13 20:05", "beatriz"),
        ("2025-10-14 09:31", "ines"),
    ):
        script.accept(local, key)
    script.see("2025-10-14 10:15", "pavel", "DataImported", what="clients", format="csv", rows=2390)


def _first_winter(script: Script) -> None:
    save = script.save
    tiago = CAST["tiago"].account
    scopes = {"timetable_staff_id": "tiago", "clients_visit_staff_id": "tiago"}
    save("2025-10-20 11:32", "pavel", invite("tiago", "specialist", scopes=scopes))
    script.accept("2025-10-20 19:12", "tiago")
    save("2025-10-21 09:33", "pavel", do("link", account=tiago, member="cabin-a"))
    save("2025-10-21 09:35", "pavel", do("unlink", account=tiago, member="cabin-a"), reason="wrong row")
    save("2025-10-21 09:36", "pavel", do("link", account=tiago, member="tiago"))
    save("2025-11-03 10:10", "olga", do("join_chain", chain=CHAIN))
    from_berlin = {"location": "berlin", "account": CAST["ada"].account}
    copied = do("copy_rights", account=CAST["ada"].account, copied_from=from_berlin, locations=["lisbon"])
    save("2025-11-10 15:44", "olga", copied)
    save("2025-12-04 10:20", "pavel", do("enable_two_step", account=CAST["pavel"].account, channel="passkey"))
    save("2026-02-09 09:50", "pavel", *hire("rui", "Barber", until="2026-12-31", invited=False))
    wrong = do("add_to_schedule", member="cabin-a")
    save("2026-02-18 03:10", HEAD_OFFICE, wrong, name="the cabin on the schedule")
    save(
        "2026-02-20 12:15",
        support("pavel"),
        Step("correct", _cabin_voided),
        name="the cabin off again",
        reason="TICKET-3890: the nightly sync put a room on the schedule",
    )


def _cabin_voided(told: Told) -> dict[str, str]:
    return {"kind": "void", "corrects": told.fact("the cabin on the schedule").id}


def _second_half(script: Script) -> None:
    save = script.save
    twin = do("grant_access", account=CAST["rui"].account, name="Rui  costa", role="administrator")
    save("2026-04-20 17:05", "pavel", twin, name="rui has access as well")
    deleted = do("delete_team_member", member="ines")
    save("2026-05-20 14:02", "pavel", deleted, name="ines deleted")
    restored = do("restore", member="ines")
    linked = do("link", account=CAST["ines"].account, member="ines")
    hours = do("plan_hours", member="ines", until="2026-12-31")
    again = (do("add_to_schedule", member="ines"), hours, linked)
    save("2026-05-20 16:37", "pavel", restored, reason="clicked the wrong row", name="ines restored")
    save("2026-05-20 16:41", "pavel", *again)
    bought = do("edit_rights", account=CAST["ivo"].account, revoked=["storages_inventory_delete_access"])
    save("2026-06-09 10:26", "pavel", bought)
    save("2026-08-12 10:02", "pavel", do("plan_hours", member="beatriz", until="2026-08-30"))
    leaving = do("dismiss", member="beatriz", date="2026-08-31", reason="back to Porto", confirmation="Dismiss")
    save("2026-08-12 10:04", "pavel", leaving, name="beatriz dismissed")
    save("2026-09-03 09:11", "pavel", do("delete_user", account=CAST["beatriz"].account, locations=["lisbon"]))
    save("2026-09-07 12:31", "pavel", do("restore", member="beatriz"), refused="restore_window")
    save("2026-10-06 10:40", "pavel", do("restore", member="beatriz"), reason="she is back", name="beatriz is back")
    back = (do("add_to_schedule", member="beatriz"), do("plan_hours", member="beatriz", until="2026-12-31"))
    save("2026-10-06 10:44", "pavel", *back, specialist("beatriz"))
    script.accept("2026-10-06 18:22", "beatriz")
