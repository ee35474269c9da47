"""The rights catalogue: versioned data with a hash; classify by it, never by the spelling of a slug."""

import csv
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, TypeAlias, get_args

Kind: TypeAlias = Literal[
    "view", "create", "edit", "delete", "manage", "act", "export", "print", "scope", "restriction"
]
BillingClass: TypeAlias = Literal["P", "F", "X", ""]

NARROWING: frozenset[Kind] = frozenset({"scope", "restriction"})
SENSITIVE: frozenset[Kind] = frozenset({"export", "print"})
_COLUMNS = (
    "section",
    "slug",
    "name",
    "kind",
    "parent",
    "scope_type",
    "billing_class",
    "certain",
    "default_roles",
    "legacy_slugs",
)
_LEGACY_BY_HAND = {"users_access": "settings_users_access"}
"""facts.md, section 5.5: this spelling stood for two rights; it means the one of the location."""

_REMARK = re.compile(r"\s*\([^()]*\)$")
_RIGHT_LISTS = ("rights", "granted", "revoked", "rights_before", "rights_after")
_SCOPE_MAPS = ("scopes", "scopes_before", "scopes_after")


class CatalogueError(ValueError):
    """This is not a rights catalogue; the sentence names the line and says what to mend."""


@dataclass(frozen=True, slots=True)
class Right:
    """One row of the catalogue."""

    section: str
    slug: str
    name: str
    kind: Kind
    parent: str | None
    scope_type: str
    billing_class: BillingClass
    certain: bool
    default_roles: frozenset[str]
    legacy_slugs: tuple[str, ...]

    @property
    def short_name(self) -> str:
        """The name without the remark in brackets at its end, for sentences."""
        return _REMARK.sub("", self.name)

    @property
    def sensitive(self) -> bool:
        """Whether it takes data out: exporting and printing."""
        return self.kind in SENSITIVE


@dataclass(frozen=True)
class Catalogue:
    """One version: `rights` holds what can be ticked, `narrowing` the scopes and restrictions, both by slug."""

    version: int
    sha256: str
    rights: Mapping[str, Right]
    narrowing: Mapping[str, Right]
    sections: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """For each right the rights above it, nearest first: all must be ticked for it to be effective."""

    @cached_property
    def below(self) -> tuple[tuple[str, frozenset[str]], ...]:
        """Each right with all the rights above it, in order of slugs."""
        return tuple((slug, frozenset(self.sections[slug])) for slug in sorted(self.rights))

    @cached_property
    def sensitive(self) -> frozenset[str]:
        """The rights that take data out."""
        return frozenset(slug for slug, right in self.rights.items() if right.sensitive)

    @cached_property
    def legacy(self) -> Mapping[str, str]:
        """Older spellings and what they mean; a spelling that is a slug today means that slug (facts.md, 5.5)."""
        current = {**self.rights, **self.narrowing}
        found: dict[str, str] = {}
        for right in current.values():
            for spelling in right.legacy_slugs:
                if spelling not in current:
                    found.setdefault(spelling, right.slug)
        return {**found, **{old: new for old, new in _LEGACY_BY_HAND.items() if new in current}}

    @cached_property
    def short_names(self) -> Mapping[str, str]:
        """By slug what rights, scopes and restrictions are called in sentences."""
        return {slug: right.short_name for slug, right in {**self.rights, **self.narrowing}.items()}

    def defaults_of(self, role: str) -> tuple[str, ...]:
        """The rights that a role starts with, in the catalogue's order."""
        return tuple(slug for slug, right in self.rights.items() if role in right.default_roles)

    def modernise(self, data: dict[str, Any]) -> dict[str, Any]:
        """The `data` of a fact with older spellings of rights and scopes replaced by today's slugs (for imports).

        It is `data` itself where there are none.
        """
        changed: dict[str, Any] = {}
        for key in _RIGHT_LISTS:
            slugs = data.get(key)
            if isinstance(slugs, list) and not self._is_todays(slugs):
                changed[key] = list(dict.fromkeys(self._today(slug) for slug in slugs))
        for key in _SCOPE_MAPS:
            scopes = data.get(key)
            if isinstance(scopes, dict) and not self.legacy.keys().isdisjoint(scopes):
                changed[key] = {self._today(slug): value for slug, value in scopes.items()}
        inner = data.get("fact")
        if isinstance(inner, dict) and isinstance(inner.get("data"), dict):
            said = self.modernise(inner["data"])
            if said is not inner["data"]:
                changed["fact"] = {**inner, "data": said}
        return {**data, **changed} if changed else data

    def _is_todays(self, slugs: list[Any]) -> bool:
        """Whether nothing in a list of rights is to be replaced; so it is where something in it is no text."""
        if not all(type(slug) is str for slug in slugs):
            return True
        return self.legacy.keys().isdisjoint(slugs) and len(set(slugs)) == len(slugs)

    def _today(self, slug: str) -> str:
        return self.legacy.get(slug, slug)


