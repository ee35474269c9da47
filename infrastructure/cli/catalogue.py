"""The rights catalogue: look at the one that ships, or check a file that is to become one."""

from pathlib import Path

import click

from domain.catalogue import Catalogue, read_catalogue
from infrastructure.catalogues import shipped_catalogues
from infrastructure.cli.parts import give, json_option

_LARGEST = 10_000_000


@click.command()
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
def catalogue(file: Path | None, as_json: bool) -> None:
    """Show the versions of the rights catalogue, or check FILE: columns, slugs, parents, classes.

    Prints the SHA-256 that a CataloguePublished fact names.
    """
    if file is not None:
        with file.open("rb") as source:
            content = source.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise click.ClickException(f"This file is larger than {_LARGEST:,} bytes, more than any catalogue.")
        found = [read_catalogue(max(shipped_catalogues()) + 1, content)]
    else:
        found = list(shipped_catalogues().values())
    if as_json:
        return give({"catalogues": [_summary(each) for each in found]})
    for each in found:
        told = _summary(each)
        click.echo(f"version {told['version']}: {told['rights']} rights, {told['scopes']} scopes and restrictions")
        click.echo(f"  billing classes: {told['paid']} paid, {told['free']} free, {told['exempt']} exempt")
        click.echo(f"  sha256 {told['sha256']}")
    return None


def _summary(found: Catalogue) -> dict[str, object]:
    classes = [right.billing_class for right in found.rights.values()]
    return {
        "version": found.version,
        "sha256": found.sha256,
        "rights": len(found.rights),
        "scopes": len(found.narrowing),
        "paid": classes.count("P"),
        "free": classes.count("F"),
        "exempt": classes.count("X"),
    }
