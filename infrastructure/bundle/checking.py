"""Checks a bundle offline: signatures, completeness, every fact, and every answer counted once more from the facts."""

import gc
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain import canonical
from domain.evidence.notes import NoteError
from domain.facts import CataloguePublished, DataExported
from domain.instants import read_instant
from domain.ledger import lines_of
from infrastructure.bundle import layout
from infrastructure.bundle.archive import ArchiveError, unpack
from infrastructure.bundle.compared import complaints_of
from infrastructure.bundle.disclosed import Disclosure, dated, disclosure
from infrastructure.bundle.findings import Finding, Report, judged
from infrastructure.bundle.manifest import about, digests
from infrastructure.bundle.own import Own
from infrastructure.bundle.page import Shown, page
from infrastructure.bundle.proven import Trust, earlier_of, proven, seen_at
from infrastructure.bundle.reading import (
    Bundle,
    Manifest,
    Signed,
    UnreadableError,
    read_bundle,
    read_manifest,
    read_signed,
)
from infrastructure.bundle.readme import readme
from infrastructure.bundle.recounting import Recount
from infrastructure.bundle.verifier import log_key, witness_key

NAMES = (
    "archive",
    "manifest",
    "digests",
    "form",
    "signature",
    "witnesses",
    "consistency",
    "head",
    "newest",
    "complete",
    "terms_head",
    "terms_newest",
    "terms_complete",
    "positions",
    "disclosed",
    "bodies",
    "commitments",
    "readable",
    "kinds",
    "places",
    "dates",
    "export",
    "catalogue",
    "answers",
    "page",
    "replayer",
)
"""Everything that a check looks at."""

_SAME = "Every file is the one that the manifest names."


def trust_in(key: str, witnesses: tuple[str, ...] = (), earlier: bytes | None = None) -> Trust:
    """What an auditor brings along, from vkeys and a note. NoteError when one of them is none."""
    try:
        before = read_signed("the earlier checkpoint", earlier) if earlier is not None else None
    except UnreadableError as error:
        raise NoteError(str(error)) from None
    return Trust(log_key(key), tuple(map(witness_key, witnesses)), before)


def check(data: bytes, trust: Trust, own: Own) -> Report:
    """What of a bundle holds, by the keys that the auditor brings; nothing in the bundle is believed or executed."""
    # Python looks for cycles ever again while many objects are made, and there are none: a quarter of the time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return Report(tuple(_check(data, trust, own)))
    finally:
        if collecting:
            gc.enable()


def _check(data: bytes, trust: Trust, own: Own) -> Iterator[Finding]:
    """One finding after the other. What a broken thing makes impossible to look at is not looked at."""
    try:
        files = unpack(data)
    except ArchiveError as error:
        yield Finding("archive", holds=False, sentence=f"This is not a bundle: {error}.")
        return
    yield Finding("archive", holds=True, sentence=f"The file is a bundle of {len(files)} files, and of nothing else.")
    try:
        manifest = read_manifest(files.get(layout.MANIFEST, b""))
        yield from judged("digests", _changed(files, manifest), _SAME)
        bundle = read_bundle(files, manifest)
    except UnreadableError as error:
        name = "manifest" if error.name == layout.MANIFEST else "form"
        yield Finding(name, holds=False, sentence=f"The bundle cannot be read: {error}.")
        return
    yield Finding("form", holds=True, sentence="Every file is in its one form.")
    yield from proven(bundle, trust)
    found, findings = disclosure(bundle)
    yield from findings
    yield from dated(found, *_bounds(bundle, trust))
    yield from _answered(bundle, found, own)
    yield from _as_the_program_makes(bundle, own)


def _changed(files: Mapping[str, bytes], manifest: Manifest) -> Iterator[str]:
    own = digests(files)
    yield from (
        f"{name} is not in the bundle, and the manifest names it." for name in sorted(manifest.files.keys() - own)
    )
    for name, digest in own.items():
        if name not in manifest.files:
            yield f"{name} is in the bundle, and the manifest does not name it."
        elif manifest.files[name] != digest:
            yield f"{name} is not the file that the manifest names: it was changed."


def _bounds(bundle: Bundle, trust: Trust) -> tuple[int | None, datetime | None]:
    """Up to which position the location's facts were in the earlier checkpoint, and when a witness saw that."""
    earlier = earlier_of(bundle, trust)
    if earlier is None or bundle.signed is None:
        return None, None
    if earlier.checkpoint == bundle.signed.checkpoint:
        size = len(bundle.place.leaves)
    else:
        size = bundle.earlier_head.head.size if bundle.earlier_head is not None else 0
    before = bundle.place.leaves[:size]
    return (before[-1].position if before else 0), seen_at(earlier, trust)


@dataclass(frozen=True, slots=True)
class _Basis:
    """The fact of the export itself, which says what was asked and when; and the last position that goes in."""

    at: datetime
    position: int


