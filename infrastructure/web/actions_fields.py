"""What the fields of a form say, as the `data` of the command that it gives."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from starlette.datastructures import FormData

from domain.catalogue import Catalogue
from domain.decisions.scopes import default_scopes
from domain.roles import SPECIALIST_SCOPES, Role

Data: TypeAlias = dict[str, Any]
Reader: TypeAlias = Callable[[FormData, Catalogue], Data]


def text(form: FormData, name: str) -> str | None:
    """What was typed or chosen; None when that is nothing."""
    value = form.get(name)
    return value.strip() or None if isinstance(value, str) else None


def texts(form: FormData, name: str) -> list[str]:
    """Everything that was chosen under one name."""
    return [value for value in form.getlist(name) if isinstance(value, str) and value]


def _plain(*names: str) -> Reader:
    """Fields that go into the command as they are; what was left empty is left out."""
    return lambda form, _: {name: value for name in names if (value := text(form, name)) is not None}


def _edit_member(form: FormData, _: Catalogue) -> Data:
    after = {"name": text(form, "name") or "", "position": text(form, "position")}
    return {"member": text(form, "member"), "after": after}


def _hours(form: FormData, _: Catalogue) -> Data:
    return {"member": text(form, "member"), "until": None if text(form, "endless") else text(form, "until")}


def _with_role(*names: str) -> Reader:
    """An access: its role, and for a specialist the one team member who is seen."""

    def read(form: FormData, catalogue: Catalogue) -> Data:
        data = _plain(*names, "role")(form, catalogue)
        seen = text(form, "staff") or text(form, "member")
        if data.get("role") == Role.SPECIALIST.value and seen is not None:
            data["scopes"] = {**default_scopes(catalogue, data["role"]), **dict.fromkeys(SPECIALIST_SCOPES, seen)}
        return data

    return read


def _copy(form: FormData, _: Catalogue) -> Data:
    data: Data = {
        "account": text(form, "account"),
        "copied_from": {"location": text(form, "from_location"), "account": text(form, "from_account")},
    }
    locations = texts(form, "locations")
    return {**data, "locations": locations} if locations else data


def _delete_user(form: FormData, _: Catalogue) -> Data:
    return {"account": text(form, "account"), "locations": texts(form, "locations")}


READERS: Mapping[str, Reader] = {
    "add_team_member": _plain("member", "name", "position"),
    "edit_team_member": _edit_member,
    "add_to_schedule": _plain("member"),
    "remove_from_schedule": _plain("member"),
    "plan_hours": _hours,
    "invite": _with_role("account", "name", "contact", "member"),
    "withdraw_invitation": _plain("account"),
    "accept_invitation": _plain("account"),
    "grant_access": _with_role("account", "name", "member"),
    "link": _plain("account", "member"),
    "unlink": _plain("account", "member"),
    "change_role": _with_role("account"),
    "copy_rights": _copy,
    "dismiss": _plain("member", "date", "reason", "confirmation"),
    "cancel_dismissal": _plain("member"),
    "delete_team_member": _plain("member"),
    "restore": _plain("member"),
    "delete_user": _delete_user,
}
"""By command how its form is read."""
