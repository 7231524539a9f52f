"""What counts as a rise of the test loss, for the claims and the figure of this section."""

HIGHER = 0.002
"""A test loss counts as higher if it rises by more than this."""
