"""The expected sentences about who may do what."""

from tests.cast import Json, fact

KEY = "key:key-head-office"
PAY, CREATE, EDIT, EXPORT = (
    "records_finances_access",
    "records_create_access",
    "records_edit_access",
    "clients_export_access",
)
MANY = [PAY, CREATE, EDIT, EXPORT, *(f"robots_{number}" for number in range(8))]

ACCESS: tuple[tuple[str, Json], ...] = (
    (
        (
            "Olga invited Nils (nils@example.com) as administrator with 12 rights, linked to the team member Sana, "
            "open until 10 March 2026 09:00"
        ),
        fact(
            "UserInvited",
            account="acc-nils",
            name="Nils",
            contact="nils@example.com",
            role="administrator",
            rights=MANY,
            member="sana",
            expires_at="2026-03-10T08:00:00Z",
        ),
    ),
    ("Olga invited acc-nils as viewer without any rights", fact("UserInvited", account="acc-nils", role="viewer")),
    (
        "Cleo (call center) accepted the invitation",
        fact("InvitationAccepted", actor="acc-cleo", account="acc-cleo"),
    ),
    (
        "The key key-head-office recorded that Cleo (call center) accepted the invitation",
        fact("InvitationAccepted", actor=KEY, account="acc-cleo"),
    ),
    ("Olga withdrew the invitation of Vic (viewer)", fact("InvitationWithdrawn", account="acc-vic")),
    ("The invitation of Vic (viewer) expired", fact("InvitationExpired", actor="system:clock", account="acc-vic")),
    ("Olga let the invitation of Vic (viewer) expire", fact("InvitationExpired", account="acc-vic")),
    (
        (
            "Olga gave Ann (receptionist) access as administrator with 'Create appointments' "
            "and 'Take payment in the visit'"
        ),
        fact("AccessGranted", account="acc-ann", role="administrator", rights=[CREATE, PAY]),
    ),
    (
        "Olga gave Mara access as manager with 12 rights, copied from Max",
        fact(
            "AccessGranted",
            account="acc-mara",
            role="manager",
            rights=MANY,
            copied_from={"location": "L1", "account": "acc-max"},
        ),
    ),
    (
        "Olga gave Mara access as manager with 12 rights, copied from acc-tom in L9",
        fact(
            "AccessGranted",
            account="acc-mara",
            role="manager",
            rights=MANY,
            copied_from={"location": "L9", "account": "acc-tom"},
        ),
    ),
    (
        "Olga gave Max access as manager with 12 rights, the same as in Studio Mitte",
        fact(
            "AccessGranted",
            location="L2",
            account="acc-max",
            role="manager",
            rights=MANY,
            copied_from={"location": "L1", "account": "acc-max"},
        ),
    ),
    (
        "Ivo (stock) became manager instead of viewer, by Olga: 12 rights added, 3 removed",
        fact(
            "RoleChanged",
            account="acc-ivo",
            before="viewer",
            after="manager",
            rights_before=["a", "b", "c"],
            rights_after=MANY,
        ),
    ),
    (
        "Max became viewer instead of manager, by their own hand: 1 right removed",
        fact(
            "RoleChanged",
            actor="acc-max",
            account="acc-max",
            before="manager",
            after="viewer",
            rights_before=[PAY, CREATE],
            rights_after=[CREATE],
        ),
    ),
    (
        (
            "Max stayed manager with the rights set anew, by Olga: 1 right added; "
            "'How far back payments may be taken' is now 5 instead of 30"
        ),
        fact(
            "RoleChanged",
            account="acc-max",
            before="manager",
            after="manager",
            rights_after=[PAY],
            scopes_before={"records_finances_last_days_count": 30},
            scopes_after={"records_finances_last_days_count": 5},
        ),
    ),
    (
        "Vic became manager instead of viewer, by Olga",
        fact("RoleChanged", account="acc-vic", before="viewer", after="manager"),
    ),
    (
        "Ann (receptionist) got 'Take payment in the visit' from Olga",
        fact("RightsEdited", account="acc-ann", granted=[PAY]),
    ),
    (
        (
            "Ann (receptionist) got 'Take payment in the visit', 'Create appointments', 'Edit appointments' and 9 more "
            "from the key key-head-office and lost 'robots_dispatch_access'"
        ),
        fact("RightsEdited", actor=KEY, account="acc-ann", granted=MANY, revoked=["robots_dispatch_access"]),
    ),
    (
        "Olga took 'Create appointments' and 'Edit appointments' away from Cleo (call center)",
        fact("RightsEdited", account="acc-cleo", revoked=[CREATE, EDIT]),
    ),
    (
        "Max (manager) took 'Take payment in the visit' and gave up 'Edit appointments', by their own hand",
        fact("RightsEdited", actor="acc-max", account="acc-max", granted=[PAY], revoked=[EDIT]),
    ),
    (
        (
            "Olga changed the limits of Max (manager): 'How far back payments may be taken' no longer applies and "
            "'Only chosen cash registers' is now 1"
        ),
        fact(
            "RightsEdited",
            account="acc-max",
            scopes_before={"records_finances_last_days_count": 30},
            scopes_after={"records_finances_accounts_limited_access": 1},
        ),
    ),
    ("Olga saved the rights of Max (manager) without a change", fact("RightsEdited", account="acc-max")),
    (
        "Olga linked the user Ann to the team member Ann",
        fact("UserLinked", account="acc-ann", member="ann"),
    ),
    (
        "Olga linked the account acc-sana to the team member Sana",
        fact("UserLinked", account="acc-sana", member="sana"),
    ),
    (
        "Olga unlinked the account acc-sana from the team member Sana",
        fact("UserUnlinked", account="acc-sana", member="sana"),
    ),
    (
        "Olga unlinked the account acc-sana from the team member Sana because of the dismissal",
        fact("UserUnlinked", account="acc-sana", member="sana", cause="dismissal"),
    ),
    (
        "Olga unlinked the account acc-sana from the team member Sana because of the deletion",
        fact("UserUnlinked", account="acc-sana", member="sana", cause="deletion"),
    ),
    (
        "Olga unlinked the account acc-sana from the team member Sana because the access ended",
        fact("UserUnlinked", account="acc-sana", member="sana", cause="revocation"),
    ),
    ("Olga ended the access of Max (manager) to Studio Mitte", fact("AccessRevoked", account="acc-max")),
    ("Max (manager) gave up access to Studio Mitte", fact("AccessRevoked", actor="acc-max", account="acc-max")),
)
