"""What the application keeps, as far as its edits are on the log: clients, appointments, payments, settings."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from domain.instants import write_instant
from infrastructure.demo.places import Place

_CLIENTS = (
    *("Lena Fuchs", "Tom Berger", "Aylin Kaya", "Greta Lang", "Oskar Weiss", "Sofia Neves", "Duarte Melo"),
    *("Clara Pires", "Miguel Rocha", "Amy Walsh", "Ben Carter", "Ruth Levin", "Omar Aziz", "Julia Stone", "Nina Park"),
)
_SERVICES = ("Cut", "Cut and blow-dry", "Colour", "Balayage", "Beard trim", "Treatment", "Updo")
_NOTES = (
    "prefers mornings",
    "allergic to ammonia",
    "comes with a child",
    "likes it short",
    "pays in cash",
    "new fringe",
)
_SETTINGS = ("opening_hours", "cancellation_notice_hours", "online_booking_lead_hours", "receipt_footer")
_EXPORTS = (
    ("period report", "finances_period_report_export_access"),
    ("product sales", "storages_sales_report_export_access"),
    ("z report", "finances_z_report_export_access"),
)


@dataclass(frozen=True, slots=True)
class Doing:
    """Something a person does in the application, and the right without which nobody does it."""

    type: str
    data: dict[str, Any]
    needs: str


def doing(lot: Random, place: Place, day: date) -> Doing:
    """One thing, drawn by lot: mostly appointments and clients, now and then a payment, an export, a setting."""
    makers = (_appointment, _client, _payment, _deleted, _exported, _log, _setting)
    maker = lot.choices(makers, weights=(40, 27, 14, 6, 6, 5, 2))[0]
    return maker(lot, place, day)


def _entity(lot: Random, place: Place, letter: str) -> str:
    return f"{letter}-{place.id}-{lot.randrange(1000, 9999)}"


def _edited(entity: str, entity_id: str, before: dict[str, Any], after: dict[str, Any], needs: str) -> Doing:
    return Doing("RecordEdited", {"entity": entity, "entity_id": entity_id, "before": before, "after": after}, needs)


def _appointment(lot: Random, place: Place, day: date) -> Doing:
    number = _entity(lot, place, "a")
    then = place.on(day + timedelta(days=lot.randrange(1, 12)), lot.randrange(9, 18), lot.choice((0, 30)))
    if lot.random() < 0.5:
        moved = then + timedelta(minutes=30 * lot.randrange(1, 5))
        before, after = {"starts_at": write_instant(then)}, {"starts_at": write_instant(moved)}
        return _edited("appointment", number, before, after, "records_edit_access")
    old, new = lot.sample(_SERVICES, 2)
    return _edited("appointment", number, {"service": old}, {"service": new}, "records_edit_access")


def _client(lot: Random, place: Place, day: date) -> Doing:  # noqa: ARG001 - one form for all makers
    number = _entity(lot, place, "c")
    if lot.random() < 0.6:
        return _edited("client", number, {"note": ""}, {"note": lot.choice(_NOTES)}, "clients_edit_access")
    mail = lot.choice(_CLIENTS).split()[-1].lower()
    before, after = f"{mail}@example.org", f"{mail}{lot.randrange(2, 90)}@example.com"
    return _edited("client", number, {"email": before}, {"email": after}, "clients_edit_access")


def _payment(lot: Random, place: Place, day: date) -> Doing:  # noqa: ARG001 - one form for all makers
    amount = f"{lot.randrange(18, 180)}.00"
    if lot.random() < 0.6:
        before, after = {"method": "cash"}, {"method": "card"}
    else:
        before, after = {"amount": amount}, {"amount": f"{lot.randrange(18, 180)}.00"}
    return _edited("payment", _entity(lot, place, "p"), before, after, "finances_transactions_edit_access")


def _deleted(lot: Random, place: Place, day: date) -> Doing:
    if lot.random() < 0.8:
        gone = {"service": lot.choice(_SERVICES), "day": day.isoformat()}
        data = {"entity": "appointment", "entity_id": _entity(lot, place, "a"), "before": gone}
        return Doing("RecordDeleted", data, "records_delete_access")
    client = {"name": lot.choice(_CLIENTS), "visits": lot.randrange(0, 3)}
    data = {"entity": "client", "entity_id": _entity(lot, place, "c"), "before": client}
    return Doing("RecordDeleted", data, "clients_delete_access")


def _exported(lot: Random, place: Place, day: date) -> Doing:  # noqa: ARG001 - one form for all makers
    what, needs = lot.choice(_EXPORTS)
    data = {"what": what, "format": lot.choice(("xlsx", "csv")), "rows": lot.randrange(20, 900)}
    return Doing("DataExported", data, needs)


def _log(lot: Random, place: Place, day: date) -> Doing:  # noqa: ARG001 - one form for all makers
    since = day - timedelta(days=lot.choice((1, 7, 30)))
    return Doing("LogViewed", {"filter": {"from": since.isoformat()}}, "settings_users_edit_access")


def _setting(lot: Random, place: Place, day: date) -> Doing:  # noqa: ARG001 - one form for all makers
    name = lot.choice(_SETTINGS)
    before, after = lot.sample((2, 4, 6, 12, 24, 48), 2)
    return _edited("setting", f"{place.id}.{name}", {"value": before}, {"value": after}, "settings_basis_access")
