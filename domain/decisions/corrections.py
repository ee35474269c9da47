"""The decision about the past: only support, or a key with the scope, and only with a reason."""

from dataclasses import replace
from typing import Any

from domain import facts
from domain.commands import Correct
from domain.decisions.standing import Draft, Standing
from domain.facts import InvalidFactError, read_fact
from domain.instants import write_instant
from domain.ledger import left_out_of
from domain.refusals import Code, Refused


def correct(standing: Standing, request: Correct, *, inner_id: str) -> list[Draft]:
    """A void, a replacement or a late fact."""
    standing.check_authority()
    reason = standing.command.reason or request.reason
    if reason is None or not reason.strip():
        raise Refused(Code.REASON_REQUIRED, "A correction needs a reason.")
    if request.corrects is not None:
        _check_target(standing, request.corrects)
    try:
        raw = _whole(standing, request.fact, reason, inner_id) if request.fact is not None else None
        inner = read_fact(raw, depth=1) if raw is not None else None
        correction = facts.Correction(kind=_kind(request.kind), corrects=request.corrects, fact=inner)
        _check_inner(standing, correction)
    except InvalidFactError as error:
        raise Refused(Code.INVALID, f"The correction cannot be kept: {error}.") from None
    return [replace(standing.draft(correction), reason=reason)]


def _kind(kind: str) -> Any:  # the form of Correction is closed over the three kinds; this is their clear refusal
    if kind not in {"void", "replace", "late"}:
        raise InvalidFactError("kind", f"{kind!r} is none of void, replace, late")
    return kind


def _check_target(standing: Standing, corrects: str) -> None:
    if standing.target is None:
        raise Refused(Code.NOT_FOUND, f"There is no fact {corrects} in this ledger.")
    if standing.target.location != standing.location:
        raise Refused(
            Code.INVALID, f"The fact {corrects} belongs to another location than {standing.location}.", corrects
        )
    by = left_out_of(standing.ledger.lines).get(corrects)
    if by is not None:
        raise Refused(Code.NO_CHANGE, f"The fact {corrects} is left out already.", by)


def _whole(standing: Standing, raw: dict[str, Any], reason: str, inner_id: str) -> dict[str, Any]:
    """The inner fact with what it leaves out taken from the command."""
    command = standing.command
    filled: dict[str, Any] = {
        "id": inner_id,
        "recorded_at": write_instant(standing.at),
        "actor": command.actor.said(),
        "change": command.change or command.id,
        "reason": reason,
    }
    if command.device is not None and command.actor.kind != "system":
        filled["device"] = command.device.said()
    if standing.location is not None:
        filled["location"] = standing.location
    whole = {**filled, **raw}
    return (
        {**whole, "data": standing.catalogue.modernise(whole["data"])} if isinstance(whole.get("data"), dict) else whole
    )


def _check_inner(standing: Standing, correction: facts.Correction) -> None:
    inner = correction.fact
    if (correction.corrects is None) != (correction.kind == "late"):
        raise InvalidFactError("corrects", "names the fact for void and replace, and is left out for late")
    if (inner is None) != (correction.kind == "void"):
        raise InvalidFactError("fact", "is a whole fact for replace and late, and left out for void")
    if inner is None:
        return
    if inner.location != standing.location:
        raise InvalidFactError("fact.location", f"is another location than {standing.location}")
    if correction.kind == "late" and inner.effective_at >= standing.at:
        raise InvalidFactError("fact.effective_at", "is not in the past; give the ordinary command instead")
