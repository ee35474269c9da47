"""What a command came to, as JSON: the same on the command line and over HTTP."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from domain.entries import Entry
from domain.facts import written
from domain.refusals import Refusal
from infrastructure.desk import Outcome
from infrastructure.wiring import Application
from projections.effect import written as effect_written


def outcome_written(
    application: Application, outcome: Outcome, *, dry_run: bool, settled: bool = True
) -> dict[str, Any]:
    """The facts appended with their positions, or the refusal.

    Waits for the positions, unless `settled` is false: then what has none yet is shown without. NotSettled when they
    are long in coming: what is stored stays stored.
    """
    answer: dict[str, Any] = {"command": outcome.command.command, "id": outcome.command.id}
    appended = [entry for entry in outcome.entries if entry.fact.type != "CommandRefused"]
    positions: dict[str, int] = {}
    if not dry_run and outcome.entries:
        # Of a command that was refused in some places only, the first answer and those after it count the same facts.
        positions = _positions(application, outcome, appended or outcome.entries, settled=settled)
        answer["position"] = max(positions.values(), default=None)
    if outcome.repeated:
        answer["repeated"] = True
    if outcome.refusal is not None:
        return {**answer, **refusal_written(outcome.refusal)}
    answer["would_append" if dry_run else "appended"] = [_entry_written(entry, positions) for entry in appended]
    if outcome.left_out:
        answer["refused_locations"] = [refusal.location for refusal in outcome.left_out]
        answer["refusals"] = [
            {"location": refusal.location, **refusal_written(refusal)} for refusal in outcome.left_out
        ]
    if dry_run:
        answer["effect"] = [effect_written(effect) for effect in outcome.effects]
    return answer


def refusal_written(refusal: Refusal) -> dict[str, Any]:
    """A refusal: its code, its sentence, the facts that stand in the way, and what else there is to know."""
    out = {"refused": refusal.code.value, "sentence": refusal.sentence, "facts": list(refusal.standing)}
    return {**out, **refusal.details}


def _positions(
    application: Application, outcome: Outcome, entries: Sequence[Entry], *, settled: bool
) -> dict[str, int]:
    """The final places of some facts of an outcome, by their ids."""
    store, ids = application.store, [UUID(entry.fact.id) for entry in entries]
    if settled and outcome.appended is not None:
        places = dict(zip(outcome.appended.facts, store.wait_for(outcome.appended), strict=True))
        return {str(fact): places[fact] for fact in ids}
    if settled:
        store.wait_for_facts(ids)
    return {str(row.fact): row.position for row in store.find(ids) if row.position is not None}


def _entry_written(entry: Entry, positions: dict[str, int]) -> dict[str, Any]:
    out = written(entry.fact)
    if entry.fact.id in positions:
        out["position"] = positions[entry.fact.id]
    return out
