"""HTML put together of texts that are always escaped: nothing that was stored can become a tag."""

from collections.abc import Iterable
from html import escape

from projections.plain import one_line


class Markup(str):
    """Text that is HTML already: made here and nowhere else."""

    __slots__ = ()


def text(said: object) -> Markup:
    """A text on one line, its hidden characters shown, and in a direction of its own."""
    return said if isinstance(said, Markup) else Markup(escape(one_line(str(said))))


def element(name: str, *inside: object, **attributes: str) -> Markup:
    """An element; `kind` stands for the attribute class."""
    said = "".join(f' {"class" if key == "kind" else key}="{escape(value)}"' for key, value in attributes.items())
    return Markup(f"<{name}{said}>{''.join(map(text, inside))}</{name}>")


def several(parts: Iterable[object]) -> Markup:
    """One after the other, each on a line of its own."""
    return Markup("\n".join(map(text, parts)))


def table(title: str, heads: Iterable[str], rows: Iterable[Iterable[object]]) -> Markup:
    """A table with a caption; the first cell of each row says what the row is about."""
    head = element("tr", *(element("th", each, scope="col") for each in heads))
    body = several(_row(list(row)) for row in rows)
    return element("table", element("caption", title), element("thead", head), "", element("tbody", body))


def _row(cells: list[object]) -> Markup:
    first, *others = cells
    return element("tr", element("th", first, scope="row"), *(element("td", each) for each in others))
