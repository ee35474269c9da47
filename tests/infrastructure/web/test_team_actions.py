"""Every action that has a form records what it says, in the name of who is signed in, and refuses what it should."""

import pytest

from infrastructure.demo.places import BERLIN, LISBON
from infrastructure.web.actions_fields import READERS
from tests.infrastructure.http.serving import Running
from tests.infrastructure.web.posting import last, post, refused_since, types_since

Step = tuple[str, dict[str, str], list[str]]
_ROOM = {"member": "room-1"}
_VIC = {"account": "acc-vic"}
STEPS: list[Step] = [
    ("add_team_member", {"member": "m-new", "name": "Nora <b>Neu</b>", "position": ""}, ["TeamMemberAdded"]),
    ("edit_team_member", {"member": "m-new", "name": "Nora Neu", "position": "Stylist"}, ["TeamMemberEdited"]),
    ("add_to_schedule", {"member": "m-new"}, ["AddedToSchedule"]),
    ("plan_hours", {"member": "m-new", "until": "2027-01-31"}, ["WorkingHoursPlanned"]),
    ("plan_hours", {"member": "m-new", "until": "", "endless": "yes"}, ["WorkingHoursPlanned"]),
    ("remove_from_schedule", {"member": "m-new"}, ["RemovedFromSchedule"]),
    (
        "invite",
        {"account": "acc-nora", "name": "Nora", "contact": "n@x.example", "role": "specialist", "member": "m-new"},
        ["UserInvited"],
    ),
    ("withdraw_invitation", {"account": "acc-nora"}, ["InvitationWithdrawn", "UserUnlinked"]),
    ("grant_access", {"account": "acc-new", "role": "viewer", "member": "", "name": "New"}, ["AccessGranted"]),
    ("link", {"account": "acc-new", "member": "m-new"}, ["UserLinked"]),
    ("unlink", {"account": "acc-new", "member": "m-new"}, ["UserUnlinked"]),
    ("change_role", {"account": "acc-new", "role": "specialist", "staff": "m-new"}, ["RoleChanged"]),
    (
        "copy_rights",
        {"account": "acc-nele", "from_location": BERLIN.id, "from_account": "acc-cleo"},
        ["RightsEdited"],
    ),
    (
        "copy_rights",
        {**_VIC, "from_location": BERLIN.id, "from_account": "acc-vic", "locations": LISBON.id},
        ["AccessGranted"],
    ),
    ("delete_user", {**_VIC, "locations": LISBON.id}, ["AccessRevoked"]),
    (
        "dismiss",
        {**_ROOM, "date": "2099-01-01", "reason": "The room is let", "confirmation": "Dismiss"},
        ["TeamMemberDismissed"],
    ),
    ("cancel_dismissal", _ROOM, ["DismissalCancelled"]),
    ("delete_team_member", _ROOM, ["TeamMemberDeleted"]),
    ("restore", _ROOM, ["TeamMemberRestored"]),
]


def test_every_form_records_its_facts(demo: Running) -> None:
    assert {name for name, _, _ in STEPS} | {"accept_invitation"} == READERS.keys(), "the start page has that one"
    for name, fields, expected in STEPS:
        before = last(demo)
        got = post(demo, "acc-olga", f"/locations/{BERLIN.id}/people/room-1", {"command": name, **fields})
        assert got.status_code == 303, (name, got.text)
        assert types_since(demo, before) == expected, name
        with demo.person("acc-olga") as client:
            page = client.get(got.headers["location"])
        assert page.status_code == 200, name
        assert 'id="done"' in page.text, name


@pytest.mark.parametrize(
    ("name", "fields", "status"),
    [
        ("nonsense", {}, 422),
        ("dismiss", {**_ROOM, "date": "the day after", "reason": "x", "confirmation": "Dismiss"}, 409),
        ("invite", {"account": "not an id", "contact": "x", "role": "viewer"}, 409),
        ("invite", {"account": "acc-x", "contact": "x", "role": "emperor"}, 409),
        ("delete_user", _VIC, 409),
        ("add_to_schedule", {**_ROOM, "id": "not-a-uuid"}, 409),
        ("delete_user", {**_VIC, "locations": "nowhere"}, 409),
        ("copy_rights", {**_VIC, "from_location": "nowhere", "from_account": "acc-vic"}, 404),
    ],
)
def test_what_makes_no_sense_changes_nothing(demo: Running, name: str, fields: dict[str, str], status: int) -> None:
    before = last(demo)
    got = post(demo, "acc-olga", f"/locations/{BERLIN.id}/people/acc-vic", {"command": name, **fields})
    assert got.status_code == status, got.text
    assert set(types_since(demo, before)) <= {"CommandRefused", "LogViewed"}


def test_an_actor_in_the_form_is_nobody(demo: Running) -> None:
    """Who acts follows from the session, whatever else is sent along."""
    before = last(demo)
    fields = {"command": "delete_team_member", **_ROOM, "actor": "acc-olga", "device": "dev-other"}
    assert post(demo, "acc-vic", f"/locations/{BERLIN.id}/people/room-1", fields).status_code == 403
    assert refused_since(demo, before) == [("delete_team_member", BERLIN.id, "acc-vic")]


def test_the_message_is_only_about_ones_own_command(demo: Running) -> None:
    fields = {"command": "add_to_schedule", **_ROOM}
    done = post(demo, "acc-olga", f"/locations/{BERLIN.id}/people/room-1", fields).headers["location"]
    with demo.person("acc-olga") as olga, demo.person("acc-syd") as syd:
        assert 'id="done"' in olga.get(done).text
        other = syd.get(done)
    assert other.status_code == 200
    assert 'id="done"' not in other.text
