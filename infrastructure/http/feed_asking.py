"""Asks for pages of the feed: for whom, and in a thread."""

from infrastructure.door.caller import Caller
from infrastructure.door.permissions import ForbiddenError
from infrastructure.http.feed_pages import FeedPage
from infrastructure.http.house import House


def check_may_follow(caller: Caller) -> None:
    """ForbiddenError unless the credential is one for the feed."""
    if "feed" not in caller.scopes:
        raise ForbiddenError("The feed is for keys with the scope feed.")


async def check_follower(house: House, caller: Caller) -> None:
    """ForbiddenError, written down, unless the credential is one for the feed; who follows is written down, too."""
    try:
        check_may_follow(caller)
    except ForbiddenError as error:
        refused = error
        await house.lanes.questions.run(lambda: house.notes.refused(caller, None, "feed", refused))
        raise
    await house.lanes.questions.run(lambda: house.notes.viewed(caller, None, {"question": "feed"}))


async def page_for(house: House, caller: Caller, after: int, limit: int) -> FeedPage:
    """One page, read in a thread."""
    return await house.lanes.questions.run(lambda: house.feed.page(caller.places, after, limit))
