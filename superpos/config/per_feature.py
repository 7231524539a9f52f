"""Importance I_i and density p_i of every feature, from the short forms of the config."""

from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any

import numpy as np

IMPORTANCE = "a number >= 0, one number a feature, {geometric: ratio} or {last: importance}"
DENSITY = "a number in (0, 1], one number a feature, or {others: density, first_ratio: ratio}"


def importance_vector(form: Any, n_features: int) -> np.ndarray:
    """I [feature], float64: `geometric` is ratio^i, `last` is 1 but for the last."""
    if isinstance(form, Mapping):
        match dict(form):
            case {"geometric": Real() as ratio, **rest} if not rest:
                # A running product: `pow` differs in the last bit between machines.
                with np.errstate(over="ignore"):
                    vector = np.cumprod(np.r_[1.0, np.full(n_features - 1, float(ratio))])
            case {"last": Real() as last, **rest} if not rest:
                vector = np.array([*[1.0] * (n_features - 1), float(last)])
            case _:
                raise ValueError(f"importance {form!r}: give {IMPORTANCE}")
    else:
        vector = _plain("importance", form, n_features, IMPORTANCE)
    if not (np.isfinite(vector).all() and (vector >= 0).all()):
        raise ValueError(f"importance {form!r}: give {IMPORTANCE}")
    return vector


def density_vector(form: Any, n_features: int) -> np.ndarray:
    """p [feature], float64: `first_ratio` multiplies the density of feature 0 alone."""
    if isinstance(form, Mapping):
        match dict(form):
            case {"others": Real() as others, "first_ratio": Real() as ratio, **rest} if not rest:
                vector = np.r_[float(others) * float(ratio), np.full(n_features - 1, float(others))]
            case _:
                raise ValueError(f"density {form!r}: give {DENSITY}")
    else:
        vector = _plain("density", form, n_features, DENSITY)
    if not ((vector > 0).all() and (vector <= 1).all()):
        raise ValueError(f"density {form!r}: density is 1 - S, in (0, 1]; give {DENSITY}")
    return vector


def _plain(name: str, form: Any, n_features: int, accepted: str) -> np.ndarray:
    if isinstance(form, Real) and not isinstance(form, bool):
        return np.full(n_features, float(form))
    if isinstance(form, np.ndarray):
        form = form.tolist()
    numbers = isinstance(form, Sequence) and all(
        isinstance(x, Real) and not isinstance(x, bool) for x in form
    )
    if isinstance(form, str) or not numbers:
        raise ValueError(f"{name} {form!r}: give {accepted}")
    if len(form) != n_features:
        raise ValueError(f"{name} has {len(form)} numbers for n_features = {n_features}")
    return np.array(form, np.float64)
