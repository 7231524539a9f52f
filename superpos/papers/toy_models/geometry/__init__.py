"""The Geometry of Superposition: uniform features."""
