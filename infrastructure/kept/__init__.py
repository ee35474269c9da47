"""Kept projections: folds written down in tables, brought forward as facts come, made anew beside, thrown away."""
