"""The language and the law of the ledger. Pure: no clock, no randomness, no input, no output."""
