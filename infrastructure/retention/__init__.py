"""How long observations are kept: terms and holds, what is due by them, and the retiring itself."""
