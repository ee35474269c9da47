"""The quick reading of a stored row that is in the one written form: its keys are where that form has them.

Whatever it takes, the careful reading takes with an equal result; None says nothing about a row. The envelope is read
by two patterns around its `data`, which is JSON by itself: well-formed pieces make a well-formed whole, and a pattern
that names a key once finds it once.
"""

import re
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

from pydantic_core import SchemaValidator

from domain import canonical
from domain.facts import OBSERVATIONS, Data, Device, Fact, InvalidFactError
from domain.facts.making import DeviceInMaking, FactInMaking, actor_of, instant_of
from domain.facts.quick import UUID, NotQuickError, quick_schema
from domain.facts.reading import FACT_TYPES, check_form, data_quickly
from domain.limits import IDENTIFIER_LENGTH, NAME_LENGTH, TEXT_LENGTH
from domain.stamp import Stamp
from domain.upcasts import FORMS

Content: TypeAlias = dict[str, Any]
_Claims: TypeAlias = tuple[str | None, str | None]
"""Address and user agent: what a request says about its device."""

_IDENTIFIER = rf"[A-Za-z0-9._:\-]{{1,{IDENTIFIER_LENGTH}}}"
_NAME = rf'[^"\\\x00-\x1f]{{1,{NAME_LENGTH}}}'
_INSTANT = "[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}(?:[.][0-9]{6})?Z"
_HEAD = re.compile(
    rf'{{"actor":{{"id":"({_IDENTIFIER})","kind":"(api_key|person|support|system)"'
    rf'(?:,"on_behalf_of":"({_IDENTIFIER})")?}},(?:"caused_by":"({UUID})",)?"change":"({_NAME})","data":'
)
_TAIL = re.compile(
    rf'(?:,"device":({{(?:"id":"({_IDENTIFIER})"(?:,"session":"({_NAME})")?)?}}))?'
    rf',"effective_at":"({_INSTANT})","id":"({UUID})"(?:,"location":"({_IDENTIFIER})")?'
    rf',"recorded_at":"({_INSTANT})"(?:,"source":"({_NAME})")?,"stamp":({{.*}}),"type":"([A-Za-z]+)"}}'
)
REPEATED = frozenset(
    {
        *("SignedIn", "SignInRefused", "SignedOut", "TwoStepEnabled", "TwoStepDisabled"),
        *("AddedToSchedule", "RemovedFromSchedule", "WorkingHoursPlanned", "TeamMemberDeleted", "TeamMemberRestored"),
        *("InvitationAccepted", "InvitationExpired", "InvitationWithdrawn", "AccessRevoked", "UserLinked"),
    }
)
"""Types of which the same data comes again and again; nothing in it could be changed, and nothing is personal."""

_STAMP = SchemaValidator(quick_schema(Stamp))


class Observed(NamedTuple):
    """An observation as far as lists need it: nothing is made of what no list asks for."""

    id: str
    type: str
    location: str | None
    recorded_at: datetime
    effective_at: datetime
    actor: str
    on_behalf_of: str | None
    device: str | None
    data: Data


def read_row(body: bytes, personal: bytes | None) -> tuple[Fact, Stamp] | None:
    """The fact and the stamp of a stored row."""
    try:
        text = body.decode()
        head, tail = _HEAD.match(text), _tail_of(text)
        if head is None or tail is None:
            return None
        return _read(text[head.end() : tail.start()], head.groups(), tail.groups(), personal)
    except (ValueError, InvalidFactError):
        return None


def read_observed(body: bytes, personal: bytes | None) -> Observed | None:
    """What a stored row says, where that is an observation; `read_row` takes all that this takes."""
    try:
        text = body.decode()
        head, tail = _HEAD.match(text), _tail_of(text)
        if head is None or tail is None:
            return None
        return _observed(text[head.end() : tail.start()], head.groups(), tail.groups(), personal)
    except (ValueError, InvalidFactError):
        return None


def _observed(
    between: str, head: tuple[str | Any, ...], tail: tuple[str | Any, ...], personal: bytes | None
) -> Observed | None:
    actor, actor_kind, on_behalf_of, caused_by, _ = head
    has_device, device, _, effective_at, fact_id, location, recorded_at, _, stamped, kind = tail
    if kind not in OBSERVATIONS or actor_kind == "system" or caused_by == fact_id:
        return None
    data, claims, _ = _said(kind, between, personal)
    if _stamp(stamped).form != FORMS.get(kind, 1) or (claims is not None and has_device is None):
        return None
    known = instant_of(recorded_at)
    held = known if effective_at == recorded_at else instant_of(effective_at)
    if held < known:
        return None
    return Observed(fact_id, kind, location, known, held, actor, on_behalf_of, device, data)


def _tail_of(text: str) -> re.Match[str] | None:
    """What comes after the data. Only the last of such keys can be the envelope's: below it stand no free values."""
    instant = text.rfind(',"effective_at":"')
    device = text.rfind(',"device":{', 0, max(instant, 0))
    tail = _TAIL.fullmatch(text, device) if device > 0 else None
    return tail if tail is not None or instant < 0 else _TAIL.fullmatch(text, instant)


