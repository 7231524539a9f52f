"""Whole training loops, one a kind of gradient: draw, differentiate, step, record."""
