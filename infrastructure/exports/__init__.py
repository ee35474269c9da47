"""The log as files that leave the ledger: exactly what was shown, in forms that other programs read."""
