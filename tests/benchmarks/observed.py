"""What is seen of people at work and decides no state: sign-ins, edits of records, exports, refused attempts."""

from collections.abc import Sequence
from random import Random

from tests.benchmarks.people import Json, Person

_KINDS = (
    "SignedIn",
    "RecordEdited",
    "SignedOut",
    "SignInRefused",
    "CommandRefused",
    "DataExported",
    "RecordDeleted",
    "LogViewed",
    "DataImported",
)
_SHARES = (52, 22, 11, 4, 4, 3, 2, 1, 1)
_CHANNELS = ("email", "push", "totp", "passkey")
_SOUGHT = ("clients", "appointments", "payments", "staff", "stock")
_REFUSALS = (
    ("edit_rights", "beyond_own_rights", "You can grant no more than you hold yourself."),
    ("dismiss", "active_schedule", "Hours are planned after that day; remove them first."),
    ("delete_user", "last_owner", "The last owner of a location cannot be removed."),
    ("invite", "exists", "This account is a user of the location already."),
    ("change_role", "not_allowed", "Your rights do not let you change roles here."),
)
_NOTES = ("prefers mornings", "allergic to ammonia", "always late", "pays by card", "wants Cleo", "")


def seen(lot: Random, person: Person, people: Sequence[Person]) -> tuple[str, Json]:
    """Type and data of one observation of a person who is a user."""
    kind = lot.choices(_KINDS, _SHARES)[0]
    match kind:
        case "SignedIn":
            data: Json = {"account": person.account}
            if lot.random() < 0.6:
                data["two_step"] = lot.choice(_CHANNELS)
            return kind, data
        case "SignedOut":
            return kind, {"account": person.account}
        case "SignInRefused":
            return kind, {"account": person.account, "why": lot.choice(("wrong password", "unknown device", "locked"))}
        case "RecordEdited" | "RecordDeleted":
            return kind, _record(lot, deleted=kind == "RecordDeleted")
        case "CommandRefused":
            command, code, sentence = lot.choice(_REFUSALS)
            other = lot.choice(people)
            return kind, {
                "command": command,
                "code": code,
                "sentence": sentence,
                "target": other.account or other.member,
            }
        case "LogViewed":
            return kind, {"filter": {"account": person.account, "type": "RightsEdited"}}
        case _:
            shape = lot.choice(("xlsx", "csv", "pdf"))
            return kind, {"what": lot.choice(_SOUGHT), "format": shape, "rows": lot.randrange(1, 20_000)}


def _record(lot: Random, *, deleted: bool) -> Json:
    entity = lot.choices(("appointment", "client", "payment", "setting"), (60, 25, 10, 5))[0]
    name = f"{entity[0]}-{lot.randrange(200_000)}"
    before: Json
    match entity:
        case "client":
            before, after = {"note": lot.choice(_NOTES)}, {"note": lot.choice(_NOTES), "visits": lot.randrange(60)}
        case "payment":
            before, after = {"amount": lot.randrange(20, 200)}, {"amount": lot.randrange(20, 200), "tip": 5}
        case _:
            before, after = {"starts": lot.randrange(8, 18)}, {"starts": lot.randrange(8, 18), "minutes": 45}
    return {"entity": entity, "entity_id": name, "before": before, "after": None if deleted else after}
