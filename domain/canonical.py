"""The one written form of JSON: the same content is the same bytes, for ever (RFC 8785 for what the ledger accepts)."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from pydantic_core import from_json, to_json

from domain.limits import FREE_OBJECT_DEPTH, FREE_OBJECT_KEYS, LARGEST_INTEGER

Json: TypeAlias = bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"] | None

_SMALLEST_DECIMAL, _LARGEST_DECIMAL = 1e-4, 1e15
_HALF = re.compile(r"\\u[dD][89a-fA-F]|[\ud800-\udfff]")
"""What every text with half a character has in it, and few others."""

_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))


class NotCanonicalError(ValueError):
    """This JSON cannot be kept as written; the sentence says which part and what to write instead."""


def write(content: object) -> bytes:
    """Sorted keys, no spaces, UTF-8. What goes in was read by `read` or comes from the ledger's own types."""
    return _ENCODER.encode(content).encode("utf-8")


def write_in_order(content: object) -> bytes:
    """The same bytes for content whose keys are in order already, and which holds no number with decimals."""
    return to_json(content)


def read(line: bytes | str) -> Any:
    """The content of one JSON text.

    NotCanonicalError when it is not UTF-8, not JSON, names a key twice, or holds a number or a text that other
    readers would change.
    """
    try:
        text = line.decode("utf-8") if isinstance(line, bytes) else line
    except UnicodeDecodeError as error:
        raise NotCanonicalError(f"this is not UTF-8 (byte {error.start + 1}); save the file as UTF-8") from None
    try:
        content = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        why = "unexpected utf-8 bom (decode using utf-8-sig)" if text.startswith("\ufeff") else error.msg.lower()
        raise NotCanonicalError(f"this is not whole JSON: {why} (column {error.colno})") from None
    except RecursionError:
        raise NotCanonicalError("this JSON is nested too deep to be a fact or a command") from None
    # Bytes that were UTF-8 hold half a character only as an escape; most lines have none, and a plain search is quick.
    if ("\\u" in text or isinstance(line, str)) and _HALF.search(text) is not None:
        check_written(content)
    return content


def read_compact(line: bytes) -> Any:
    """The content of JSON without spaces and with each key once, its numbers not judged yet; None for anything else.

    What writes as the very same bytes again was not changed by the reading: a key that is there twice would be gone.
    """
    try:
        content = from_json(line, allow_inf_nan=False)
        return content if to_json(content) == line else None
    except ValueError:
        return None


def read_written(text: bytes | str) -> Any:
    """The content of what `write` wrote itself: nothing in it is judged again."""
    return from_json(text, cache_strings="keys")


def check_written(content: object) -> None:
    """NotCanonicalError when content that was not read by `read` cannot be written."""
    try:
        write(content)
    except UnicodeEncodeError:
        raise NotCanonicalError("a text with half a character (a lone surrogate) cannot be kept") from None
    except (TypeError, ValueError, RecursionError) as error:
        raise NotCanonicalError(f"this is not JSON: {error}") from None


def check_free(content: Json, *, depth: int = 0) -> None:
    """NotCanonicalError when a free value (a record's fields, a scope) holds what the ledger cannot keep."""
    if depth > FREE_OBJECT_DEPTH:
        raise NotCanonicalError(f"nested deeper than {FREE_OBJECT_DEPTH} levels")
    if isinstance(content, str):
        check_text(content)
    elif isinstance(content, Mapping):
        if len(content) > FREE_OBJECT_KEYS:
            raise NotCanonicalError(f"more than {FREE_OBJECT_KEYS} keys")
        for key, value in content.items():
            check_text(key)
            if any(character > "\uffff" for character in key):
                raise NotCanonicalError(f"the key {key!r} has a character outside the basic plane")
            check_free(value, depth=depth + 1)
    elif isinstance(content, Sequence):
        for value in content:
            check_free(value, depth=depth + 1)


def check_text(text: str) -> str:
    """The text itself; NotCanonicalError when it holds half a character (a lone surrogate)."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise NotCanonicalError("a text with half a character (a lone surrogate) cannot be kept") from None
    return text


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise NotCanonicalError(f"the key {twice!r} is there twice")
    return found


def _integer(digits: str) -> int:
    if len(digits) > len(str(LARGEST_INTEGER)) + 1 or abs(int(digits)) > LARGEST_INTEGER:
        raise NotCanonicalError(f"the number {digits[:40]} is larger than JSON readers keep; write it as a string")
    return int(digits)


def _decimal(digits: str) -> int | float:
    number = float(digits)
    if number == int(number) if abs(number) <= LARGEST_INTEGER else False:
        return int(number)
    if not _SMALLEST_DECIMAL <= abs(number) < _LARGEST_DECIMAL:
        raise NotCanonicalError(f"the number {digits[:40]} has no single short form; write it as a string")
    return number


def _refuse(constant: str) -> Any:
    raise NotCanonicalError(f"{constant} is not a JSON number")


# Made once: json.loads would make one for every line.
_DECODER = json.JSONDecoder(
    object_pairs_hook=_each_key_once, parse_float=_decimal, parse_int=_integer, parse_constant=_refuse
)
