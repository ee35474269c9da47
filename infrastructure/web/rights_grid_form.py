"""What a grid of rights says when it is sent: what to tick, what to clear, which limits; against what was drawn."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData

from domain import canonical
from domain.catalogue import Catalogue
from infrastructure.web.actions_fields import text, texts

_LISTS = frozenset({"allowed_ids", "allowed_ip"})


class UnreadableLimitError(ValueError):
    """What was typed for a limit is nothing that a limit can be; the sentence says what can."""


@dataclass(frozen=True, slots=True)
class Ticked:
    """A grid as it was sent."""

    chosen: frozenset[str]
    had: frozenset[str]
    """What was ticked when the page was drawn: what others have changed since then stays as they left it."""

    typed: Mapping[str, str]
    """By scope what was typed."""

    had_limits: Mapping[str, Any]

    def data(self, account: str, catalogue: Catalogue) -> dict[str, Any]:
        """The data of the command. UnreadableLimitError when a limit cannot be read."""
        found: dict[str, Any] = {
            "account": account,
            "granted": sorted(self.chosen - self.had),
            "revoked": sorted(self.had - self.chosen),
        }
        limits = self._limits(catalogue)
        return {**found, "scopes": limits} if limits != self.had_limits else found

    def _limits(self, catalogue: Catalogue) -> dict[str, Any]:
        """The whole set of limits: what the page does not show stays."""
        out = {slug: value for slug, value in self.had_limits.items() if slug not in catalogue.narrowing}
        for slug, limit in catalogue.narrowing.items():
            words = self.typed.get(slug, "").strip()
            if words:
                before = self.had_limits.get(slug)
                out[slug] = (
                    before if before is not None and words == shown(before) else _read(slug, limit.scope_type, words)
                )
        return out


def read(form: FormData) -> Ticked:
    """The grid that a form holds."""
    had_limits: object = None
    with suppress(canonical.NotCanonicalError):
        had_limits = canonical.read((text(form, "had_limits") or "{}").encode())
    return Ticked(
        frozenset(texts(form, "right")),
        frozenset((text(form, "had") or "").split()),
        {key.removeprefix("limit."): str(value) for key, value in form.items() if key.startswith("limit.")},
        had_limits if isinstance(had_limits, dict) else {},
    )


def shown(value: Any) -> str:
    """The value of a limit as it is typed."""
    return ", ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)


def _read(slug: str, kind: str, words: str) -> Any:
    if kind in _LISTS:
        return [_number_or_id(part.strip()) for part in words.split(",") if part.strip()]
    if kind == "allowed_id":
        return _number_or_id(words)
    try:
        return int(words)
    except ValueError:
        raise UnreadableLimitError(f"The limit {slug} takes a number, not {words!r}.") from None


def _number_or_id(words: str) -> int | str:
    return int(words) if words == "0" else words
