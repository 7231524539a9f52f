"""“Toy Models of Superposition” (Elhage et al., 2022): a folder for each section of the paper."""
