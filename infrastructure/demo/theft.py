"""The stolen evening: somebody else signs in as Max, gives away rights, takes the client list, reaches for more."""

from infrastructure.demo.cast import ANDROID, CAST
from infrastructure.demo.places import BERLIN
from infrastructure.demo.script import By, Script, do

DEVICE = "dev-7f3e91c2-android"
VICTIM = CAST["max"].account
GIVEN = ["clients_edit_access", "records_create_access"]
VIEWERS = ("vic", "nele")
THIEF = By(
    {"kind": "person", "id": VICTIM},
    {"id": DEVICE, "ip": "203.0.113.201", "user_agent": ANDROID.replace("Pixel 9", "SM-A156B")},
)


def theft() -> Script:
    """The night of 14 May 2026 in Berlin and the morning after."""
    script = Script(BERLIN)
    _night(script)
    _morning(script)
    return script


def _night(script: Script) -> None:
    script.see("2026-05-14 23:02", THIEF, "SignInRefused", account=VICTIM, why="wrong password")
    script.see("2026-05-14 23:03", THIEF, "SignInRefused", account=VICTIM, why="wrong password")
    script.see("2026-05-14 23:06", THIEF, "SignedIn", account=VICTIM, why="password reset by e-mail")
    script.see("2026-05-14 23:08", THIEF, "LogViewed", filter={"account": VICTIM})
    for minute, key in ((11, VIEWERS[0]), (13, VIEWERS[1])):
        given = do("edit_rights", account=CAST[key].account, granted=GIVEN)
        script.save(f"2026-05-14 23:{minute}", THIEF, given, name=f"{key} is given rights")
    script.see("2026-05-14 23:19", THIEF, "DataExported", what="clients", format="xlsx", rows=5486)
    owner = do("change_role", account=VICTIM, role="owner")
    script.save("2026-05-14 23:22", THIEF, owner, refused="beyond_own_rights", name="reaching for ownership")
    out = do("delete_user", account=CAST["olga"].account, locations=["berlin"])
    script.save("2026-05-14 23:24", THIEF, out, refused="last_owner", name="the owner to be deleted")
    script.see("2026-05-14 23:31", THIEF, "SignedOut", account=VICTIM)


def _morning(script: Script) -> None:
    save = script.save
    script.see("2026-05-15 08:19", "syd", "LogViewed", filter={"account": VICTIM, "from": "2026-05-14"})
    script.see("2026-05-15 08:27", "syd", "LogViewed", filter={"device": DEVICE})
    for minute, key in ((34, VIEWERS[0]), (36, VIEWERS[1])):
        taken = do("edit_rights", account=CAST[key].account, revoked=GIVEN)
        save(
            f"2026-05-15 08:{minute}", "syd", taken, reason="INC-12: nobody here gave these", name=f"{key} is a viewer"
        )
    revoked = do("delete_user", account=VICTIM, locations=["berlin"])
    save("2026-05-15 08:52", "olga", revoked, reason="INC-12: the account is in other hands", name="max is locked out")
    save("2026-05-15 10:31", "max", do("enable_two_step", account=VICTIM, channel="totp"), phone=True)
    anew = do("grant_access", account=VICTIM, name=CAST["max"].name, role="manager", member="max")
    save("2026-05-15 11:05", "olga", anew, reason="INC-12: new password, two steps", name="max is back")
