"""Demonstrating Superposition."""
