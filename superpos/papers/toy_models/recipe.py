"""The recipe: how the authors' notebook trains, for the claims that are judged after it.

PAPER: the notebook has AdamW at a constant rate of 1e-3, batches of 1,024 and 10,000 steps, for several
models that it packs into one array.
"""

import math


def settings(n_features: int, n_hidden: int, packed: int) -> dict[str, str | float]:
    """The settings that the recipe gives a condition if that many models are packed together.

    Xavier's rule takes the array of all models for one layer, so that the start has a standard deviation
    of sqrt(2 / ((n + packed) m)), rounded to three digits. The notebook averages the loss over the
    features, and here it is summed: n times its eps of 1e-8 gives the same steps.
    """
    return {
        "optimizer.name": "adamw",
        "optimizer.lr": 0.001,
        "optimizer.eps": _rounded(n_features * 1e-8),
        "optimizer.weight_decay": 0.01,
        "schedule": "constant",
        "batch": 1024,
        "steps": 10000,
        "init.std": _rounded(math.sqrt(2 / ((n_features + packed) * n_hidden))),
    }


def _rounded(value: float) -> float:
    return float(f"{value:.3g}")
