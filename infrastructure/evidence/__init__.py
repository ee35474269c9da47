"""The evidence as it is made: trees that grow with the ledger, checkpoints that are signed, proofs for who asks."""
