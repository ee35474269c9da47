"""The auditor's kit on a bundle that comes out of a ledger: the demo's dispute."""

from pathlib import Path

from infrastructure.bundle.archive import unpack
from infrastructure.evidence.kit import kit_files
from tests.infrastructure.bundle.disputing import Dispute
from tests.infrastructure.evidence.kit import opinions
from tests.infrastructure.evidence.kit.folders import unpacked


def test_go_and_shell_take_the_bundle_of_the_demo_s_dispute_and_no_changed_one(
    dispute: Dispute, tmp_path: Path
) -> None:
    go, shell = opinions.go(tmp_path), opinions.shell(tmp_path)
    files = unpack(dispute.bundle().data)
    assert {name.removeprefix("kit/"): files[name] for name in files if name.startswith("kit/")} == kit_files()
    where = unpacked(files, tmp_path / "bundle")
    said = go(where, dispute.vkey)
    assert said.item is None
    assert said.said.count("and no newer one follows.") == 2
    assert shell(where, dispute.vkey) == said
    lines = files["bodies"].split(b"\n")
    number = next(number for number, line in enumerate(lines) if b'"person"' in line)
    lines[number] = lines[number].replace(b'"person"', b'"system"', 1)
    changed = unpacked({**files, "bodies": b"\n".join(lines)}, tmp_path / "changed")
    item = f"bodies, line {number + 1}"
    assert go(changed, dispute.vkey).item == shell(changed, dispute.vkey).item == item