def _read(
    between: str, head: tuple[str | Any, ...], tail: tuple[str | Any, ...], personal: bytes | None
) -> tuple[Fact, Stamp] | None:
    actor, actor_kind, on_behalf_of, caused_by, change = head
    has_device, device, session, effective_at, fact_id, location, recorded_at, source, stamped, kind = tail
    form = FACT_TYPES.get(kind)
    stamp = _stamp(stamped)
    if form is None or stamp.form != FORMS.get(kind, 1):
        return None
    data, claims, reason = _said(kind, between, personal)
    if claims is not None and has_device is None:
        return None
    made = FactInMaking()
    made.id = fact_id
    made.type = form.__name__
    made.location = None if location is None else _one(location)
    made.recorded_at = instant_of(recorded_at)
    made.effective_at = made.recorded_at if effective_at == recorded_at else instant_of(effective_at)
    made.actor = actor_of(actor_kind, actor, on_behalf_of)
    made.device = None if has_device is None else _device(device, session, claims)
    made.change = fact_id if change == fact_id else change
    made.caused_by = caused_by
    made.reason = reason
    made.source = None if source is None else _one(source)
    made.data = data
    fact = made.done()
    check_form(fact, inner=False)
    return fact, stamp


def _said(kind: str, between: str, personal: bytes | None) -> tuple[Data, _Claims | None, str | None]:
    """The data of a type, what the device claims, and the reason."""
    claims = _claims_alone(personal) if personal is not None and _says_claims(personal) else None
    if kind in REPEATED and (personal is None or claims is not None):
        return _repeated(kind, between), claims, None
    reason = None
    raw = _object(between.encode())
    if personal is not None and claims is None:
        claims, reason = _put_back(personal, raw)
    return data_quickly(kind, raw, depth=0), claims, reason


def _put_back(personal: bytes, data: Content) -> tuple[_Claims | None, str | None]:
    """What the device claims, and the reason; what belongs to the data is put there."""
    apart = _object(personal)
    claims = _claims(apart.pop("device")) if "device" in apart else None
    reason = apart.pop("reason", None)
    if reason is not None and not (isinstance(reason, str) and len(reason) <= TEXT_LENGTH):
        raise NotQuickError
    if not joined({"data": data}, apart):
        raise NotQuickError
    return claims, reason


def joined(content: Content, personal: Content) -> bool:
    """Whether the personal fields found their places; no field is in both, so that every one of them is read."""
    for part, value in personal.items():
        if part == "reason" and part not in content:
            content[part] = value
        elif part in {"device", "data"} and isinstance(value, dict):
            rest = content.setdefault(part, {})
            if not isinstance(rest, dict) or not rest.keys().isdisjoint(value):
                return False
            rest.update(value)
        elif part == "fact" and isinstance(value, dict):
            data = content.get("data")
            inner = data.get("fact") if isinstance(data, dict) else None
            if not isinstance(inner, dict) or not joined(inner, value):
                return False
        else:
            return False
    return True


def _object(line: bytes) -> Content:
    content = canonical.read_compact(line)
    if not isinstance(content, dict):
        raise NotQuickError
    return content


def _says_claims(personal: bytes) -> bool:
    return personal.startswith(b'{"device":{') and personal.endswith(b'"}}')


@lru_cache(maxsize=4096)
def _claims_alone(personal: bytes) -> _Claims | None:
    """What the device claims, where the personal bytes say nothing else: a person's device says the same for weeks."""
    apart = _object(personal)
    return _claims(apart["device"]) if apart.keys() == {"device"} else None


@lru_cache(maxsize=8192)
def _repeated(kind: str, text: str) -> Data:
    """One object for the same data of a type: the same people sign in every day."""
    return data_quickly(kind, _object(text.encode()), depth=0)


def _claims(device: object) -> _Claims:
    if not isinstance(device, dict) or not device.keys() <= {"ip", "user_agent"}:
        raise NotQuickError
    ip, user_agent = device.get("ip", ""), device.get("user_agent", "")
    if not (isinstance(ip, str) and len(ip) <= NAME_LENGTH):
        raise NotQuickError
    if not (isinstance(user_agent, str) and len(user_agent) <= TEXT_LENGTH):
        raise NotQuickError
    if "ip" in device and not ip:
        raise NotQuickError
    return ip or None, _one(user_agent) if "user_agent" in device else None


def _device(device: str | None, session: str | None, claims: _Claims | None) -> Device:
    made = DeviceInMaking()
    made.id = None if device is None else _one(device)
    made.ip, made.user_agent = claims if claims is not None else (None, None)
    made.session = session
    return made.done()


@lru_cache(maxsize=1024)
def _stamp(text: str) -> Stamp:
    """One object for the same stamp: all facts of an import from the same kind of device share it."""
    stamp: Stamp = _STAMP.validate_python(canonical.read_compact(text.encode()))
    return stamp


def forget() -> None:
    """Let go of texts about people that are held only because they come again and again: somebody was erased."""
    for kept in (_claims_alone, _one):
        kept.cache_clear()


@lru_cache(maxsize=8192)
def _one(text: str) -> str:
    """One object for the same text: a location's name is in each of its facts."""
    return text
