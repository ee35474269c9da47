"""The cases as files: whatever lies in cases/ and commands/ is read, so a new file needs no new code."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias

Content: TypeAlias = dict[str, Any]

HERE = Path(__file__).resolve().parent
_INSTANTS = ("recorded_at", "effective_at", "on", "known", "at")


def case_files() -> list[Path]:
    """Facts in, answers out."""
    return sorted((HERE / "cases").glob("*.json"), key=_in_order)


def command_files() -> list[Path]:
    """Facts and a command in, facts or a refusal out."""
    return sorted((HERE / "commands").glob("*.json"), key=_in_order)


def _in_order(path: Path) -> tuple[str, int, str]:
    letters = path.stem.rstrip("0123456789")
    return letters, int(path.stem.removeprefix(letters) or 0), path.stem


def load(path: Path) -> Content:
    """One case. A file that is not JSON is refused with its name."""
    try:
        found: Content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path.name} is not a JSON file: {error}") from None
    return found


def as_lines(facts: list[Content]) -> bytes:
    """The facts as a file that can be imported: one a line."""
    return "".join(json.dumps(fact, ensure_ascii=False) + "\n" for fact in facts).encode()


def end_of(case: Content) -> datetime:
    """What "now" means in a case: a day after everything that it speaks of."""
    return max([datetime(2020, 1, 1, tzinfo=UTC), *_instants(case)]) + timedelta(days=1)


def after(facts: list[Content]) -> datetime:
    """A moment at which all of these facts have been recorded."""
    return max(instant(fact["recorded_at"]) for fact in facts) + timedelta(microseconds=1)


def instant(text: str) -> datetime:
    """An instant as the cases write it; a date is its end, as far east or west as there are clocks."""
    if "T" in text:
        return datetime.fromisoformat(text).astimezone(UTC)
    return datetime.fromisoformat(text).replace(tzinfo=UTC) + timedelta(hours=36)


def _instants(content: Any) -> Iterator[datetime]:
    if isinstance(content, dict):
        for key, value in content.items():
            if key in _INSTANTS and isinstance(value, str):
                yield instant(value)
            else:
                yield from _instants(value)
    elif isinstance(content, list):
        for value in content:
            yield from _instants(value)
