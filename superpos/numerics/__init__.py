"""Arithmetic that gives the same bits on every CPU, and the folder of compiled code."""
