"""A row of the security log as an event of the Open Cybersecurity Schema Framework, version 1.8."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any, NamedTuple

from domain.instants import read_instant

VERSION = "1.8.0"
_PRODUCT = {"name": "accessledger", "vendor_name": "accessledger"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CATEGORIES = {0: "Uncategorized", 3: "Identity & Access Management", 6: "Application Activity"}


class Activity(NamedTuple):
    """A class of the schema and what was done, in its terms."""

    class_uid: int
    class_name: str
    activity_id: int
    activity_name: str


def _account(number: int, name: str) -> Activity:
    return Activity(3001, "Account Change", number, name)


def _authentication(number: int, name: str) -> Activity:
    return Activity(3002, "Authentication", number, name)


def _access(number: int, name: str) -> Activity:
    return Activity(3005, "User Access Management", number, name)


def _api(number: int, name: str) -> Activity:
    return Activity(6003, "API Activity", number, name)


_LOGON = _authentication(1, "Logon")
_ASSIGN, _REVOKE = _access(1, "Assign Privileges"), _access(2, "Revoke Privileges")
_CREATE, _READ, _UPDATE, _DELETE = _api(1, "Create"), _api(2, "Read"), _api(3, "Update"), _api(4, "Delete")
_OTHER = _api(99, "Other")
_UNREAD = Activity(0, "Base Event", 0, "Unknown")

ACTIVITIES: Mapping[str, Activity] = {
    "UserInvited": _account(1, "Create"),
    "InvitationAccepted": _account(2, "Enable"),
    "InvitationWithdrawn": _account(5, "Disable"),
    "InvitationExpired": _account(5, "Disable"),
    "AccessRevoked": _account(6, "Delete"),
    "TwoStepEnabled": _account(10, "MFA Factor Enable"),
    "TwoStepDisabled": _account(11, "MFA Factor Disable"),
    "ErasureAsked": _account(99, "Other"),
    "ErasureRefused": _account(99, "Other"),
    "ErasureAllowed": _account(99, "Other"),
    "PersonErased": _account(6, "Delete"),
    "UserLinked": _account(99, "Other"),
    "UserUnlinked": _account(99, "Other"),
    "SignedIn": _LOGON,
    "SignInRefused": _LOGON,
    "SignedOut": _authentication(2, "Logoff"),
    "AccessGranted": _ASSIGN,
    "RoleChanged": _ASSIGN,
    "RightsEdited": _ASSIGN,
    "LocationOpened": _CREATE,
    "TeamMemberAdded": _CREATE,
    "TermsPublished": _CREATE,
    "CataloguePublished": _CREATE,
    "SubscriptionPurchased": _CREATE,
    "SeatsCharged": _CREATE,
    "DataImported": _CREATE,
    "LogViewed": _READ,
    "DataExported": _READ,
    "TeamMemberDeleted": _DELETE,
    "RecordDeleted": _DELETE,
    "CommandRefused": _OTHER,
    **dict.fromkeys(
        (
            "LocationJoinedChain",
            "LocationLeftChain",
            "TeamMemberEdited",
            "AddedToSchedule",
            "RemovedFromSchedule",
            "WorkingHoursPlanned",
            "TeamMemberDismissed",
            "DismissalCancelled",
            "TeamMemberRestored",
            "SubscriptionRenewed",
            "RenewalFailed",
            "SeatsAdded",
            "RecordEdited",
            "Correction",
        ),
        _UPDATE,
    ),
}
"""Which activity each type of fact is. Every type is named: what is not would be `Other`, and a test finds it."""

_USER_TYPES = {"person": (1, "User"), "support": (2, "Admin"), "system": (3, "System"), "api_key": (99, "API key")}
_MAPPED = frozenset({"id", "type", "recorded_at", "actor", "device", "target", "action", "outcome", "location"})


def ocsf_event(row: Mapping[str, Any]) -> dict[str, Any]:
    """The event of a row of the security log; what has no place in the schema lies under `unmapped`. Pure."""
    granted, revoked = _privileges(row)
    activity = ACTIVITIES.get(row["type"], _OTHER)
    if activity is _ASSIGN and revoked and not granted:
        activity = _REVOKE
    event = _head(activity, refused=row["outcome"] == "refused")
    event["time"] = _milliseconds(row["recorded_at"])
    event["message"] = row["action"]
    event["metadata"] = _metadata(row)
    event["actor"] = _actor(row)
    event["src_endpoint"] = _endpoint(row)
    device = row.get("device")
    if device is not None:
        event["device"] = {"type_id": 0, "type": "Unknown", **_endpoint(row)}
        if device.get("user_agent") is not None:
            event["http_request"] = {"user_agent": device["user_agent"]}
    event.update(_of_class(activity, row, granted or revoked))
    event["unmapped"] = {key: value for key, value in row.items() if key not in _MAPPED and value is not None}
    return event


def ocsf_unread(position: int | None, kind: str, reason: str) -> dict[str, Any]:
    """The event of a fact that this program cannot read: told of, never dropped."""
    event = _head(_UNREAD, refused=True)
    about = {"position": position, "type": kind}
    sentence = f"A fact at position {position} cannot be read: {reason}."
    metadata = {"version": VERSION, "product": _PRODUCT, "event_code": kind, "log_name": "security_log"}
    return {**event, "time": 0, "message": sentence, "metadata": metadata, "unmapped": about}


def _head(activity: Activity, *, refused: bool) -> dict[str, Any]:
    category = activity.class_uid // 1000
    return {
        "class_uid": activity.class_uid,
        "class_name": activity.class_name,
        "category_uid": category,
        "category_name": _CATEGORIES[category],
        "activity_id": activity.activity_id,
        "activity_name": activity.activity_name,
        "type_uid": activity.class_uid * 100 + activity.activity_id,
        "type_name": f"{activity.class_name}: {activity.activity_name}",
        "severity_id": 2 if refused else 1,
        "severity": "Low" if refused else "Informational",
        "status_id": 2 if refused else 1,
        "status": "Failure" if refused else "Success",
    }


def _milliseconds(instant: str) -> int:
    return (read_instant(instant) - _EPOCH) // timedelta(milliseconds=1)


def _metadata(row: Mapping[str, Any]) -> dict[str, Any]:
    metadata = {
        "version": VERSION,
        "product": _PRODUCT,
        "uid": row["id"],
        "event_code": row["type"],
        "correlation_uid": row["change"],
        "log_name": "security_log",
        "original_time": row["recorded_at"],
        "sequence": row["position"],
        "tenant_uid": row["location"],
    }
    return {key: value for key, value in metadata.items() if value is not None}


def _actor(row: Mapping[str, Any]) -> dict[str, Any]:
    actor = row["actor"]
    number, name = _USER_TYPES[actor["kind"]]
    out: dict[str, Any] = {"user": {**_user(actor["id"], actor.get("name")), "type_id": number, "type": name}}
    session = (row.get("device") or {}).get("session")
    if session is not None:
        out["session"] = {"uid": session}
    return out


def _user(uid: str, name: str | None) -> dict[str, Any]:
    return {"uid": uid, **({"name": name} if name is not None else {})}


def _endpoint(row: Mapping[str, Any]) -> dict[str, Any]:
    """Where it came from; of a system without a device, the system itself."""
    device = row.get("device") or {}
    found = {"uid": device.get("id"), "ip": _address(device.get("ip")), "name": device.get("name")}
    told = {key: value for key, value in found.items() if value is not None}
    return told or {"svc_name": row["actor"]["id"]}


def _address(text: str | None) -> str | None:
    try:
        return str(ip_address(text)) if text is not None else None
    except ValueError:
        return None


def _privileges(row: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """The rights that came and those that went."""
    before, after = row.get("before") or {}, row.get("after") or {}
    if row["type"] == "RightsEdited":
        return list(after.get("granted", [])), list(before.get("revoked", []))
    if row["type"] in {"RoleChanged", "AccessGranted"}:
        old, new = before.get("rights", []), after.get("rights", [])
        return [right for right in new if right not in old], [right for right in old if right not in new]
    return [], []


def _of_class(activity: Activity, row: Mapping[str, Any], privileges: list[str]) -> dict[str, Any]:
    """What a class asks for besides: the user, the privileges, the operation, the resources."""
    target, location = row.get("target"), row.get("location")
    resources = [] if location is None else [{"uid": location, "type": "location"}]
    if activity.class_uid == _OTHER.class_uid:
        about = [] if target is None else [{"uid": target["id"], "type": target["kind"], **_name(target)}]
        return {"api": {"operation": row["type"]}, "resources": [*about, *resources]}
    whom = target if target is not None and target["kind"] == "account" else row["actor"]
    out: dict[str, Any] = {"user": _user(whom["id"], whom.get("name"))}
    if activity.class_uid == _ASSIGN.class_uid:
        return {**out, "privileges": privileges, "resources": resources}
    if activity.class_uid == _LOGON.class_uid:
        return {**out, "service": {"name": _PRODUCT["name"]}}
    return out


def _name(target: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": target["name"]} if target.get("name") is not None else {}
