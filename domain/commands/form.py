"""What every form of a command's data shares."""

from typing import ClassVar

from domain.facts.form import Form, Identifier


class Request(Form):
    """The `data` of a command."""

    somewhere: ClassVar[bool] = True
    """Whether the command is given to one location, named in its envelope."""


class OfMember(Request):
    """A command about one member that needs nothing else."""

    member: Identifier


class OfAccount(Request):
    """A command about one account that needs nothing else."""

    account: Identifier
