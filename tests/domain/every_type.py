"""A fact of every type of the contract, as plain as it can be and with everything that it may say."""

from typing import Any, TypeAlias

Raw: TypeAlias = dict[str, Any]

ID = "11111111-1111-4111-8111-111111111111"
INNER = "22222222-2222-4222-8222-222222222222"
CAUSE = "33333333-3333-4333-8333-333333333333"
AT, LATER = "2026-03-10T10:00:00Z", "2026-03-12T08:30:00.250000Z"
FREE = {"note": 'she said: "no", \u00e9\U0001f600\u2028\x1f\x7f', "visits": 3, "a": {"b": [1, None, True, {}]}, "A": ""}
_ACCOUNT, _MEMBER = {"account": "acc-ann"}, {"member": "ann"}
_PERIOD = {
    "subscription": "sub-1",
    "terms": "access_rights",
    "seats": 7,
    "starts_at": AT,
    "ends_at": LATER,
    "auto_renews": True,
}
_RIGHTS = {"rights": ["calendar", "clients.view"], "scopes": {"calendar_scope": "own", "days": [1, "x"], "n": 5}}
_SCOPES = {"scopes_before": {}, "scopes_after": {"days": 14}}

DATA: list[tuple[str, Raw, Raw]] = [
    # the type, what must be there, what may be there beside it
    ("LocationOpened", {"name": "Salon", "time_zone": "Europe/Berlin"}, {"chain": "chain-1"}),
    ("LocationJoinedChain", {"chain": "chain-1"}, {}),
    ("LocationLeftChain", {"chain": "chain-1"}, {}),
    ("TeamMemberAdded", {**_MEMBER, "name": "Ann"}, {"position": "Stylist"}),
    ("TeamMemberEdited", {**_MEMBER, "before": {}, "after": {}}, {"before": FREE, "after": {"name": "Anna"}}),
    ("AddedToSchedule", _MEMBER, {}),
    ("RemovedFromSchedule", _MEMBER, {}),
    ("WorkingHoursPlanned", {**_MEMBER, "until": None}, {"until": "2026-06-30"}),
    ("TeamMemberDismissed", {**_MEMBER, "dismissal_date": "2026-03-31", "reason": ""}, {"reason": "Moved away"}),
    ("DismissalCancelled", {**_MEMBER, "cancels": CAUSE}, {}),
    ("TeamMemberDeleted", _MEMBER, {}),
    ("TeamMemberRestored", _MEMBER, {}),
    (
        "UserInvited",
        {**_ACCOUNT, "contact": "ann@example.org", "role": "manager", "rights": [], "scopes": {}},
        {**_RIGHTS, "name": "Ann", "member": "ann", "expires_at": LATER},
    ),
    ("InvitationAccepted", _ACCOUNT, {}),
    ("InvitationWithdrawn", _ACCOUNT, {}),
    ("InvitationExpired", _ACCOUNT, {}),
    (
        "AccessGranted",
        {**_ACCOUNT, "role": "manager", "rights": [], "scopes": {}},
        {**_RIGHTS, "name": "Ann", "copied_from": {"location": "L2", "account": "acc-olga"}},
    ),
    (
        "RoleChanged",
        {**_ACCOUNT, "before": "viewer", "after": "manager", "rights_before": [], "rights_after": ["a"], **_SCOPES},
        {"rights_before": ["a", "b"], "rights_after": ["b", "c.d"]},
    ),
    ("RightsEdited", {**_ACCOUNT, "granted": ["a"], "revoked": [], **_SCOPES}, {"revoked": ["b", "c"]}),
    ("UserLinked", {**_ACCOUNT, **_MEMBER}, {}),
    ("UserUnlinked", {**_ACCOUNT, **_MEMBER, "cause": "manual"}, {"cause": "deletion"}),
    ("AccessRevoked", _ACCOUNT, {}),
    ("CataloguePublished", {"version": 2, "sha256": "0" * 64}, {}),
    ("TermsPublished", {"terms": "service_providers", "from": "2020-01-01"}, {}),
    ("SubscriptionPurchased", _PERIOD, {}),
    ("SubscriptionRenewed", {**_PERIOD, "automatic": False}, {}),
    ("RenewalFailed", {"subscription": "sub-1"}, {}),
    ("SeatsAdded", {"subscription": "sub-1", "seats": 2}, {}),
    (
        "SeatsCharged",
        {"subscription": "sub-1", "charge": "ch-1", "billable": 7, "free": 0},
        {"amount": "-70.50", "currency": "EUR"},
    ),
    ("ErasureAsked", {**_ACCOUNT, "basis": "GDPR 17(1)(a)", "due": LATER}, {"member": "ann"}),
    ("ErasureRefused", {**_MEMBER, "ground": "A case in court", "until": LATER}, {**_ACCOUNT}),
    ("ErasureAllowed", {"client": "c-1", "ground": "The case is over"}, {}),
    (
        "PersonErased",
        {**_ACCOUNT, "basis": "GDPR 17(1)(b)", "subjects": [], "keys": []},
        {"asked": CAUSE, "subjects": ["account:acc-ann"], "keys": ["k-1", "k-2"], "removed": {"sessions": 2}},
    ),
    ("TwoStepEnabled", {**_ACCOUNT, "channel": "totp"}, {}),
    ("TwoStepDisabled", {**_ACCOUNT, "channel": "email"}, {}),
    ("SignedIn", _ACCOUNT, {"two_step": "passkey", "why": "a new device"}),
    ("SignInRefused", _ACCOUNT, {"two_step": "push", "why": "wrong code"}),
    ("SignedOut", _ACCOUNT, {"two_step": None, "why": "idle"}),
    ("DataExported", {"what": "clients", "format": "csv", "rows": 0}, {"rows": 2**40}),
    ("DataImported", {"what": "clients", "format": "csv", "rows": 12}, {}),
    ("RecordEdited", {"entity": "client", "entity_id": "c-1", "before": None, "after": None}, {"after": FREE}),
    ("RecordDeleted", {"entity": "client", "entity_id": "c-1"}, {"before": FREE, "after": {}}),
    ("LogViewed", {"filter": {}}, {"filter": {"member": "ann", "from": "2026-01-01"}}),
    (
        "CommandRefused",
        {"command": "dismiss", "code": "last_owner"},
        {"target": "ann", "sentence": "No.", "standing": [CAUSE], "details": FREE},
    ),
    ("Correction", {"kind": "void", "corrects": CAUSE, "fact": None}, {}),
]

