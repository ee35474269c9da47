"""The dispute bundle: one file that lets the other side recompute a bill, and the check that does so, offline.

What makes a bundle and what checks it are apart: `checking` and all that it imports know the domain, the projections
and the forms of the file, and nothing of the database, the trees or the signer that it came from.
"""
