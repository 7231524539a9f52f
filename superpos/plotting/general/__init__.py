"""Figures that fit the experiments of any paper, and are drawn of those that no other figure shows."""
