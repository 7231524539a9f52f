"""Files of results: written whole, read with their checksum, origin and provenance."""
