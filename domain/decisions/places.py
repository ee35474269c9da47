"""Decisions about locations and chains."""

from domain import facts
from domain.commands import JoinChain, LeaveChain, OpenLocation
from domain.decisions.standing import Draft, Standing
from domain.instants import read_time_zone
from domain.refusals import Code, Refused


def open_location(standing: Standing, request: OpenLocation) -> list[Draft]:
    """A new location; refused when its id is known or its time zone is not."""
    standing.check_authority()
    place = standing.team.place
    if place is not None:
        raise Refused(Code.EXISTS, f"There is a location {standing.location} already.", place.opened.fact)
    try:
        read_time_zone(request.time_zone)
    except ValueError as error:
        raise Refused(Code.INVALID, f"{error}.") from None
    opened = facts.LocationOpened(name=request.name, time_zone=request.time_zone, chain=request.chain)
    return [standing.draft(opened)]


def join_chain(standing: Standing, request: JoinChain) -> list[Draft]:
    """A location joins a chain; refused when it is in one."""
    standing.check_authority()
    chain = standing.team.place.chain if standing.team.place is not None else None
    if chain == request.chain:
        raise Refused(Code.NO_CHANGE, f"{standing.location} is in the chain {chain} already.")
    if chain is not None:
        raise Refused(Code.EXISTS, f"{standing.location} is in the chain {chain}; it has to leave that first.")
    return [standing.draft(facts.LocationJoinedChain(chain=request.chain))]


def leave_chain(standing: Standing, request: LeaveChain) -> list[Draft]:
    """A location leaves its chain; refused when it is not in it."""
    standing.check_authority()
    chain = standing.team.place.chain if standing.team.place is not None else None
    if chain != request.chain:
        raise Refused(Code.NO_CHANGE, f"{standing.location} is not in the chain {request.chain}.")
    return [standing.draft(facts.LocationLeftChain(chain=request.chain))]
