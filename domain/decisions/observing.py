"""Decisions about what was seen, and about the second step of signing in."""

from pydantic import ValidationError

from domain import facts
from domain.commands import DisableTwoStep, EnableTwoStep, Observe
from domain.decisions.standing import Draft, Standing
from domain.facts import FACT_TYPES, OBSERVATIONS, InvalidFactError
from domain.facts.form import refusal_of
from domain.refusals import Code, Refused

OBSERVABLE = OBSERVATIONS - {"CommandRefused"}


def observe(standing: Standing, request: Observe) -> list[Draft]:
    """An observation as the application saw it: it decides nothing and conflicts with nothing."""
    standing.check_authority()
    if request.type not in OBSERVABLE:
        raise Refused(
            Code.INVALID, f"{request.type!r} is not an observation: those are {', '.join(sorted(OBSERVABLE))}."
        )
    try:
        data = FACT_TYPES[request.type].read(request.fields)
    except ValidationError as error:
        refused: InvalidFactError = refusal_of(error.errors()[0], prefix="data.")
        raise Refused(Code.INVALID, f"The observation cannot be kept: {refused}.") from None
    return [standing.draft(data)]


def enable_two_step(standing: Standing, request: EnableTwoStep) -> list[Draft]:
    """An account asks for a second step from here on."""
    _check_own(standing, request.account)
    if request.channel in _channels(standing):
        raise Refused(Code.NO_CHANGE, f"{request.account} uses {request.channel} already.")
    return [standing.draft(facts.TwoStepEnabled(account=request.account, channel=request.channel))]


def disable_two_step(standing: Standing, request: DisableTwoStep) -> list[Draft]:
    """An account no longer asks for a second step by this channel."""
    _check_own(standing, request.account)
    if request.channel not in _channels(standing):
        raise Refused(Code.NO_CHANGE, f"{request.account} does not use {request.channel}.")
    return [standing.draft(facts.TwoStepDisabled(account=request.account, channel=request.channel))]


def _check_own(standing: Standing, account: str) -> None:
    standing.check_authority()
    actor = standing.command.actor
    if actor.kind == "person" and actor.id != account:
        raise Refused(Code.FORBIDDEN, f"Only {account} can change how {account} signs in.")


def _channels(standing: Standing) -> frozenset[str]:
    channels: set[str] = set()
    for line in standing.cut.lines:
        data = line.fact.data
        if isinstance(data, facts.TwoStepEnabled):
            channels.add(data.channel)
        elif isinstance(data, facts.TwoStepDisabled):
            channels.discard(data.channel)
    return frozenset(channels)
