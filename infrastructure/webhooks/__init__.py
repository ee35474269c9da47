"""Webhooks by the Standard Webhooks scheme: facts told to other systems, signed, again until they are heard."""
