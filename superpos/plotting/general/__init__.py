"""Figures that fit the experiments of any paper; they show the experiments that no other figure shows."""
