"""A real browser, headless: pages as people see them, by keyboard and pointer, with and without a script."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from domain.facts import Device
from tests.infrastructure.http.serving import Running

CHROMIUM = "chromium"
PATIENCE = 180_000
"""Milliseconds after which a page never becomes what is expected, on the slowest and busiest machine there is."""

expect.set_options(timeout=PATIENCE)
_SETTINGS = (
    "--no-sandbox",
    "--disable-dev-shm-usage",  # a container has little of it
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def browser() -> Iterator[Browser]:
    """A browser; the test is skipped, and says how to get one, where there is none. In the gate there is one."""
    found = shutil.which(CHROMIUM)
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("There is no chromium here, and the gate does not skip what needs it.")
        pytest.skip("NOT TESTED: no browser; install Debian's `chromium` (apt-get install chromium)")
    with sync_playwright() as tool:
        started = tool.chromium.launch(executable_path=found, args=list(_SETTINGS))
        try:
            yield started
        finally:
            started.close()


def patient(opened: Browser, address: str, **settings: object) -> BrowserContext:
    """A window that waits long enough for everything; `settings` are those of a browser context."""
    context = opened.new_context(base_url=address, **settings)  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE)
    return context


@contextmanager
def signed_in(opened: Browser, server: Running, account: str, **settings: object) -> Iterator[BrowserContext]:
    """A window of somebody who has signed in; `settings` are those of a browser context (width, colours, script)."""
    context = patient(opened, server.address, **settings)
    token = server.house.sessions.make(account, Device(id="dev-1"))
    context.add_cookies([{"name": "session", "value": token, "url": server.address}])
    try:
        yield context
    finally:
        context.close()
