"""The command line: `accessledger`, with its options, its exit codes and its one way of reporting errors."""

import os
import signal
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from domain.catalogue import CatalogueError
from domain.facts import InvalidFactError
from infrastructure.books import NotFoundError, NotSettledError
from infrastructure.cli.bringing import import_facts, submit
from infrastructure.cli.bundles import bundle, check
from infrastructure.cli.catalogue import catalogue
from infrastructure.cli.checking import verify
from infrastructure.cli.demo import demo
from infrastructure.cli.doctor import doctor
from infrastructure.cli.erasing import ERASING
from infrastructure.cli.keeping import KEEPING
from infrastructure.cli.kit import kit
from infrastructure.cli.people import PEOPLE
from infrastructure.cli.publishing import publish
from infrastructure.cli.questions import QUESTIONS
from infrastructure.cli.retaining import retain
from infrastructure.cli.sealing import seal
from infrastructure.cli.serving import SERVING
from infrastructure.cli.signing import signer
from infrastructure.cli.stamping import stamp
from infrastructure.cli.streams import let_go_of_output, open_streams
from infrastructure.cli.walls import walls
from infrastructure.cli.webhooks import webhooks
from infrastructure.cli.witnessing import witness
from infrastructure.desk import ConflictError
from infrastructure.embedded import EmbeddedServerError
from infrastructure.kept.projector import KeptOutdatedError
from infrastructure.kept.rebuild import RebuildRunningError
from infrastructure.kept.rows import KeptTablesDifferError
from infrastructure.settings import read_settings
from infrastructure.store import StoreError
from projections.plain import one_line

REFUSED = 1
INTERRUPTED = 130

_EXPECTED = (
    NotFoundError,
    NotSettledError,
    InvalidFactError,
    CatalogueError,
    ConflictError,
    KeptOutdatedError,
    KeptTablesDifferError,
    RebuildRunningError,
    EmbeddedServerError,
    StoreError,
    OSError,
)
"""What can go wrong in the world; each message is a sentence for a person. Anything else is a fault of ours."""


class _Group(click.Group):
    def invoke(self, ctx: click.Context) -> Any:
        """As ever; but whoever reads our output (a pager, `head`) may have seen enough, which is no failure."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            let_go_of_output()
            ctx.exit(0)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option(
    "--database",
    metavar="URL",
    help="A PostgreSQL database, 15 to 18 (else ACCESSLEDGER_DATABASE_URL, else the embedded one).",
)
@click.version_option(package_name="accessledger")
@click.pass_context
def cli(context: click.Context, database: str | None) -> None:
    """Who could do what, who was a billable seat and why, at any point of two times: when it held, when it was known.

    Times are instants (2026-03-03T14:02:00Z) or dates (2026-03-03: the end of that day where the location is).
    Exit codes: 0 fine, 1 refused or not found, 2 wrong usage.
    """
    if os.environ.get("NO_COLOR"):
        context.color = False
    context.obj = read_settings(database_url=database)


_SERVED = (*SERVING, *PEOPLE, webhooks, signer, witness, stamp, publish)
_CHECKED = (verify, seal, retain, bundle, check, kit, doctor, walls, catalogue)
for command in (demo, import_facts, *QUESTIONS, *KEEPING, *_SERVED, *ERASING, submit, *_CHECKED):
    cli.add_command(command)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and end the process with its exit code."""
    open_streams()
    signal.signal(signal.SIGTERM, _end)
    code = run(arguments)
    try:
        sys.stdout.flush()
    except OSError:
        # What a full disk has not taken is tried, and complained of, once more when the process ends.
        let_go_of_output()
    sys.exit(code)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code. Errors are one sentence on standard error, never a traceback."""
    try:
        result: Any = cli.main(args=arguments, prog_name="accessledger", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Abort:
        return _say("interrupted", INTERRUPTED)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return error.exit_code
    except click.ClickException as error:
        return _say(_with_help(error), error.exit_code)
    except BrokenPipeError:
        let_go_of_output()
        return 0
    except _EXPECTED as error:
        return _say(_sentence(error), REFUSED)
    except Exception as error:
        request = asked_to_end(error)
        if request is None:
            raise
        if isinstance(request, SystemExit):
            return INTERRUPTED
        click.echo(err=True)  # away from the ^C, as click does
        return _say("interrupted", INTERRUPTED)
    return int(result) if isinstance(result, int) else 0


def asked_to_end(error: BaseException) -> BaseException | None:
    """The request to end that an error hides: raised inside a form's own code it comes out as an error of the form."""
    seen: BaseException | None = error
    while seen is not None and not isinstance(seen, SystemExit | KeyboardInterrupt):
        seen = seen.__cause__ or seen.__context__
    return seen


def _with_help(error: click.ClickException) -> str:
    """The sentence of a wrong usage, and where to read on."""
    sentence = error.format_message()
    if isinstance(error, click.UsageError) and error.ctx is not None:
        return f"{sentence.rstrip('.')} (see {error.ctx.command_path} --help)."
    return sentence


def _sentence(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    return str(error) or type(error).__name__


def _say(sentence: str, code: int) -> int:
    click.echo(f"Error: {one_line(sentence)}", err=True)
    return code


def _end(_signal: int, _frame: object) -> NoReturn:
    """A polite request to end: leave by the front door, so that the embedded server is given back."""
    raise SystemExit(INTERRUPTED)
