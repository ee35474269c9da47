"""axe-core over a page: what somebody with a screen reader, a keyboard or weak eyes could not use."""

from axe_playwright_python.base import AXE_SCRIPT  # type: ignore[import-untyped]
from playwright.sync_api import Page

_OPEN = "for (const each of document.querySelectorAll('details')) each.open = true"
_RUN = """async (only) => (await axe.run(document, {resultTypes: ["violations"], ...only})).violations.flatMap(
    (rule) => rule.nodes.map((node) => `${rule.id}: ${node.target.join(" ")}: ${node.failureSummary}`))"""


_COLOURS = {"runOnly": {"type": "tag", "values": ["cat.color"]}}


def faults(page: Page, *, colours_only: bool = False) -> list[str]:
    """What axe finds on a page, with all that is folded away unfolded; its window has to bypass the page's policy."""
    page.evaluate(_OPEN)
    page.evaluate(AXE_SCRIPT)
    found = page.evaluate(_RUN, _COLOURS if colours_only else {})
    assert isinstance(found, list)
    return found
