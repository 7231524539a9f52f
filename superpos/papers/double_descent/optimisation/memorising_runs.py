"""Which runs memorise, and from what they began: what the claims and the figures of this section share."""

MEMORISES = 0.1
"""A run memorises if its fifth largest D_f is below this."""
TRAINED_ON = "init_trained_on"
"""The column with the number of samples that gave a run its first weights; it is empty if they were drawn."""
