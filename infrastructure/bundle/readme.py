"""What a bundle says in plain text: what lies in it, and three ways to check it."""

README = """\
This is the evidence of a bill: who was a billable seat, on which day, as it was known then and as it is known now.

index.html is to be read and printed. Believe it after a check, not before.

WITH THE PROGRAM
    accessledger check THIS.zip --key VKEY [--witness VKEY] [--earlier NOTE]
  Take the program and the keys from a source of your own, never from this file. It needs no database and no network.
  It verifies the signature, that every fact is there that the signed trees hold, that none was changed, that nothing
  personal was made up, and counts every seat of every day once more. Keep the checkpoint: given as --earlier, the
  next bundle has to show that nothing was taken back since.

WITH PROGRAMS THAT OTHERS WROTE
  kit/ holds two small programs, one in Go on the library golang.org/x/mod/sumdb, one for a shell with openssl and xxd.
  Read them first, or write your own; the formats are public: RFC 9162 (trees), C2SP signed-note and tlog-checkpoint.

THE SEATS OF A DAY, BY HAND
    python replayer.pyz THIS.zip 2026-03-31
  folds the facts and prints the seats; it needs Python 3.11 and pydantic. It verifies nothing, and a check never runs
  it. Run it only when the check says that it is the one that the program makes.

WHAT LIES HERE
  checkpoint           the signed note over the log of all heads, with the lines of witnesses
  head.json            the head of this location's tree: its number of leaves and its root
  proofs/              that this head is in the log (head-inclusion), that none behind it is newer (later), that the
                       log has grown out of an earlier checkpoint (consistency, earlier-head-inclusion)
  leaves               every leaf of this location's tree, one a line: digests, position, whether the fact decides
  bodies, personal     the facts themselves and their sealed personal fields, on the same lines; an empty line for what
                       decides nothing: sign-ins, exports, reading
  terms/               the same of the tree of terms, which holds for every location
  opened.json          personal fields that can still be opened, with the salt of their commitment; what was erased is
                       not among them and is shown as erased
  answers.json         the seats of each day at both clocks, the differences with the facts that make them, the charges
  catalogue/           the rights by which seats were judged
  manifest.json        what was asked, when, at which position, and the SHA-256 of every file
"""


def readme() -> bytes:
    """The file."""
    return README.encode()
