"""A year of a small chain, invented but lawful: what the demo loads, and the scenes it shows."""
