"""Training: blocks of runs, the reference engine that defines it, and the fused engine that is fast."""
