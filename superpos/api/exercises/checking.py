"""Read an answer, and compare it with the right one and with what typical mistakes give."""

from __future__ import annotations

import functools
import math
import textwrap
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from numbers import Real
from typing import Any, Concatenate, ParamSpec

import numpy as np
import pandas as pd

from superpos import lookup
from superpos.metrics import array_likes
from superpos.tables import Tables

P = ParamSpec("P")

CLOSE = 0.01
"""A number counts as equal to another if it differs by at most this share of it, because people round."""
TINY = 1e-9
"""The same for numbers near 0."""
ROUNDED = 1e-6
"""Two losses that theory computes are tied if they differ by at most this share: p may be a float32."""
WIDTH = 88


class Unreadable(ValueError):
    """An answer that cannot be compared with the right one; the text says what to give."""


@dataclass(frozen=True, repr=False)
class Checked:
    """Whether an answer is right (None: there is no answer to compare), and why."""

    right: bool | None
    why: str

    def __repr__(self) -> str:
        mark = {True: "Right.", False: "Not yet.", None: "No answer yet."}[self.right]
        return textwrap.fill(f"{mark} {self.why}", WIDTH)


def exercise(
    check: Callable[Concatenate[Any, P], Checked],
) -> Callable[Concatenate[Any, P], Checked]:
    """Decorate a check, which then gives no verdict on `...` or on an answer that it cannot read.

    Its other arguments may be scalars of numpy or torch, also in lists and tuples.
    """

    @functools.wraps(check)
    def checked(answer: Any, /, *args: P.args, **kwargs: P.kwargs) -> Checked:
        if _is_open(answer):
            return Checked(None, "Put your answer in the place of the three dots.")
        try:
            return check(answer, *_plain(args), **_plain(kwargs))
        except Unreadable as problem:
            return Checked(None, str(problem))

    return checked


def compared(
    answer: float | np.ndarray,
    right: float | np.ndarray,
    why: str,
    mistakes: Mapping[str, float | np.ndarray],
    otherwise: str,
) -> Checked:
    """Whether the answer is close to `right`, with the reason, or the mistake that leads to it.

    mistakes: what each known mistake leads to, by the words that explain the mistake. Of those close to
    the answer, the nearest counts, and `right` before an equally near mistake.
    """
    known = [(right, Checked(True, why)), *((v, Checked(False, k)) for k, v in mistakes.items())]
    near = [(float(np.max(np.abs(answer - v))), said) for v, said in known if close(answer, v)]
    return min(near, key=lambda one: one[0])[1] if near else Checked(False, otherwise)


def close(a: float | np.ndarray, b: float | np.ndarray) -> bool:
    """Whether two numbers or arrays agree to the precision to which a person would round; whole numbers
    must be equal."""
    if isinstance(a, int) and isinstance(b, int):
        return a == b
    return np.shape(a) == np.shape(b) and bool(np.allclose(a, b, rtol=CLOSE, atol=TINY))


def tied(a: float, b: float) -> bool:
    """Whether two computed numbers are equal up to rounding, so that neither is smaller."""
    return math.isclose(a, b, rel_tol=ROUNDED)


def number(answer: Any) -> float:
    """The answer as one finite number."""
    value = array_likes.plain(answer)
    if isinstance(value, bool) or not isinstance(value, Real | Decimal):
        raise Unreadable(f"{_short(answer)} is not a number. Give one number, such as 0.25.")
    try:
        found = float(value)
    except OverflowError:
        found = np.inf
    if not np.isfinite(found):
        raise Unreadable(f"Your answer is {found}. Give a finite number.")
    return found


def whole_number(answer: Any) -> int:
    """The answer as a whole number."""
    value = number(answer)
    if value != round(value):
        raise Unreadable(f"{value:g} is not a whole number. Give one, such as 7.")
    return round(value)


def known_name(answer: Any, known: Collection[str]) -> str:
    """The answer as one of the known names."""
    if not isinstance(answer, str) or answer not in known:
        raise Unreadable(f"unknown name {_short(answer)}: {lookup.hint(str(answer), known)}")
    return str(answer)


def array(answer: Any, shape: tuple[int, ...], what: str, axes: str) -> np.ndarray:
    """The answer as a finite array of that shape; `what` and `axes` are words for the message."""
    try:
        found = array_likes.real_array(what, answer).astype(float)
    except (ValueError, TypeError) as error:
        raise Unreadable(f"{str(error).rstrip('.')}.") from None
    if found.shape != shape:
        raise Unreadable(f"{what} has shape {found.shape}. Give {axes}, which is {shape} here.")
    if not np.isfinite(found).all():
        raise Unreadable(f"{what} has entries that are not finite numbers, such as nan.")
    return found


def checked_weights(W: Any, axes: str) -> np.ndarray:
    """W as a finite array with these axes, such as "feature hidden"."""
    try:
        found = array_likes.real_array("W", W).astype(float)
    except (ValueError, TypeError) as error:
        raise Unreadable(f"{str(error).rstrip('.')}.") from None
    wanted = axes.split()
    if found.ndim != len(wanted):
        raise Unreadable(f"W has shape {found.shape}. Give W [{', '.join(wanted)}].")
    if not np.isfinite(found).all():
        raise Unreadable("W has entries that are not finite numbers: this run diverged.")
    return found


def runs_with(tables: Any, *columns: str) -> pd.DataFrame:
    """The runs of a sweep, which have these columns."""
    if not isinstance(tables, Tables) or not set(columns) <= set(tables.runs):
        needed = ", ".join(columns)
        raise Unreadable(
            f"Give the check what `superpos.sweep` returned, whose runs have the columns {needed}."
        )
    return tables.runs


def returned(function: Any, *given: Any) -> Any:
    """What a person's function returns for copies of the given arrays."""
    if not callable(function):
        raise Unreadable(f"{_short(function)} is not a function. Give your function's name alone.")
    try:
        found = function(*(np.copy(g) if isinstance(g, np.ndarray) else g for g in given))
    except Exception as error:
        raise Unreadable(f"Your function raised {type(error).__name__}: {error}") from None
    if found is None or found is ...:
        raise Unreadable("Your function returns nothing yet. End it with `return` and the result.")
    return found


def _plain(given: Any) -> Any:
    """Arguments with each numpy or torch scalar as a Python number; arrays with axes stay what they are."""
    if isinstance(given, dict):
        return {name: _plain(value) for name, value in given.items()}
    if isinstance(given, list | tuple):
        return [_plain(value) for value in given]
    return _plain_scalar(given) if getattr(given, "ndim", None) == 0 else given


def _plain_scalar(value: Any) -> Any:
    """A numpy or torch scalar as a Python number; one of single precision as its shortest decimal.

    So float32(0.36) is 0.36 and not 0.36000001, with which `restarts` would want a run more.
    """
    found = array_likes.plain(value)
    single = isinstance(found, float) and float(np.float32(found)) == found
    return float(str(np.float32(found))) if single else found


def _is_open(answer: Any) -> bool:
    """Whether the three dots of an exercise are still there, perhaps in one part of an answer."""
    return answer is ... or (isinstance(answer, tuple | list) and any(a is ... for a in answer))


def _short(answer: Any) -> str:
    return textwrap.shorten(repr(answer), 60, placeholder=" ...")
