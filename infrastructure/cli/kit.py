"""The command `kit`: the auditor's kit as files in a folder."""

from hashlib import sha256
from pathlib import Path

import click

from infrastructure.cli.parts import give, json_option
from infrastructure.evidence.kit import kit_files

_TO_READ, _TO_RUN = 0o644, 0o755


@click.command()
@click.option(
    "-o",
    "--output",
    "folder",
    required=True,
    metavar="FOLDER",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where to put the files; made if it is not there.",
)
@json_option
def kit(folder: Path, as_json: bool) -> None:
    """Write the auditor's kit: programs of others that check the proofs of a bundle, and how to use them.

    Start with its README. Nothing is overwritten.
    """
    files = kit_files()
    folder.mkdir(parents=True, exist_ok=True)
    there = [name for name in files if (folder / name).exists()]
    if there:
        raise click.ClickException(f"{folder / there[0]} is there already; name another folder, or move it away.")
    for name, content in files.items():
        path = folder / name
        path.write_bytes(content)
        path.chmod(_TO_RUN if name.endswith(".sh") else _TO_READ)
    digests = {name: sha256(content).hexdigest() for name, content in files.items()}
    if as_json:
        return give({"files": [{"name": name, "sha256": digest} for name, digest in digests.items()]})
    for name, digest in digests.items():
        click.echo(f"{digest}  {folder / name}")
    return None
