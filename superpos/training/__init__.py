"""Training: blocks of runs, the reference engine that defines it, and the fast engines, fused and gpu."""
