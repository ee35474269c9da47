"""How answers look to a person: columns, colours, sentences."""
