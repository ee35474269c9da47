"""Sealing: personal fields are encrypted under a key per subject before the database sees them."""
