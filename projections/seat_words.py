"""The reasons and notes of a seat in words, as every reader of a billing list sees them."""

from collections.abc import Mapping
from typing import Any

from domain.catalogue import Catalogue
from projections.explanation import OUTCOMES

NOTES: Mapping[str, str] = {
    "pending_invitation": "the invitation is not accepted yet",
    "access_outlives_dismissal": "still has access although {member} left the team",
    "unlinked_twin": "there is another row of the same name; link them?",
    "lapsed_subscription": "The subscription has lapsed; its terms go on.",
    "unknown_rights": "Some rights are unknown to the catalogue in force and are not billed.",
    "quarantined": "Some stored rows cannot be read by this program and were left aside; run verify.",
}
COUNTED: Mapping[str, str] = {
    "ineffective_right": "{count} ticked without effect, a section above is off: {rights}",
    "unknown_right": "{count} unknown to the rights catalogue: {rights}",
    "sensitive_right": "{count} that may take data out: {rights}",
}
"""Notes that come once for each right are said in one line."""


def grouped(reasons: list[Mapping[str, Any]], catalogue: Catalogue) -> list[tuple[str, tuple[str, ...]]]:
    """Reasons in words, those that rest on the same facts together."""
    rights: dict[tuple[str, ...], list[str]] = {}
    out: list[tuple[str, tuple[str, ...]]] = []
    for reason in reasons:
        because = tuple(reason["because"])
        if reason["code"] == "right":
            rights.setdefault(because, []).append(reason["right"])
        else:
            out.append((OUTCOMES[reason["code"]], because))
    for because, slugs in rights.items():
        count = "a paid right" if len(slugs) == 1 else f"{len(slugs)} paid rights"
        out.append((f"{count}: {_named(slugs, catalogue)}", because))
    joined: dict[tuple[str, ...], list[str]] = {}
    for words, because in out:
        joined.setdefault(because, []).append(words)
    return [("; ".join(words), because) for because, words in joined.items()]


def row_notes(notes: list[Mapping[str, Any]], catalogue: Catalogue) -> list[str]:
    """The notes of a row in words; those that come once for each right in one line."""
    out = [worded(note) for note in notes if note["code"] in NOTES]
    for code, words in COUNTED.items():
        slugs = [note["right"] for note in notes if note["code"] == code]
        if slugs:
            count = "one right" if len(slugs) == 1 else f"{len(slugs)} rights"
            out.append(words.format(count=count, rights=_named(slugs, catalogue)))
    return out


def _named(slugs: list[str], catalogue: Catalogue) -> str:
    """The first rights by name, the rest counted."""
    names = [catalogue.rights[slug].short_name if slug in catalogue.rights else slug for slug in slugs]
    shown = ", ".join(f"'{name}'" for name in names[:2])
    return shown + (f" and {len(names) - 2} more" if len(names) > 2 else "")


def worded(note: Mapping[str, Any]) -> str:
    """A note that needs no counting, in words."""
    return NOTES[note["code"]].format(**{"member": "", **note})