NOWHERE = {"TermsPublished", "CataloguePublished"}


def plain(kind: str, data: Raw) -> Raw:
    """A fact that says what it must and nothing else."""
    raw: Raw = {
        "id": ID,
        "type": kind,
        "recorded_at": AT,
        "effective_at": AT,
        "actor": {"kind": "person", "id": "acc-olga"},
        "change": "c1",
        "data": data,
    }
    return raw if kind in NOWHERE else {**raw, "location": "L1"}


def full(kind: str, data: Raw) -> Raw:
    """A fact that says everything that it may."""
    return {
        **plain(kind, data),
        "effective_at": LATER,
        "actor": {"kind": "support", "id": "key-1", "on_behalf_of": "acc-olga"},
        "device": {"id": "dev-1", "ip": "198.51.100.7", "user_agent": "Studio/5.1 (\u00e9)", "session": "s-1"},
        "caused_by": CAUSE,
        "reason": "They asked for it.",
        "source": "a shop",
    }


def inside(kind: str, fact: Raw) -> Raw:
    """A correction that carries a whole fact."""
    data = {"kind": kind, "corrects": CAUSE if kind == "replace" else None, "fact": {**fact, "id": INNER}}
    outer = full("Correction", data)
    return outer if "location" in fact else {key: value for key, value in outer.items() if key != "location"}


PLAIN = [plain(kind, data) for kind, data, _ in DATA]
FULL = [full(kind, {**data, **more}) for kind, data, more in DATA]
CARRIED = [inside(kind, fact) for kind in ("late", "replace") for fact in (*PLAIN, *FULL)]
EVERY = [*PLAIN, *FULL, *CARRIED]
