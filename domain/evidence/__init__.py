"""What makes the ledger checkable by others: leaves, trees (RFC 9162), checkpoints and signed notes (C2SP)."""
