"""Text that stays on its line: what would break a line or turn it around is shown instead of done."""

import re

_UNPLAIN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ud800-\udfff]")
_FAMILIAR = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}
_SHOWN = 60


def one_line(text: str) -> str:
    r"""The text with control, line-breaking and direction-changing characters written as escapes (\n, \x1b, \u202e)."""
    return _UNPLAIN.sub(_escape, text)


def clip(text: str, length: int = _SHOWN) -> str:
    """The text, or its beginning and an ellipsis."""
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    if character in _FAMILIAR:
        return _FAMILIAR[character]
    return f"\\x{ord(character):02x}" if character < "\u0100" else f"\\u{ord(character):04x}"
