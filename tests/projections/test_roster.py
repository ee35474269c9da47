"""Everybody of a location."""

from domain.instants import read_instant
from domain.ledger import AsOf
from projections.roster import Answer
from tests.cast import ALWAYS, Json, fact, ledger, studio
from tests.projections.rosters import folded_roster

ON = read_instant("2026-03-10T12:00:00Z")


def people(*facts: Json) -> dict[str, Answer]:
    said = ledger([*studio(), *facts])
    rows = folded_roster(said.as_of(AsOf(on=ON, known=ALWAYS)), said.record(ALWAYS))["people"]
    return {row["member"] or row["account"]: row for row in rows}


def test_a_member_with_a_user_is_one_row() -> None:
    facts = [
        fact("WorkingHoursPlanned", member="sana", until="2026-04-30"),
        fact("SignedIn", at="2026-03-04T08:00:00Z", account="acc-sana"),
        fact("SignedIn", at="2026-03-05T08:00:00Z", account="acc-sana"),
        fact("TwoStepEnabled", account="acc-sana", channel="totp"),
        fact("TwoStepEnabled", account="acc-sana", channel="email"),
        fact("TwoStepEnabled", account="acc-sana", channel="push"),
        fact("TwoStepDisabled", account="acc-sana", channel="push"),
    ]

    assert people(*facts)["sana"] == {
        "member": "sana",
        "account": "acc-sana",
        "name": "Sana",
        "position": "Stylist",
        "role": "specialist",
        "state": "active",
        "access": "active",
        "on_schedule": True,
        "hours_until": "2026-04-30",
        "dismissal_due": None,
        "last_sign_in": "2026-03-05T08:00:00Z",
        "two_step": ["email", "totp"],
    }


def test_a_user_without_member_and_a_member_without_user() -> None:
    found = people(fact("TeamMemberAdded", member="room-2", name="Room 2"))

    assert (found["acc-max"]["state"], found["acc-max"]["access"], found["acc-max"]["role"]) == (
        "no_member",
        "active",
        "manager",
    )
    assert (found["room-2"]["state"], found["room-2"]["access"], found["room-2"]["role"]) == ("active", "none", None)


def test_a_dismissed_member_and_the_user_who_stays_are_two_rows() -> None:
    found = people(fact("TeamMemberDismissed", member="sana"), fact("TeamMemberDeleted", member="ivo"))

    assert (found["sana"]["state"], found["sana"]["access"], found["sana"]["on_schedule"]) == (
        "dismissed",
        "none",
        False,
    )
    assert (found["acc-sana"]["state"], found["acc-sana"]["access"]) == ("no_member", "active")
    assert found["ivo"]["state"] == "deleted"


def test_every_way_of_having_access_and_losing_it() -> None:
    invited = [fact("UserInvited", account=f"acc-{who}", name=who, role="viewer") for who in ("nils", "tom", "eve")]
    found = people(
        *invited,
        fact("InvitationWithdrawn", account="acc-tom"),
        fact("InvitationExpired", account="acc-eve"),
        fact("AccessRevoked", account="acc-max"),
    )

    assert {who: found[f"acc-{who}"]["access"] for who in ("nils", "tom", "eve", "max")} == {
        "nils": "invited",
        "tom": "withdrawn",
        "eve": "expired",
        "max": "revoked",
    }


def test_a_dismissal_to_come_is_due_unless_it_was_cancelled() -> None:
    def dismissal(member: str) -> Json:
        return fact("TeamMemberDismissed", member=member, effective_at="2026-03-30T22:00:00Z")

    cancelled = dismissal("ivo")
    found = people(dismissal("sana"), cancelled, fact("DismissalCancelled", member="ivo", cancels=cancelled["id"]))

    assert (found["sana"]["state"], found["sana"]["dismissal_due"]) == ("active", "2026-03-30T22:00:00Z")
    assert found["ivo"]["dismissal_due"] is None


def test_without_a_record_nothing_is_due() -> None:
    said = ledger([*studio(), fact("TeamMemberDismissed", member="sana", effective_at="2026-03-30T22:00:00Z")])

    rows = folded_roster(said.as_of(AsOf(on=ON, known=ALWAYS)))["people"]

    assert {row["dismissal_due"] for row in rows} == {None}
    assert [row["name"] for row in rows] == sorted(row["name"] for row in rows)
