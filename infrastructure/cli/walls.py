"""The command `walls`: puts up who may do what in the database, and makes those who sign in there."""

import click
import psycopg

from infrastructure.cli.parts import give, json_option
from infrastructure.settings import Settings
from infrastructure.store import StoreError
from infrastructure.walls.logins import ROLES, Role, make_login
from infrastructure.walls.raising import Gap, gaps, raise_walls
from infrastructure.wiring import open_ledger
from projections.plain import one_line

Login = tuple[str, Role]


class _LoginType(click.ParamType[Login]):
    """`NAME=ROLE`: a name to sign in by, and what it may do."""

    name = "name=role"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Login:
        """Both; wrong usage when there is no such role."""
        name, _, wanted = str(value).partition("=")
        role = next((each for each in ROLES if each == wanted), None)
        if not name or role is None:
            self.fail(f"write it as NAME=ROLE, with one of {', '.join(ROLES)}.", param, ctx)
        return name, role


@click.command()
@click.option(
    "--login",
    "logins",
    type=_LoginType(),
    multiple=True,
    help="Also make a login with one role, or give it a new password; the password is printed once.",
)
@click.option("--dry-run", is_flag=True, help="Only print what is missing; exit code 1 when something is.")
@json_option
@click.pass_obj
def walls(settings: Settings, logins: tuple[Login, ...], *, dry_run: bool, as_json: bool) -> int:
    """Put up the walls in the database: roles, owners, row security, and who may do what; print each thing done.

    Needs a superuser, or who owns the database and may make roles. It can be given again at any time and then does what
    is missing. Afterwards serve as a login of ledger_app; `doctor` says which walls stand.
    """
    done: list[Gap] = []
    made: list[dict[str, str]] = []

    def told(gap: Gap) -> None:
        done.append(gap)
        if not as_json:
            click.echo(f"{gap.wall}: {one_line(gap.statement)}")

    with open_ledger(settings) as application, application.store.connections.take(own=True) as connection:
        try:
            if dry_run:
                for gap in gaps(connection):
                    told(gap)
            else:
                raise_walls(connection, told)
                for name, role in logins:
                    made.append({"login": name, "role": role, "password": make_login(connection, name, role)})
                raise_walls(connection, told)  # what belongs to new logins
        except psycopg.errors.InsufficientPrivilege as error:
            raise StoreError(
                f"This user may not do that ({error.diag.message_primary}). Nothing but roles was changed; give the"
                " command as a superuser, or as who owns the database and may make roles."
            ) from error
    if as_json:
        steps = [{"sentence": gap.sentence, "statement": gap.statement, "wall": gap.wall} for gap in done]
        give({"done": not dry_run, "logins": made, "steps": steps})
        return int(dry_run and bool(done))
    for each in made:
        click.echo(f"{each['login']} signs in as {each['role']} with the password {each['password']}")
    if not done:
        click.echo("All walls stand; nothing had to be done.")
    return int(dry_run and bool(done))
