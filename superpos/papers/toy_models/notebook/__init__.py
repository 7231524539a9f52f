"""The notebook that this project grew from."""
