"""A readable name for a device, worked out once, when a fact is appended, and kept with it."""

from functools import lru_cache
from importlib.metadata import version

from ua_parser import parse

NAMED_BY = f"ua-parser {version('ua-parser')}, rules {version('ua-parser-builtins')}"
"""What works the names out: other versions may give other names."""

_KINDS = ("iPhone", "iPad", "iPod")
_BROWSERS = frozenset(
    [
        "Android",
        "Chrome",
        "Chrome WebView",
        "Chrome iOS",
        "Chromium",
        "DuckDuckGo",
        "Edge",
        "Facebook",
        "Firefox",
        "Firefox iOS",
        "IE",
        "Instagram",
        "MIUI Browser",
        "Opera",
        "QQ Browser",
        "Safari",
        "Safari UI/WKWebView",
        "Samsung Internet",
        "UC Browser",
        "Vivaldi",
        "WhatsApp",
        "Yandex Browser",
    ]
)
_SYSTEMS = frozenset(
    [
        "Android",
        "Chrome OS",
        "Fedora",
        "HarmonyOS",
        "iOS",
        "iPad",
        "iPhone",
        "iPod",
        "Linux",
        "Mac OS X",
        "Ubuntu",
        "Windows",
    ]
)
"""Browsers and systems that so many people have that their names say nothing about anybody."""


@lru_cache(maxsize=4096)
def device_name(user_agent: str, model: str | None = None) -> str | None:
    """What people call it ("Safari on iPhone"); None when the user agent says nothing recognisable.

    `model` is what the device calls itself when it is asked: newer browsers keep that out of the user agent.
    """
    found = parse(user_agent)
    browser = found.user_agent.family.removeprefix("Mobile ").removesuffix(" Mobile") if found.user_agent else None
    device = found.device.family if found.device and found.device.family in _KINDS else None
    system = model or device or (found.os.family if found.os else None)
    if browser and system:
        return f"{browser} on {system}"
    if system:
        return f"a browser on {system}"
    if browser:
        return browser
    program = user_agent.split("/", 1)[0].split(" ", 1)[0]
    return program if "/" in user_agent and program and program != "Mozilla" else None


@lru_cache(maxsize=4096)
def common_name(user_agent: str) -> str | None:
    """The name as a fact carries it for ever, also when the person is erased: of what a great many people have.

    Anything else in a user agent is a claim that anybody can fill with anything, and is sealed with the person.
    """
    found = parse(user_agent)
    browser = found.user_agent.family.removeprefix("Mobile ").removesuffix(" Mobile") if found.user_agent else None
    device = found.device.family if found.device and found.device.family in _KINDS else None
    system = device or (found.os.family if found.os else None)
    browser, system = browser if browser in _BROWSERS else None, system if system in _SYSTEMS else None
    if browser and system:
        return f"{browser} on {system}"
    return f"a browser on {system}" if system else browser
