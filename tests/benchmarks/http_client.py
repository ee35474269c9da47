"""A process that asks a server over loopback, from so many connections at once, and says how long each answer took.

It reads what to ask from standard input, `{"host", "port", "at_once", "requests": [[head, body], ...]}`, and writes
`{"seconds", "first", "whole"}`: the time of all of them, and of each the time to its first byte and to its last.
"""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Took:
    """Seconds of each answer."""

    first: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)


async def _asked(host: str, port: int, requests: Iterator[bytes], took: Took) -> None:
    reader, writer = await asyncio.open_connection(host, port, limit=1 << 26)
    for request in requests:
        begun = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        first = time.perf_counter()
        lines = head.lower().split(b"\r\n")
        if b" 200 " not in lines[0]:
            raise RuntimeError(head.decode() + (await reader.read(2_000)).decode())
        length = next(int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length:"))
        await reader.readexactly(length)
        took.first.append(first - begun)
        took.whole.append(time.perf_counter() - begun)
    writer.close()


async def _all(order: dict[str, object], requests: list[bytes]) -> tuple[float, Took]:
    took, left = Took(), iter(requests)
    begun = time.perf_counter()
    at_once = int(str(order["at_once"]))
    callers = (_asked(str(order["host"]), int(str(order["port"])), left, took) for _ in range(at_once))
    await asyncio.gather(*callers)
    return time.perf_counter() - begun, took


def main() -> None:
    """Do it."""
    order = json.load(sys.stdin)
    requests = [head.encode() + body.encode() for head, body in order["requests"]]
    seconds, took = asyncio.run(_all(order, requests))
    json.dump({"seconds": seconds, "first": took.first, "whole": took.whole}, sys.stdout)


if __name__ == "__main__":
    main()
