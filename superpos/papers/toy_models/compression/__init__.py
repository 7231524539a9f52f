"""Appendix: nonlinear compression."""
