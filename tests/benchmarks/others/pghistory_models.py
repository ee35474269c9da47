"""The Django model that django-pghistory tracks, and its questions; imported when Django is set up."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import uuid4

import pghistory
import pgtrigger
from django.core.management import call_command
from django.db import connection, models
from django.db.models import OuterRef, Q, Subquery
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import JSONObject

from tests.benchmarks.others.changes import Change
from tests.benchmarks.others.tool import PAGE, State, names_wanted, shown_change, shown_user, with_names
from tests.benchmarks.people import Json


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    context_field=pghistory.ContextJSONField(),
    meta={
        "app_label": "pghistory",
        "indexes": [
            models.Index(fields=["location", "pgh_obj", "-pgh_created_at"], name="event_at"),
            models.Index(KeyTextTransform("device", "pgh_context"), "pgh_id", name="event_device"),
            models.Index(fields=["pgh_obj", "pgh_id"], name="event_before"),
        ],
    },
)
class Access(models.Model):
    """Role and rights of an account in a location."""

    location = models.CharField(max_length=128)
    account = models.CharField(max_length=128)
    name = models.CharField(max_length=128, null=True)
    role = models.CharField(max_length=40)
    rights = models.JSONField()
    active = models.BooleanField()

    class Meta:
        app_label = "pghistory"
        constraints: ClassVar = [models.UniqueConstraint(fields=["location", "account"], name="one_access")]


_Event: Any = Access.pgh_event_model
_OWN = ("location", "account", "name", "role", "rights", "active")


def create_tables() -> None:
    """The tables, the trigger, and the function that gives triggers their context."""
    call_command("migrate", "pghistory", verbosity=0)
    with connection.schema_editor() as editor:
        editor.create_model(Access)
        editor.create_model(_Event)
    pgtrigger.install()


def load(changes: Sequence[Change]) -> None:
    """The rows that `save` and its trigger would have left, at the times of the changes."""
    ids: dict[tuple[str, str], int] = {}
    last: dict[int, Change] = {}
    pgtrigger.uninstall()
    with connection.cursor() as cursor:
        columns = ("pgh_created_at", "pgh_label", "pgh_obj_id", "pgh_context", "pgh_context_id", "id", *_OWN)
        events = f"COPY {_Event._meta.db_table} ({', '.join(columns)}) FROM STDIN"
        with cursor.copy(events) as copy:
            for change in changes:
                key = ids.setdefault((change.location, change.account), len(ids) + 1)
                label = "insert" if key not in last else "update"
                last[key] = change
                context = {"actor": change.actor, "device": change.device["id"], "ip": change.device["ip"]}
                copy.write_row((change.at, label, key, json.dumps(context), uuid4(), key, *_own(change)))
        with cursor.copy(f"COPY {Access._meta.db_table} (id, {', '.join(_OWN)}) FROM STDIN") as copy:
            for key, change in last.items():
                copy.write_row((key, *_own(change)))
        table = Access._meta.db_table
        cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
    pgtrigger.install()


def _own(change: Change) -> tuple[object, ...]:
    rights = json.dumps(change.rights)
    return (change.location, change.account, change.name, change.role, rights, change.active)


def save(change: Change) -> None:
    """Get the object, change it, save it; the device goes into the context."""
    with pghistory.context(actor=change.actor, device=change.device["id"], ip=change.device["ip"]):
        if change.first:
            access = Access(location=change.location, account=change.account)
        else:
            access = Access.objects.get(location=change.location, account=change.account)
        access.name, access.role, access.rights, access.active = change.name, change.role, change.rights, change.active
        access.save()


def state(location: str, at: datetime) -> State:
    """The last event of each object up to then, of those that are active then."""
    return {
        event["account"]: (event["role"], frozenset(event["rights"]))
        for event in _last(location, at)
        if event["active"]
    }


def shown(location: str, at: datetime) -> Sequence[Json]:
    """The same, with the time of the event."""
    return [
        shown_user(event["account"], event["name"], event["role"], event["pgh_created_at"], event["rights"])
        for event in _last(location, at)
        if event["active"]
    ]


def _last(location: str, at: datetime) -> Any:
    events = _Event.objects.filter(location=location, pgh_created_at__lte=at)
    last = events.order_by("pgh_obj", "-pgh_created_at", "-pgh_id").distinct("pgh_obj")
    return last.values("account", "name", "role", "rights", "active", "pgh_created_at")


def from_device(device: str) -> Sequence[Json]:
    """By the device in the context, with the event before of the same object; names as they are now."""
    before = _Event.objects.filter(pgh_obj=OuterRef("pgh_obj"), pgh_id__lt=OuterRef("pgh_id")).order_by("-pgh_id")
    was = before.values(was=JSONObject(role="role", rights="rights", active="active"))[:1]
    events = (
        _Event.objects.filter(pgh_context__device=device)
        .order_by("-pgh_id")
        .values("pgh_created_at", "pgh_context", *_OWN, was=Subquery(was))[:PAGE]
    )
    rows = []
    for event in events:
        context = event["pgh_context"]
        place = (event["location"], event["account"])
        kept = {"id": context["device"], "ip": context["ip"]}
        rows.append(shown_change(event["pgh_created_at"], context["actor"], place, kept, event["was"], event))
    accounts: dict[str, list[str]] = {}
    for location, account in names_wanted(rows):
        accounts.setdefault(location, []).append(account)
    asked = Q(pk=None)
    for location, some in accounts.items():
        asked |= Q(location=location, account__in=some)
    named = Access.objects.filter(asked).values_list("location", "account", "name")
    return with_names(rows, {(location, account): name for location, account, name in named})
