"""Memorising: the hidden vectors of a few samples form regular polygons."""
