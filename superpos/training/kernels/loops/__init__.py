"""Whole training loops, one for each kind of gradient: draw, differentiate, step, record."""
