"""Comments: what sets the onset of generalising features."""
