"""Arithmetic that gives the same bits on every CPU, and where compiled code is stored."""
