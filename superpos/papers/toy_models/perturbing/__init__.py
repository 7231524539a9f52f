"""The Geometry of Superposition: perturbing a single feature."""
