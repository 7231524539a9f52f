"""Comments: samples that the training set holds several times."""
