"""The expected sentences about a location and its team."""

from tests.cast import Json, fact

KEY = "key:key-head-office"

TEAM: tuple[tuple[str, Json], ...] = (
    (
        "Pavel opened Studio Nord as part of the chain north, time zone Europe/Oslo",
        fact(
            "LocationOpened",
            location="L2",
            actor="acc-pavel",
            name="Studio Nord",
            time_zone="Europe/Oslo",
            chain="north",
        ),
    ),
    ("Olga made Studio Mitte part of the chain north", fact("LocationJoinedChain", chain="north")),
    ("Olga took Studio Mitte out of the chain north", fact("LocationLeftChain", chain="north")),
    (
        "The key key-head-office added Mia to the team as Colourist",
        fact("TeamMemberAdded", actor=KEY, member="mia", name="Mia", position="Colourist"),
    ),
    ("Max added Room 2 to the team", fact("TeamMemberAdded", actor="acc-max", member="room-2", name="Room 2")),
    (
        (
            "Max edited the profile of Sana: position from 'Stylist' to 'Senior stylist', note 'x' removed "
            "and phone set to '1'"
        ),
        fact(
            "TeamMemberEdited",
            actor="acc-max",
            member="sana",
            before={"position": "Stylist", "note": "x"},
            after={"position": "Senior stylist", "phone": "1"},
        ),
    ),
    ("Max saved the profile of Sana without a change", fact("TeamMemberEdited", actor="acc-max", member="sana")),
    ("Max put Sana on the schedule", fact("AddedToSchedule", actor="acc-max", member="sana")),
    ("Max took Sana off the schedule", fact("RemovedFromSchedule", actor="acc-max", member="sana")),
    (
        "Max planned working hours for Sana up to and including 30 April 2026",
        fact("WorkingHoursPlanned", actor="acc-max", member="sana", until="2026-04-30"),
    ),
    (
        "Max planned working hours for Sana without an end",
        fact("WorkingHoursPlanned", actor="acc-max", member="sana"),
    ),
    (
        "Olga dismissed Sana as of 3 March 2026: Moved away",
        fact("TeamMemberDismissed", member="sana", dismissal_date="2026-03-03"),
    ),
    (
        "Olga dismissed Sana as of 31 March 2026: Moved away (takes effect 31 March 2026 00:00)",
        fact("TeamMemberDismissed", member="sana", effective_at="2026-03-30T22:00:00Z"),
    ),
    (
        "Olga cancelled the dismissal of Ivo",
        fact("DismissalCancelled", member="ivo", cancels="b7a1f4d0-0000-4000-8000-000000000001"),
    ),
    ("Olga deleted Sana from the team", fact("TeamMemberDeleted", member="sana")),
    ("Olga restored Sana to the team", fact("TeamMemberRestored", member="sana")),
)
