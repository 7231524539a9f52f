"""Correlated and Anticorrelated Features."""
