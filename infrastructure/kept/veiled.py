"""Names in what is kept: veiled under the key of whom they are about, so that they are gone when the key is."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from domain import canonical
from domain.personal import ERASED, account_subject, member_subject, pseudonym_of
from infrastructure.store.boundary import Boundary
from projections.parts import Part
from projections.said import PLACE, Said
from projections.sayings import PERSONAL, read_said
from projections.written_parts import Slugs, read_part


@dataclass(frozen=True)
class Veiled:
    """Names of one location. A key (`m:` a member, `a:` an account) says whom a text is about."""

    boundary: Boundary
    location: str

    def hide(self, key: str, text: str) -> str:
        """A name or a position as it is kept; a pseudonym, and what is left of one who was erased, is nobody's."""
        subject = _subject(self.location, key)
        if text.startswith(ERASED) and text == pseudonym_of(subject):
            return text
        return self.boundary.veil(subject, text) if self.boundary.has_key(subject) else text

    def show(self, key: str, text: str) -> str:
        """It again; the pseudonym when it was erased this very moment."""
        subject = _subject(self.location, key)
        found = self.boundary.unveil(subject, text)
        return found if found is not None else pseudonym_of(subject)

    def hide_said(self, key: str, said: str) -> str:
        """A register of names as it is kept; that of the place is nobody's."""
        if key == PLACE:
            return said
        content = json.loads(said)
        hidden = {name: self.hide(key, content[name]) for name in content.keys() & PERSONAL}
        return canonical.write({**content, **hidden}).decode() if hidden else said

    def read_said(self, key: str, text: str) -> Said:
        """The register that is kept under a key."""
        return read_said(key, text, self.show)

    def read_parts(self, rows: Sequence[tuple[str, str]], slugs: Slugs) -> list[Part]:
        """The parts that are kept under keys."""
        self.boundary.fetch(text for _, text in rows)
        return [read_part(key, text, slugs, self.show) for key, text in rows]

    def read_all_said(self, rows: Iterable[tuple[str, str]]) -> dict[str, Said]:
        """The registers that are kept, by key."""
        found = list(rows)
        self.boundary.fetch(text for _, text in found)
        return {key: self.read_said(key, text) for key, text in found}


def _subject(location: str, key: str) -> str:
    return member_subject(location, key[2:]) if key.startswith("m:") else account_subject(key[2:])
