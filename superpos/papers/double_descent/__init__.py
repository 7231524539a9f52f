"""“Superposition, Memorization, and Double Descent” (Henighan et al., 2023): a folder for each section."""
