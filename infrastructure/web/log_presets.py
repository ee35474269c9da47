"""What people look for in a security log, as links."""

from datetime import date, timedelta
from urllib.parse import quote, urlencode

_WEEK = timedelta(days=6)
_RIGHTS = ("AccessGranted", "AccessRevoked", "RightsEdited", "RoleChanged", "UserInvited")


def presets_of(today: date, location: str) -> list[tuple[str, str]]:
    """Titles and addresses, for the day that it is in the location."""
    log = f"/locations/{quote(location)}/log"

    def asked(*pairs: tuple[str, str]) -> str:
        return f"{log}?{urlencode(pairs)}"

    return [
        ("Everything", f"{log}?limit=100"),
        ("Today", asked(("from", str(today)), ("to", str(today)))),
        ("7 days", asked(("from", str(today - _WEEK)), ("to", str(today)))),
        ("Sign-ins refused", asked(("type", "SignInRefused"))),
        ("Sign-ins, new devices marked", asked(("type", "SignedIn"))),
        ("Everything refused", asked(("outcome", "refused"))),
        ("Exports", asked(("type", "DataExported"))),
        ("Rights changed", asked(*(("type", each) for each in _RIGHTS))),
        ("Dismissed users with access", f"/locations/{quote(location)}/team?people=dismissed&access=with"),
    ]
