"""Superposition in a Privileged Basis."""
