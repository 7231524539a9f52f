"""Convert what people pass to the library: numbers and arrays of numpy, torch, pandas and others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from superpos.numerics.masked import refuse_masked

if TYPE_CHECKING:
    from jaxtyping import Float

AXES = {
    **{"W": ("run", "feature", "hidden"), "W_out": ("run", "feature", "hidden")},
    **dict.fromkeys(("b", "importance", "density"), ("run", "feature")),
}
"""The axes of the arrays that metrics take."""
ONE_FOR_ALL = ("importance", "density")
"""Arrays that may be one number, or one number for each feature, for all runs."""

LARGEST = {
    "density": (1.0, "a value from 0 to 1"),
    "importance": (np.finfo(float).max, "a finite value of 0 or more"),
}
"""Arrays that have no negative numbers, the largest number that they may have, and the words for both."""


def plain(value: Any) -> Any:
    """The value with arrays, series and tuples as lists, and every number as a Python number."""
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | range):
        return [plain(inner) for inner in value]
    for method in ("tolist", "to_list"):
        if callable(convert := getattr(value, method, None)):
            return plain(convert())
    return np.asarray(value).tolist() if hasattr(value, "__array__") else value


def real_array(name: str, value: Any) -> Float[np.ndarray, " ..."]:
    """The value as a numpy array, float32 or float64; raises a ValueError if it is not real."""
    if hasattr(value, "detach"):
        value = value.detach().cpu()
    try:
        found = np.asarray(value)
    except TypeError:  # bfloat16, which numpy lacks
        found = np.asarray(plain(value))
    except ValueError:
        raise ValueError(f"{name}: its rows differ in length; give rows of one length") from None
    refuse_masked(name, value)
    if found.dtype.kind not in "fiu":
        raise ValueError(f"{name}: an array of {found.dtype}; give real numbers")
    return found if found.dtype in (np.float32, np.float64) else found.astype(np.float64)


def with_run_axis(arrays: Mapping[str, Any]) -> tuple[dict[str, Any], bool]:
    """The arrays with a run axis, and whether the given arrays had none because they are one model's.

    importance and density may be one number, or one number for each feature, for all runs. Raises a
    ValueError that names the array if its shape does not fit that of W.
    """
    found = {k: real_array(k, v) if k in AXES and v is not None else v for k, v in arrays.items()}
    for name, (largest, wanted) in LARGEST.items():
        value = found.get(name)
        if value is None:
            continue
        beyond = value[~((value >= 0) & (value <= largest))]
        if len(beyond):
            raise ValueError(f"{name}: {beyond[0]:g}; give {wanted}")
    if (given := found.get("mean_norm")) is not None:
        norm = real_array("mean_norm", given)
        if norm.ndim or not 0 <= norm < np.inf:
            raise ValueError(f"mean_norm: {plain(given)}; give one finite number of 0 or more")
        found["mean_norm"] = float(norm)
    W, b = found.get("W"), found.get("b")
    if W is None:
        if b is None:
            return found, False
        if b.ndim not in (1, 2):
            raise ValueError(
                f"b has shape {b.shape}; give [run, feature], or one model's [feature]"
            )
        return (found | {"b": b[None]}, True) if b.ndim == 1 else (found, False)
    if W.ndim not in (2, 3):
        raise ValueError(
            f"W has shape {W.shape}; give [run, feature, hidden], or one model's [feature, hidden]"
        )
    if 0 in W.shape[-2:]:
        raise ValueError(f"W has shape {W.shape}; give at least one feature and one dimension")
    single = W.ndim == 2
    sizes = dict(zip(AXES["W"], (1, *W.shape) if single else W.shape, strict=True))
    for name in found.keys() & AXES.keys():
        if found[name] is not None:
            found[name] = _fitted(name, found[name], sizes, single)
    return found, single


def _fitted(name: str, value: np.ndarray, sizes: Mapping[str, int], single: bool) -> np.ndarray:
    shape = tuple(sizes[axis] for axis in AXES[name])
    for_all = name in ONE_FOR_ALL and value.shape in ((), shape[1:])
    if value.shape == shape:
        return value
    if for_all or (single and value.shape == shape[1:]):
        return np.broadcast_to(value, shape).copy()
    axes, wanted = (AXES[name][1:], shape[1:]) if single else (AXES[name], shape)
    many = "" if single else f"{sizes['run']} runs of "
    raise ValueError(
        f"{name} has shape {value.shape}, but W has {many}{sizes['feature']} features in"
        f" {sizes['hidden']} dimensions; give {name} [{', '.join(axes)}], {wanted}"
    )
