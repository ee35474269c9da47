"""Every page that the application has, found from its routes: a new page is walked too, without being named here."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from urllib.parse import quote

import httpx
from fastapi import FastAPI

from infrastructure.door.caller import Places
from infrastructure.http.application import make_app
from infrastructure.http.house import House
from tests.infrastructure.http.serving import Running

Named = Mapping[str, tuple[str, ...]]
"""What the parameters of paths stand for: ids of a location, of people, of devices, of facts; or a path's addresses."""

_NO_PAGES = re.compile(r"/v1/|/static|/livez|/readyz|/metrics")
_BELONGS = {"/devices/{device}": "?location={location}", "/locations/{location}/step": "?to=previous"}
"""What has to be asked for besides the path."""


@dataclass(frozen=True)
class Pages:
    """Addresses of pages: those of somebody who has signed in, and those that are there before that."""

    within: tuple[str, ...]
    before: tuple[str, ...]


def every_page(server: Running, account: str, named: Named, queries: Mapping[str, tuple[str, ...]]) -> Pages:
    """The pages of all routes, with `queries` that show more of some; AssertionError when a route comes to nothing.

    What answers with something else than a page (a file, a stream, another address) is no page.
    """
    paths = list(paths_of(server.house))
    assert len(paths) > 10, "the routes were not found"
    assert queries.keys() <= set(paths), "there is a query for a page that is not there"
    with server.person(account) as person, httpx.Client(base_url=server.address, headers=_PAGE, timeout=60) as stranger:
        return Pages(
            tuple(each for path in paths for each in _within(person, path, named, queries.get(path, ("",)))),
            tuple(each for path in paths for each in _open(stranger, path, named)),
        )


_PAGE = {"Accept": "text/html"}


def ways_in(server: Running, location: str) -> Named:
    """What the pages with one-time links in their addresses are reached by."""
    auditor = server.house.door.links.make("Audit & Sons", Places(locations=frozenset({location})), timedelta(days=1))[
        1
    ]
    return {
        "/set-up/{token}": (f"/set-up/{server.house.door.people.add('acc-new', 'new@lumen.example')}",),
        "/link/{token}": (f"/link/{auditor}",),
        "/sign-in/openid": (),  # leads elsewhere, and with no provider nowhere
        "/sign-in/openid/back": (),
    }


def paths_of(house: House) -> Iterator[str]:
    """The paths that are asked for with GET, those of programs left out."""
    app = make_app(house)
    return (path for path, methods in _routes(app) if "GET" in methods and not _NO_PAGES.match(path))


def _routes(app: FastAPI) -> Iterator[tuple[str, Iterable[str]]]:
    waiting = list(app.routes)
    while waiting:
        route = waiting.pop(0)
        inner = getattr(route, "original_router", None)
        if inner is not None:
            waiting[:0] = inner.routes
        else:
            yield route.path, getattr(route, "methods", None) or ()  # type: ignore[attr-defined]


def addresses(path: str, named: Named, queries: Iterable[str] = ("",)) -> Iterator[str]:
    """The addresses of a path, with each thing that its parameters may stand for."""
    if path in named:
        yield from named[path]
        return
    whole = path + _BELONGS.get(path, "")
    parameters = list(dict.fromkeys(re.findall(r"\{(\w+)\}", whole)))
    unknown = [each for each in parameters if each not in named]
    assert not unknown, f"{path} is a new page: say what its {unknown[0]} stands for"
    for chosen in product(*(named[each] for each in parameters)):
        filled = whole.format_map({key: quote(value) for key, value in zip(parameters, chosen, strict=True)})
        yield from (filled + query for query in queries)


def _within(person: httpx.Client, path: str, named: Named, queries: Iterable[str]) -> list[str]:
    """The addresses of a path that shows pages: the first of them tells."""
    found = list(addresses(path, named, queries))
    if not found:
        return []
    with person.stream("GET", found[0]) as got:
        assert got.status_code < 400, f"{found[0]} answers {got.status_code}"
        return found if _is_page(got) else []


def _open(stranger: httpx.Client, path: str, named: Named) -> Iterator[str]:
    """The addresses of a path that show a page to somebody who has not signed in."""
    for address in addresses(path, {key: values[:1] for key, values in named.items()}):
        with stranger.stream("GET", address) as got:
            if _is_page(got):
                yield address


def _is_page(got: httpx.Response) -> bool:
    return got.status_code == 200 and got.headers.get("content-type", "").startswith("text/html")