def read_catalogue(version: int, content: bytes) -> Catalogue:
    """The catalogue that a CSV file holds. CatalogueError names the line that is wrong."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise CatalogueError(f"the catalogue is not UTF-8 (byte {error.start + 1})") from None
    rows: dict[str, Right] = {}
    reader = csv.DictReader(text.splitlines(), strict=True)
    try:
        if tuple(reader.fieldnames or ()) != _COLUMNS:
            raise CatalogueError(f"line 1: the columns of a catalogue are {', '.join(_COLUMNS)}")
        for row in reader:
            right = _read_row(row, reader.line_num)
            if right.slug in rows:
                raise CatalogueError(f"line {reader.line_num}: the slug {right.slug} is there twice")
            rows[right.slug] = right
    except csv.Error as error:
        raise CatalogueError(f"line {reader.line_num}: {error}") from None
    rights = {slug: right for slug, right in rows.items() if right.kind not in NARROWING}
    return Catalogue(
        version=version,
        sha256=hashlib.sha256(content).hexdigest(),
        rights=rights,
        narrowing={slug: right for slug, right in rows.items() if right.kind in NARROWING},
        sections={slug: _above(slug, rows) for slug in rights},
    )


def _read_row(row: Mapping[str, str | None], line: int) -> Right:
    if None in row or None in row.values():
        raise CatalogueError(f"line {line}: this row does not have {len(_COLUMNS)} columns")
    cells = {key: value or "" for key, value in row.items()}
    if cells["kind"] not in get_args(Kind):
        raise CatalogueError(f"line {line}: {cells['kind']!r} is not a kind of right")
    if cells["billing_class"] not in get_args(BillingClass):
        raise CatalogueError(f"line {line}: {cells['billing_class']!r} is not a billing class (P, F, X or nothing)")
    if (cells["billing_class"] == "") != (cells["kind"] in NARROWING):
        raise CatalogueError(f"line {line}: rights have a billing class, scopes and restrictions have none")
    if not cells["slug"] or cells["certain"] not in {"yes", "no"}:
        raise CatalogueError(f"line {line}: a right has a slug, and yes or no under certain")
    return Right(
        section=cells["section"],
        slug=cells["slug"],
        name=cells["name"],
        kind=cells["kind"],  # type: ignore[arg-type] # checked against the kinds above
        parent=cells["parent"] or None,
        scope_type=cells["scope_type"],
        billing_class=cells["billing_class"],  # type: ignore[arg-type] # checked against the classes above
        certain=cells["certain"] == "yes",
        default_roles=frozenset(cells["default_roles"].split()),
        legacy_slugs=tuple(cells["legacy_slugs"].split()),
    )


def _above(slug: str, rows: Mapping[str, Right]) -> tuple[str, ...]:
    found: list[str] = []
    parent = rows[slug].parent
    while parent is not None:
        if parent == slug or parent in found:
            raise CatalogueError(f"the parents of {slug} go in a circle: {' -> '.join([slug, *found, parent])}")
        if parent not in rows:
            raise CatalogueError(f"{slug} has the parent {parent}, which is not in the catalogue")
        if rows[parent].kind in NARROWING:
            raise CatalogueError(f"{slug} has the parent {parent}, which is a scope; a section is a right")
        found.append(parent)
        parent = rows[parent].parent
    return tuple(found)
