"""A readable name for a device, worked out once, when a fact is appended, and kept with it."""

from functools import lru_cache
from importlib.metadata import version

from ua_parser import parse

NAMED_BY = f"ua-parser {version('ua-parser')}, rules {version('ua-parser-builtins')}"
"""What works the names out: other versions may give other names."""

_KINDS = ("iPhone", "iPad", "iPod")


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