def _answered(bundle: Bundle, found: Disclosure, own: Own) -> Iterator[Finding]:
    basis, complaints = _export(bundle, found)
    yield from judged("export", complaints, "The ledger holds that this very question was asked, and when.")
    unknown = list(_catalogues(bundle, found, own))
    otherwise = "The rights catalogue, and the terms, are those that this program has."
    yield from judged("catalogue", unknown, otherwise)
    if basis is None or _unknown_versions(found, own):
        yield Finding("answers", holds=False, sentence="The answers cannot be counted again; see above.")
        return
    asked, point = bundle.manifest.asked, (basis.at, basis.position)
    recount = Recount(asked, found.entries, found.unread, own.catalogues, point)
    answers = recount.answers()
    given = bundle.files.get(layout.ANSWERS, b"")
    same = canonical.write(answers) + b"\n" == given
    says = about(asked, bundle.manifest.content["export"], point, recount, own, signed=bundle.signed is not None)
    given_says = bundle.manifest.content
    wrong = [key for key, value in says.items() if canonical.write(given_says[key]) != canonical.write(value)]
    complaints = [f"The manifest says of `{key}` what does not follow from the facts." for key in wrong]
    yield from judged("manifest", complaints, "The manifest says what follows from the facts.")
    days = "1 day" if asked.days == 1 else f"{asked.days} days"
    yield from judged(
        "answers",
        [] if same else complaints_of(answers, given),
        f"The seats of {days}, at both clocks, follow from the facts: counted again, byte for byte the same.",
    )
    note = bundle.signed.note.written() if bundle.signed is not None else None
    drawn = page(Shown({**says, "files": {}}, answers, note, own.catalogues[max(own.catalogues)]))
    yield from judged(
        "page",
        [] if bundle.files.get(layout.PAGE) == drawn else [_not_ours(layout.PAGE, "do not rely on it", bundle, own)],
        "The page says what was counted here, and nothing else.",
    )


def _export(bundle: Bundle, found: Disclosure) -> tuple[_Basis | None, list[str]]:
    """What the fact of the export says; the question cannot be another one than that."""
    content, asked = bundle.manifest.content, bundle.manifest.asked
    entry = found.observation(str(content["export"]))
    position = max((leaf.position for tree in (bundle.place, bundle.terms) for leaf in tree.leaves), default=0)
    if entry is None or not isinstance(entry.fact.data, DataExported):
        at = _instant(content["answered_at"])
        basis = _Basis(at, position) if at is not None else None
        return basis, ["The fact that this bundle was exported is not among the disclosed facts."]
    data = entry.fact.data
    complaints = []
    if (data.what, data.format, data.rows) != (asked.said(), "zip", asked.days):
        complaints.append(f"What was exported is “{data.what}”, and this bundle says that it is “{asked.said()}”.")
    return _Basis(entry.fact.recorded_at, position), complaints


def _catalogues(bundle: Bundle, found: Disclosure, own: Own) -> Iterator[str]:
    for version in _unknown_versions(found, own):
        yield f"Version {version} of the rights catalogue was published, and this program does not have it: update it."
    for data in _published(found):
        if data.version in own.catalogues and own.catalogues[data.version].sha256 != data.sha256:
            yield f"Version {data.version} of the rights catalogue was published with another content than this one"
    for name, content in bundle.files.items():
        number = layout.catalogue_version(name)
        if number is not None and own.catalogue_files.get(number) != content:
            yield f"{name} is not the rights catalogue that this program has as version {number}."
    used = bundle.manifest.content["catalogues"]
    for version in used if isinstance(used, dict) else ():
        if f"{layout.CATALOGUES}rights_v{version}.csv" not in bundle.files:
            yield f"Version {version} of the rights catalogue is missing."


def _unknown_versions(found: Disclosure, own: Own) -> list[int]:
    return sorted({data.version for data in _published(found)} - own.catalogues.keys())


def _published(found: Disclosure) -> list[CataloguePublished]:
    """Every catalogue that a fact names, corrected ones included."""
    lines = (line.fact.data for entry in found.entries for line in lines_of(entry, 0))
    return [data for data in lines if isinstance(data, CataloguePublished)]


def _as_the_program_makes(bundle: Bundle, own: Own) -> Iterator[Finding]:
    """What is in every bundle of this version: said to be changed when it is not the same."""
    expected = {layout.REPLAYER: own.replayer, layout.README: readme(), **own.kit}
    there = {name: content for name, content in bundle.files.items() if name in expected or name.startswith(layout.KIT)}
    other = sorted(name for name in expected.keys() | there.keys() if expected.get(name) != there.get(name))
    complaints = (_not_ours(name, "do not run it", bundle, own) for name in other)
    yield from judged("replayer", complaints, "The replayer, the kit and README.txt are those of this program.")


def _not_ours(name: str, advice: str, bundle: Bundle, own: Own) -> str:
    made_by = bundle.manifest.content["program"]
    other = f" The bundle was made by version {made_by}, this is {own.program}: check it with that one."
    return f"{name} is not the one that this program makes: {advice}.{other if made_by != own.program else ''}"


def _instant(said: Any) -> datetime | None:
    try:
        return read_instant(said)
    except (TypeError, ValueError):
        return None


__all__ = ["NAMES", "Report", "Signed", "check", "trust_in"]
