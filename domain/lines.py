"""The quick reading of a line that is in the one written form: what is stored of it are pieces of the line itself.

Whatever it takes, reading the line as any JSON and writing the fact anew comes to the same bytes; None says nothing
about a line. The envelope is read by two patterns around its `data`: these name every key once and in order. The data
is checked by its form, written, and taken only where that is what the line says.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias, cast

from domain import canonical
from domain.catalogue import Catalogue
from domain.facts import Correction, Data, Device, Fact
from domain.facts.making import DeviceInMaking, FactInMaking, actor_of, instant_of
from domain.facts.quick import UUID, NotQuickError
from domain.facts.reading import FACT_TYPES, check_form, data_quickly
from domain.facts.writing import written_data
from domain.limits import CORRECTION_DEPTH, IDENTIFIER_LENGTH, NAME_LENGTH, TEXT_LENGTH
from domain.personal import Part, parts_of
from domain.rows import REPEATED

Content: TypeAlias = dict[str, Any]

_IDENTIFIER = rf"[A-Za-z0-9._:\-]{{1,{IDENTIFIER_LENGTH}}}"
_NAME = rf'[^"\\\x00-\x1f]{{1,{NAME_LENGTH}}}'
_TEXT = rf'[^"\\\x00-\x1f]{{0,{TEXT_LENGTH}}}'
_INSTANT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}(?:[.](?!000000)[0-9]{6})?Z"
_MORE = r'(?:,(?=")|(?=\}))'
_HEAD = re.compile(
    rf'{{"actor":{{"id":"({_IDENTIFIER})","kind":"(api_key|person|support|system)"'
    rf'(?:,"on_behalf_of":"({_IDENTIFIER})")?}},(?:"caused_by":"({UUID})",)?"change":"({_NAME})","data":'
)
_TAIL = re.compile(
    rf'(?:,"device":({{)(?:"id":"({_IDENTIFIER})"{_MORE})?(?:"ip":"({_NAME})"{_MORE})?'
    rf'(?:"session":"({_NAME})"{_MORE})?(?:"user_agent":"({_TEXT})")?}})?'
    rf'(,"effective_at":"({_INSTANT})","id":"({UUID})"(?:,"location":"({_IDENTIFIER})")?)(?:,"reason":"({_TEXT})")?'
    rf'(,"recorded_at":"({_INSTANT})"(?:,"source":"({_NAME})")?),"type":"([A-Za-z]+)"}}'
)
_CORRECTION = re.compile(rf'{{"corrects":(?:null|"({UUID})"),"fact":')
_KIND = re.compile(r',"kind":"(late|replace|void)"}')
_PERSONAL: Mapping[str, tuple[str, ...]] = {name: tuple(sorted(form.personal)) for name, form in FACT_TYPES.items()}
_WITH_RIGHTS = frozenset({"UserInvited", "AccessGranted", "RoleChanged", "RightsEdited"})
"""Types whose data may have older spellings."""

_SAID = 8192


class Line(NamedTuple):
    """A line as it is stored."""

    fact: Fact
    until_stamp: str
    """The body as far as the stamp, without personal fields."""

    personal: bytes | None
    parts: tuple[Part, ...]

    def body(self, stamp: str) -> bytes:
        """The body with a stamp in the one written form."""
        return f'{self.until_stamp},"stamp":{stamp},"type":"{self.fact.type}"}}'.encode()


_Apart: TypeAlias = tuple[Fact, str, Content]
"""A fact, its text without what is personal and without its type, and the personal fields."""

_Said: TypeAlias = tuple[Data, str, Content]
"""The data of a fact, its text without what is personal, and the personal fields of data and of a carried fact."""


class QuickLines:
    """Reads lines of one file. What it remembers of them is gone with it."""

    def __init__(self, newest: Catalogue) -> None:
        """`newest` is the catalogue that older spellings are spellings of."""
        self._newest = newest
        self._repeated = lru_cache(maxsize=_SAID)(self._said_plainly)

    def read(self, line: bytes) -> Line | None:
        """What is to be stored of a line, when it is taken."""
        try:
            fact, text, personal = self._apart(line.decode(), 0)
        except ValueError:
            return None
        if not personal:
            return Line(fact, text, None, ())
        written = canonical.write_in_order(personal)
        return Line(fact, text, written, parts_of(fact, personal, written, canonical.write_in_order))

    def _apart(self, text: str, depth: int) -> _Apart:
        head = _HEAD.match(text)
        tail = _tail_of(text)
        if head is None or tail is None:
            raise NotQuickError
        actor, actor_kind, on_behalf_of, caused_by, change = head.groups()
        has_device, device, ip, session, user_agent = tail.group(1, 2, 3, 4, 5)
        effective, effective_at, fact_id, location, reason, recorded, recorded_at, source, kind = tail.groups()[5:]
        end = head.end()
        data, said, personal = self._said(kind, text[end : tail.start()], depth)
        made = FactInMaking()
        made.id = fact_id
        made.type = kind
        made.location = location
        made.recorded_at = instant_of(recorded_at)
        made.effective_at = made.recorded_at if effective_at == recorded_at else instant_of(effective_at)
        made.actor = actor_of(actor_kind, actor, on_behalf_of)
        made.device = _device(device, ip, session, user_agent) if has_device is not None else None
        made.change = change
        made.caused_by = caused_by
        made.reason = reason
        made.source = source
        made.data = data
        fact = made.done()
        check_form(fact, inner=depth > 0)
        between = _device_text(device, session) if has_device is not None else ""
        if ip is not None or user_agent is not None:
            personal = _with_claims(personal, ip, user_agent)
        if reason is not None:
            personal["reason"] = reason
        return fact, f"{text[:end]}{said}{between}{effective}{recorded}", personal

    def _said(self, kind: str, text: str, depth: int) -> _Said:
        if kind in REPEATED:
            data, text, _ = self._repeated(kind, text)
            return data, text, {}
        return self._corrected(text, depth) if kind == "Correction" else self._said_plainly(kind, text)

    def _said_plainly(self, kind: str, text: str) -> _Said:
        raw = canonical.read_written(text)
        if kind not in FACT_TYPES or not isinstance(raw, dict):
            raise NotQuickError
        data = data_quickly(kind, raw, depth=0)
        said = written_data(data)
        if canonical.write_in_order(said).decode() != text:
            raise NotQuickError
        if kind in _WITH_RIGHTS and self._newest.modernise(raw) is not raw:
            raise NotQuickError
        taken = {key: said.pop(key) for key in _PERSONAL[kind] if said.get(key) is not None}
        if not taken:
            return data, text, {}
        return data, canonical.write_in_order(said).decode(), {"data": taken}

    def _corrected(self, text: str, depth: int) -> _Said:
        head, place = _CORRECTION.match(text), text.rfind(',"kind":"')
        kind = _KIND.fullmatch(text, max(place, 0))
        if head is None or kind is None:
            raise NotQuickError
        corrects: str | None = head[1]
        inside = text[head.end() : place]
        if inside == "null":
            return Correction(kind=cast("Any", kind[1]), corrects=corrects), text, {}
        if depth >= CORRECTION_DEPTH:
            raise NotQuickError
        fact, inner, personal = self._apart(inside, depth + 1)
        data = Correction(kind=cast("Any", kind[1]), corrects=corrects, fact=fact)
        said = f'{head[0]}{inner},"type":"{fact.type}"}}{kind[0]}'
        return data, said, {"fact": personal} if personal else {}


def _tail_of(text: str) -> re.Match[str] | None:
    """What comes after the data. Only the last of such keys can be the envelope's: after it stand no free values."""
    instant = text.rfind(',"effective_at":"')
    device = text.rfind(',"device":{', 0, max(instant, 0))
    tail = _TAIL.fullmatch(text, device) if device > 0 else None
    return tail if tail is not None or instant < 0 else _TAIL.fullmatch(text, instant)


def _device(device: str | None, ip: str | None, session: str | None, user_agent: str | None) -> Device:
    made = DeviceInMaking()
    made.id = device
    made.ip = ip
    made.user_agent = user_agent
    made.session = session
    return made.done()


def _device_text(device: str | None, session: str | None) -> str:
    """What of a device is not personal, as it stands in a body."""
    if device is None:
        return f',"device":{{"session":"{session}"}}' if session is not None else ',"device":{}'
    if session is None:
        return f',"device":{{"id":"{device}"}}'
    return f',"device":{{"id":"{device}","session":"{session}"}}'


def _with_claims(personal: Content, ip: str | None, user_agent: str | None) -> Content:
    """The personal fields with what a device claims, in order."""
    claims = {"ip": ip} if ip is not None else {}
    if user_agent is not None:
        claims["user_agent"] = user_agent
    if "fact" in personal:
        return {"device": claims, "fact": personal["fact"]}
    personal["device"] = claims
    return personal
