"""The two variants of the loss, and the experiments of each from small to large training sets.

The printed loss is a sum over the features. A mean over the features with Adam's eps of 1e-8 takes the
same steps as the sum with an eps of n x 1e-8.
"""

SUM, MEAN = 1e-8, 1e-4
"""Adam's eps of the variants `text` and `figure`, at n = 10,000."""
FIGURE = ("M3", "M3_full")
TEXT = ("M3_text", "M3_text_full", "J12")
GRIDS = {"figure": FIGURE, "text": TEXT}
"""The experiments of `make double_descent_full`, up to T = 10,000."""
NIGHT = {"figure": "M3_night", "text": "M3_text_night"}
"""The experiments of several hours, with larger training sets and a few smaller ones for comparison."""
FRESH = {"figure": "M3_fresh", "text": "M3_text_fresh"}
"""The experiments on fresh samples, T = infinity."""
WORDS = {"figure": "the mean over features", "text": "the sum over features"}


def recipe(*experiments: str) -> dict[str, dict[str, str | float]]:
    """The settings that tell the variants apart, for the claims that are about one of them."""
    return {
        name: {"optimizer.eps": SUM if name in (*TEXT, NIGHT["text"], FRESH["text"]) else MEAN}
        for name in experiments
    }
