"""The door: who comes in, by which credential, and what they may see and do inside."""
