"""What a page of the log or of the history is asked for."""

from dataclasses import dataclass
from datetime import datetime

from infrastructure.basis import Moment
from projections.filters import Filter
from projections.paging import Page


@dataclass(frozen=True, slots=True)
class Asked:
    """The question, with the basis of its answer."""

    location: str | None
    """None asks for every location and for what belongs to none."""

    wanted: Filter
    position: int
    now: datetime
    on: Moment = None
    known: Moment = None
    page: Page | None = None
    """None asks for everything."""

    observed: bool = True
    """Whether observations go in: they do in a log, in a history they do not."""

    @property
    def narrow(self) -> bool:
        """Whether few rows are asked for, compared with all there are: a page, or what is about or by somebody."""
        wanted = self.wanted
        return self.page is not None or any((wanted.member, wanted.account, wanted.actor, wanted.device))
