"""The Django model that django-pghistory tracks, and its questions; imported when Django is set up."""

from typing import Any, ClassVar

import pghistory
import pgtrigger
from django.core.management import call_command
from django.db import connection, models
from django.db.models import Max
from django.db.models.fields.json import KeyTextTransform

from tests.benchmarks.others.changes import Change
from tests.benchmarks.others.tool import Did, State


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    context_field=pghistory.ContextJSONField(),
    meta={
        "app_label": "pghistory",
        "indexes": [
            models.Index(fields=["location", "pgh_obj", "-pgh_created_at"], name="event_at"),
            models.Index(KeyTextTransform("device", "pgh_context"), name="event_device"),
        ],
    },
)
class Access(models.Model):
    """Role and rights of an account in a location."""

    location = models.CharField(max_length=128)
    account = models.CharField(max_length=128)
    role = models.CharField(max_length=40)
    rights = models.JSONField()
    active = models.BooleanField()

    class Meta:
        app_label = "pghistory"
        constraints: ClassVar = [models.UniqueConstraint(fields=["location", "account"], name="one_access")]


_Event: Any = Access.pgh_event_model


def create_tables() -> None:
    """The tables, the trigger, and the function that gives triggers their context."""
    call_command("migrate", "pghistory", verbosity=0)
    with connection.schema_editor() as editor:
        editor.create_model(Access)
        editor.create_model(_Event)
    pgtrigger.install()


def save(change: Change) -> None:
    """Get the object, change it, save it; the device goes into the context."""
    with pghistory.context(actor=change.actor, device=change.device["id"], ip=change.device["ip"]):
        if change.first:
            access = Access(location=change.location, account=change.account)
        else:
            access = Access.objects.get(location=change.location, account=change.account)
        access.role, access.rights, access.active = change.role, change.rights, change.active
        access.save()


def last_event() -> Any:
    """When the last event was."""
    return _Event.objects.aggregate(last=Max("pgh_created_at"))["last"]


def state(location: str, moment: Any) -> State:
    """The last event of each object up to a moment, of those that are active then."""
    events = (
        _Event.objects.filter(location=location, pgh_created_at__lte=moment)
        .order_by("pgh_obj", "-pgh_created_at")
        .distinct("pgh_obj")
    )
    return {event.account: (event.role, frozenset(event.rights)) for event in events if event.active}


def from_device(device: str) -> list[Did]:
    """By the device in the context, oldest first."""
    events = _Event.objects.filter(pgh_context__device=device).order_by("pgh_id")
    return [(event.pgh_context["actor"], event.location, event.account) for event in events]
