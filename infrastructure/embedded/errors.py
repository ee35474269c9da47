"""What the embedded server says when it cannot go on: a sentence that tells a person what to do."""

import errno
import os

ELSEWHERE = "choose another folder by ACCESSLEDGER_HOME"

ADVICE = {
    errno.ENOSPC: f"free some space there or {ELSEWHERE}",
    errno.EDQUOT: f"free some space there or {ELSEWHERE}",
    errno.EROFS: f"make it writable or {ELSEWHERE}",
    errno.EACCES: f"let this user read and write there or {ELSEWHERE}",
    errno.EPERM: f"let this user read and write there or {ELSEWHERE}",
    errno.ENOTDIR: f"a file stands where a folder should: move it or {ELSEWHERE}",
    errno.ENAMETOOLONG: f"the name is too long: {ELSEWHERE}",
    errno.EMFILE: "this process has too many files open: raise its limit (ulimit -n)",
}


class EmbeddedServerError(Exception):
    """The embedded server cannot go on; the message says why and what a person can do."""


def explained(doing: str, error: OSError) -> EmbeddedServerError:
    """The sentence for an error of the operating system, met while `doing` something."""
    reason = os.strerror(error.errno) if error.errno else str(error)
    where = f" ({error.filename})" if error.filename else ""
    advice = ADVICE.get(error.errno or 0, f"look at that folder or {ELSEWHERE}")
    return EmbeddedServerError(f"{doing} failed: {reason}{where}; {advice}.")
