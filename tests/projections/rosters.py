"""A roster folded from a cut and a record."""

from domain.evolution import team_of
from domain.ledger import Cut, Record
from projections.roster import Answer, roster, seen_in


def folded_roster(cut: Cut, record: Record | None = None) -> Answer:
    """Everybody at a cut; dismissals to come are read from the record."""
    return roster(team_of(line.fact for line in cut.lines), seen_in(cut, record))
