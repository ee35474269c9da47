"""What time it is for a witness: its statement is that it saw something by then, and it has no clock but its own."""

import time


def seconds() -> int:
    """Seconds since 1970 (UTC)."""
    return int(time.time())
