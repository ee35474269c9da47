"""The web pages: drawn here from the same answers as the API gives, usable without a script."""
