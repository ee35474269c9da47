"""The HTTP API: thin; every answer comes from the books, every change goes over the desk."""
