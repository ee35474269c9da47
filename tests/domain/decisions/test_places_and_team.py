"""Places, chains, members of the team and their schedule: what is refused, and what facts come of what is accepted."""

import pytest

from domain.refusals import Code
from tests.domain.decisions.cases import Accepted, Refused
from tests.domain.decisions.situations import DELETED, GONE, PLACE, SCHEDULED, TEAM, of
from tests.domain.telling import KEY, said

REFUSED = [
    Refused(
        PLACE, "open_location", {"name": "X", "time_zone": "UTC"}, Code.EXISTS, ("LocationOpened",), {"actor": KEY}
    ),
    Refused([], "open_location", {"name": "X", "time_zone": "Mars/Olympus"}, Code.INVALID, how={"actor": KEY}),
    Refused(PLACE, "join_chain", {"chain": "C1"}, Code.NO_CHANGE),
    Refused(PLACE, "join_chain", {"chain": "C2"}, Code.EXISTS),
    Refused(PLACE, "leave_chain", {"chain": "C2"}, Code.NO_CHANGE),
    Refused([], "leave_chain", {"chain": "C2"}, Code.NOT_FOUND),
    Refused(TEAM, "add_team_member", {"member": "ann", "name": "A"}, Code.EXISTS, ("TeamMemberAdded ann",)),
    Refused(GONE, "add_team_member", {"member": "ann", "name": "A"}, Code.EXISTS, ("TeamMemberAdded ann",)),
    Refused(
        GONE,
        "edit_team_member",
        {"member": "ann", "after": {"name": "A"}},
        Code.NOT_ACTIVE,
        ("TeamMemberDismissed ann",),
    ),
    Refused(
        DELETED,
        "edit_team_member",
        {"member": "ann", "after": {"name": "A"}},
        Code.NOT_ACTIVE,
        ("TeamMemberDeleted ann",),
    ),
    Refused(TEAM, "edit_team_member", {"member": "ann", "after": {"name": "Ann"}}, Code.NO_CHANGE),
    Refused(TEAM, "edit_team_member", {"member": "ann", "after": {"name": ""}}, Code.INVALID),
    Refused(TEAM, "edit_team_member", {"member": "ann", "after": {"name": None}}, Code.INVALID),
    Refused(TEAM, "edit_team_member", {"member": "zoe", "after": {"name": "Z"}}, Code.NOT_FOUND),
    Refused(SCHEDULED, "add_to_schedule", {"member": "ann"}, Code.NO_CHANGE, ("AddedToSchedule ann",)),
    Refused(GONE, "add_to_schedule", {"member": "ann"}, Code.NOT_ACTIVE, ("TeamMemberDismissed ann",)),
    Refused(TEAM, "remove_from_schedule", {"member": "ann"}, Code.NO_CHANGE),
    Refused(GONE, "remove_from_schedule", {"member": "ann"}, Code.NOT_ACTIVE, ("TeamMemberDismissed ann",)),
    Refused(
        [*TEAM, of("WorkingHoursPlanned", "ann", until=None)],
        "plan_hours",
        {"member": "ann", "until": None},
        Code.NO_CHANGE,
    ),
    Refused(DELETED, "plan_hours", {"member": "ann", "until": None}, Code.NOT_ACTIVE, ("TeamMemberDeleted ann",)),
]

ACCEPTED = [
    Accepted(
        [],
        "open_location",
        {"name": "X", "time_zone": "UTC"},
        [("LocationOpened", {"name": "X", "time_zone": "UTC"})],
        {"actor": KEY},
    ),
    Accepted(
        [*PLACE, said("LocationLeftChain", {"chain": "C1"})],
        "join_chain",
        {"chain": "C2"},
        [("LocationJoinedChain", {"chain": "C2"})],
    ),
    Accepted(PLACE, "leave_chain", {"chain": "C1"}, [("LocationLeftChain", {"chain": "C1"})]),
    Accepted(
        PLACE,
        "add_team_member",
        {"member": "ann", "name": "Ann"},
        [("TeamMemberAdded", {"member": "ann", "name": "Ann"})],
    ),
    Accepted(
        TEAM,
        "edit_team_member",
        {"member": "ann", "after": {"name": "Anna", "phone": "1"}},
        [
            (
                "TeamMemberEdited",
                {"member": "ann", "before": {"name": "Ann", "phone": None}, "after": {"name": "Anna", "phone": "1"}},
            )
        ],
    ),
    Accepted(TEAM, "add_to_schedule", {"member": "ann"}, [("AddedToSchedule", {"member": "ann"})]),
    Accepted(SCHEDULED, "remove_from_schedule", {"member": "ann"}, [("RemovedFromSchedule", {"member": "ann"})]),
    Accepted(
        TEAM,
        "plan_hours",
        {"member": "ann", "until": None},
        [("WorkingHoursPlanned", {"member": "ann", "until": None})],
    ),
]


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_refused(case: Refused) -> None:
    case.check()


@pytest.mark.parametrize("case", ACCEPTED, ids=str)
def test_accepted(case: Accepted) -> None:
    case.check()
