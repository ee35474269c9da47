"""What a ledger does by itself once a day: verify what came, retire what is due."""
