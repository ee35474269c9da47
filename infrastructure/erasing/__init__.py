"""Forgetting people: whom an erasure is about, what it destroys, and what is done again after a restore."""
