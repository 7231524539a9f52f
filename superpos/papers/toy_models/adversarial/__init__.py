"""Relationship to Adversarial Robustness."""
