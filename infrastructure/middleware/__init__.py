"""For applications that use the ledger: who acts, from which device, in which change, put on every command."""
