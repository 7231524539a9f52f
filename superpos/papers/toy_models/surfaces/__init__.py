"""Comments: loss surfaces."""
