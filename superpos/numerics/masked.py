"""Masked arrays, whose masks numpy would ignore."""

import numpy as np


def refuse_masked(name: str, value: object) -> None:
    """Raise a ValueError that names the array if part of it is masked."""
    if np.ma.is_masked(value):
        raise ValueError(f"{name}: a masked array; fill it, or leave out what is masked")
