"""Files of results, which are written atomically and checked when they are read."""
