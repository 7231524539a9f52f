"""What a notebook calls: `train`, `sweep`, `draw` and `ToyModel`."""
