"""Sentences about what was seen: sign-ins, exports, edits of data, and attempts that were refused."""

from typing import TypeAlias, assert_never

from domain import facts
from projections.sentences.attempts import attempt
from projections.sentences.telling import Telling, changes, counted, listed

ObservedFact: TypeAlias = (
    facts.TwoStepEnabled
    | facts.TwoStepDisabled
    | facts.SignedIn
    | facts.SignInRefused
    | facts.SignedOut
    | facts.DataExported
    | facts.DataImported
    | facts.RecordEdited
    | facts.RecordDeleted
    | facts.LogViewed
    | facts.CommandRefused
)

_CHANNELS = {"email": "email", "push": "push message", "totp": "authenticator app", "passkey": "passkey"}
_NAMED_FILTERS = 3


def told(telling: Telling, data: ObservedFact) -> str:
    """An observation as a sentence."""
    who = telling.who
    match data:
        case facts.TwoStepEnabled() | facts.TwoStepDisabled():
            return _two_step(telling, data)
        case facts.SignedIn() | facts.SignInRefused() | facts.SignedOut():
            return _signed(telling, data)
        case facts.DataExported():
            return f"{who} exported {counted(data.rows, 'row')} of {data.what} as {data.format}"
        case facts.DataImported():
            return f"{who} imported {counted(data.rows, 'row')} of {data.what} from {data.format}"
        case facts.RecordEdited():
            return _edited(telling, data)
        case facts.RecordDeleted():
            return f"{who} deleted {data.entity} {data.entity_id}"
        case facts.LogViewed():
            if not data.filter:
                return f"{who} read the whole log"
            parts = [f"{name.replace('_', ' ')} '{value}'" for name, value in data.filter.items()]
            return f"{who} read the log for {listed(parts[:_NAMED_FILTERS], len(parts) - _NAMED_FILTERS)}"
        case facts.CommandRefused():
            said = data.sentence or (data.details or {}).get("sentence")
            why = str(said).strip().removesuffix(".") if said else data.code.replace("_", " ")
            return f"{who} tried to {attempt(telling, data)} and was refused: {why}"
        case _:
            assert_never(data)


def _two_step(telling: Telling, data: facts.TwoStepEnabled | facts.TwoStepDisabled) -> str:
    turned = "on" if isinstance(data, facts.TwoStepEnabled) else "off"
    what = f"turned {turned} two-step sign-in by {_CHANNELS[data.channel]}"
    name = telling.titled(data.account)
    return f"{name} {what}" if telling.oneself(data.account) else f"{telling.who} {what} for {name}"


def _signed(telling: Telling, data: facts.SignedIn | facts.SignInRefused | facts.SignedOut) -> str:
    name = telling.titled(data.account)
    stranger = telling.fact.actor.kind in {"person", "support"} and not telling.oneself(data.account)
    step = f" with a second step by {_CHANNELS[data.two_step]}" if data.two_step is not None else ""
    why = f": {data.why}" if data.why else ""
    if isinstance(data, facts.SignInRefused):
        by = f" by {telling.by}" if stranger else ""
        return f"An attempt{by} to sign in as {name}{step} was refused{why}"
    what = "signed in" if isinstance(data, facts.SignedIn) else "signed out"
    return f"{telling.who} {what} as {name}{step}{why}" if stranger else f"{name} {what}{step}{why}"


def _edited(telling: Telling, data: facts.RecordEdited) -> str:
    record = f"{data.entity} {data.entity_id}"
    what = changes(data.before or {}, data.after or {})
    if not what:
        return f"{telling.who} saved {record} without a change"
    return f"{telling.who} {'added' if data.before is None else 'edited'} {record}: {what}"
