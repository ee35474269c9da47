"""Checks the evidence against the stored facts, by code and statements that share nothing with what makes it."""
