"""Training: blocks of runs, the reference engine that defines it and the fused one that is fast."""
