"""The security log as OCSF events: every type has its class, and every event what its class asks for."""

from typing import Any

import pytest

from domain.facts.reading import FACT_TYPES
from projections.ocsf import ACTIVITIES, ocsf_event

REQUIRED = {
    3001: {"user"},
    3002: {"user", "service"},
    3005: {"user", "privileges"},
    6003: {"actor", "api", "src_endpoint"},
}
"""What OCSF 1.8 requires of each class, besides what it requires of all."""

OF_ALL = {"activity_id", "category_uid", "class_uid", "metadata", "severity_id", "time", "type_uid"}


def row(kind: str, **more: Any) -> dict[str, Any]:
    return {
        "id": "f-1",
        "type": kind,
        "position": 7,
        "recorded_at": "2026-03-03T14:02:00.250000Z",
        "location": "berlin",
        "actor": {"kind": "person", "id": "acc-olga", "name": "Olga"},
        "device": {"id": "dev-1", "ip": "192.0.2.1", "user_agent": "x", "session": "s-1", "name": "Safari on iPhone"},
        "target": {"kind": "account", "id": "acc-ann", "name": "Ann"},
        "action": "Olga did it.",
        "before": None,
        "after": None,
        "change": "save-1",
        "outcome": "done",
        **more,
    }


def test_every_type_of_fact_has_its_class() -> None:
    assert ACTIVITIES.keys() == FACT_TYPES.keys()


@pytest.mark.parametrize("kind", sorted(ACTIVITIES))
def test_each_event_has_what_its_class_asks_for(kind: str) -> None:
    for device in (row(kind)["device"], None):
        event = ocsf_event(row(kind, device=device))
        assert REQUIRED[event["class_uid"]] | OF_ALL <= event.keys()
        assert event["type_uid"] == event["class_uid"] * 100 + event["activity_id"]
        assert event["category_uid"] == event["class_uid"] // 1000
        assert event["src_endpoint"]
        assert event["metadata"]["version"] == "1.8.0"
        assert event["time"] == 1772546520250


def test_rights_that_come_and_go_are_privileges() -> None:
    edited = {"before": {"revoked": ["a"]}, "after": {"granted": ["b", "c"]}}
    both = ocsf_event(row("RightsEdited", **edited))
    assert (both["activity_id"], both["privileges"]) == (1, ["b", "c"])
    assert both["unmapped"]["before"] == {"revoked": ["a"]}
    gone = ocsf_event(row("RightsEdited", before={"revoked": ["a"]}, after={"granted": []}))
    assert (gone["activity_id"], gone["privileges"]) == (2, ["a"])
    changed = ocsf_event(row("RoleChanged", before={"rights": ["a", "b"]}, after={"rights": ["b", "c"]}))
    assert (changed["activity_id"], changed["privileges"]) == (1, ["c"])
    assert changed["user"] == {"uid": "acc-ann", "name": "Ann"}


def test_what_was_refused_is_a_failure_and_a_claimed_address_that_is_none_is_left_out() -> None:
    device = {"id": "dev-1", "ip": "=cmd()", "user_agent": None, "session": None, "name": None}
    event = ocsf_event(row("SignInRefused", outcome="refused", device=device))
    assert (event["status"], event["class_uid"]) == ("Failure", 3002)
    assert event["src_endpoint"] == {"uid": "dev-1"}
