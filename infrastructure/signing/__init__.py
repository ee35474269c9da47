"""The signer: a process of its own that holds the log's key, and signs no checkpoint that takes anything back."""
