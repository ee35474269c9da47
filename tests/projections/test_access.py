"""Who held which role, rights and scopes."""

from domain.seating import Seating
from projections.access import Answer, access
from tests.cast import Json, cut, fact, studio

ON = "2026-03-10T22:59:59Z"


def users(facts: list[Json], on: str = ON) -> dict[str, Answer]:
    return {user["account"]: user for user in access(Seating(cut([*studio(), *facts], on)))["users"]}


def test_users_come_by_name_and_only_while_they_have_access() -> None:
    found = access(Seating(cut([*studio(), fact("AccessRevoked", account="acc-max")], ON)))["users"]

    assert [user["name"] for user in found] == [
        "Ada",
        "Ann",
        "Cleo",
        "Ivo",
        "Mara",
        "Olga",
        "Pavel",
        "Sana",
        "Syd",
        "Vic",
    ]


def test_a_user_shows_role_access_and_rights_with_what_they_rest_on() -> None:
    invited = fact(
        "UserInvited",
        account="acc-nils",
        name="Nils",
        role="viewer",
        rights=["records_create_access", "robots_dispatch_access"],
        scopes={"timetable_last_days_count": 3},
    )
    edited = fact("RightsEdited", at="2026-03-04T00:00:00Z", account="acc-nils", granted=["records_access"])
    edited["data"]["scopes_after"] = {"timetable_last_days_count": 3}
    began = {"fact": invited["id"], "at": "2026-03-03T13:02:00Z"}

    assert users([invited])["acc-nils"]["rights"][0]["effective"] is False
    assert users([invited, edited])["acc-nils"] == {
        "account": "acc-nils",
        "name": "Nils",
        "member": None,
        "role": "viewer",
        "role_since": began,
        "access_since": began,
        "invitation": began,
        "rights": [
            {
                "right": "records_access",
                "name": "Open the appointment window",
                "section": "Appointment (booking) window",
                "kind": "view",
                "class": "F",
                "since": {"fact": edited["id"], "at": "2026-03-04T00:00:00Z"},
                "effective": True,
            },
            {
                "right": "records_create_access",
                "name": "Create appointments (first leg of the T1 test)",
                "section": "Appointment (booking) window",
                "kind": "create",
                "class": "P",
                "since": began,
                "effective": True,
            },
        ],
        "unknown_rights": [{"right": "robots_dispatch_access", "since": began}],
        "scopes": {"timetable_last_days_count": 3},
    }


def test_a_linked_user_goes_by_the_members_name() -> None:
    found = users([fact("TeamMemberEdited", member="ann", after={"name": "Ann Li"})])

    assert (found["acc-ann"]["name"], found["acc-ann"]["member"]) == ("Ann Li", "ann")
    assert found["acc-ann"]["invitation"] is None


def test_the_past_is_as_it_was() -> None:
    changed = fact("RoleChanged", account="acc-vic", before="viewer", after="manager")

    assert users([changed], on="2026-03-03T13:01:59Z")["acc-vic"]["role"] == "viewer"
    assert users([changed], on="2026-03-03T13:02:00Z")["acc-vic"]["role"] == "manager"
