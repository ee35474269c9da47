"""Everything that touches the world: the store, the desk, the books, the command line."""
