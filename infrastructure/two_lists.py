"""Two billing lists of a location side by side: looked up where they are kept, and the facts that tell them apart."""

from datetime import datetime

from domain.ledger import AsOf
from domain.readings import Readings
from domain.seating import Seating
from infrastructure.basis import Answer, Basis
from infrastructure.kept.kept import Kept, Place
from projections.citation import Citation
from projections.difference import Difference, both_sides, concerned, summary


def kept_lists(kept: Kept, place: Place, one: AsOf, other: AsOf, readings: Readings) -> tuple[Seating, Seating]:
    """Both lists, with as many facts in their cuts as it takes to say why they differ."""
    before = Seating(kept.cut(place, one, readings), kept.team(place, one))
    after = Seating(kept.cut(place, other, readings), kept.team(place, other))
    people = concerned(before, after)
    if not people:
        return before, after
    facts = kept.facts_about(place, people, readings)
    return Seating(facts.as_of(one), before.team), Seating(facts.as_of(other), after.team)


def side_by_side(
    location: str, bases: tuple[Basis, Basis], lists: tuple[Seating, Seating], found: list[Difference], cite: Citation
) -> Answer:
    """The answer to `diff` (answers.md)."""
    cite.read(name for each in found for name in each.facts)
    rows = [
        {**both_sides(each), "facts": [cite.of_id(name) for name in each.facts], "smallest": each.smallest}
        for each in found
    ]
    return {
        "location": location,
        "one": bases[0].written(),
        "other": bases[1].written(),
        "position": bases[0].position,
        "counts": summary(*lists),
        "differences": rows,
    }


def last_known(bases: tuple[Basis, Basis]) -> datetime:
    """What is known on either side is enough to name the facts of both."""
    return max(basis.at.known for basis in bases)
