"""Training: blocks of runs, the reference engine that defines it, and engines that are fast: fused and gpu."""
