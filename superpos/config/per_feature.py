"""The importance I_i and the density p_i of every feature, from the short forms of the config."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float64

IMPORTANCE_FORMS = "a number >= 0, one number per feature, {geometric: ratio} or {last: importance}"
LEAST_DENSITY = 2.0**-20
"""Smaller densities would be rounded by more than 0.02%: words of 32 bits decide whether a feature is on."""
DENSITY_FORMS = (
    "a number in (0, 1], one number per feature, or {others: density, first_ratio: ratio}"
)


def importance_vector(form: Any, n_features: int) -> Float64[np.ndarray, " feature"]:
    """I: `geometric` gives ratio^i, and `last` gives 1 except for the last feature."""
    if isinstance(form, Mapping):
        match dict(form):
            case {"geometric": Real() as ratio, **rest} if not rest:
                # A running product, because the last bit of `pow` differs between machines.
                with np.errstate(over="ignore"):
                    vector = np.cumprod(np.r_[1.0, np.full(n_features - 1, float(ratio))])
            case {"last": Real() as last, **rest} if not rest:
                vector = np.array([*[1.0] * (n_features - 1), float(last)])
            case _:
                raise ValueError(f"importance {form!r}: give {IMPORTANCE_FORMS}")
    else:
        vector = _from_numbers("importance", form, n_features, IMPORTANCE_FORMS)
    # Loops over Python's numbers are the fastest for few features, and configs have thousands of points.
    if not all(0 <= number < math.inf for number in vector.tolist()):
        raise ValueError(f"importance {form!r}: give {IMPORTANCE_FORMS}")
    return vector + 0.0  # equal importances have equal bits: 0 instead of -0


def density_vector(form: Any, n_features: int) -> Float64[np.ndarray, " feature"]:
    """p: `first_ratio` multiplies the density of feature 0 only."""
    if isinstance(form, Mapping):
        match dict(form):
            case {"others": Real() as others, "first_ratio": Real() as ratio, **rest} if not rest:
                vector = np.full(n_features, float(others))
                vector[0] *= float(ratio)
            case _:
                raise ValueError(f"density {form!r}: give {DENSITY_FORMS}")
    else:
        vector = _from_numbers("density", form, n_features, DENSITY_FORMS)
    numbers = vector.tolist()
    if not all(0 < number <= 1 for number in numbers):
        raise ValueError(f"density {form!r}: density is 1 - S; give {DENSITY_FORMS}")
    if min(numbers) < LEAST_DENSITY:
        raise ValueError(f"density {form!r}: give at least {LEAST_DENSITY:.3g} for every feature")
    return vector


def _from_numbers(
    name: str, form: Any, n_features: int, accepted: str
) -> Float64[np.ndarray, " feature"]:
    if isinstance(form, Real) and not isinstance(form, bool):
        return np.array([float(form)] * n_features)
    if isinstance(form, np.ndarray):
        form = form.tolist()
    numbers = isinstance(form, Sequence) and all(
        isinstance(x, Real) and not isinstance(x, bool) for x in form
    )
    if isinstance(form, str) or not numbers:
        raise ValueError(f"{name} {form!r}: give {accepted}")
    if len(form) != n_features:
        raise ValueError(
            f"{name} has {len(form)} numbers for n_features = {n_features}; give {accepted}"
        )
    return np.array(form, np.float64)
