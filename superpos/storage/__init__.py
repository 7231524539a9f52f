"""Files of results: written whole, and checked when they are read."""
