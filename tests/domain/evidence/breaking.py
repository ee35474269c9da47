"""Builds that are known to be broken: a module of the product with one line of it put differently."""

import importlib.util
from pathlib import Path
from types import ModuleType


def broken(module: ModuleType, old: str, new: str, folder: Path) -> ModuleType:
    """The module with that text, which has to be there exactly once, replaced."""
    assert module.__file__ is not None
    source = Path(module.__file__).read_text(encoding="utf-8")
    assert source.count(old) == 1, f"{module.__name__} has changed: {old!r} is there {source.count(old)} times"
    path = folder / "broken_build.py"
    path.write_text(source.replace(old, new), encoding="utf-8")
    spec = importlib.util.spec_from_file_location("broken_build", path)
    assert spec is not None
    assert spec.loader is not None
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    return build
