"""Pure folds over a cut ledger, one answer a file."""
