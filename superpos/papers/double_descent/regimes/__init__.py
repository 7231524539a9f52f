"""From memorising to generalising as the training set grows."""
