"""The range accepted for a claim's value, and the words for it, which the claim's statement uses."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

Number = float | Fraction


@dataclass(frozen=True)
class Range:
    """The values from `low` to `high`, both included, and the words for them around the `numbers`."""

    low: float
    high: float
    words: str
    numbers: tuple[Number, ...]

    def __format__(self, spec: str) -> str:
        """The range in words; format "%" writes percentages, and format "of" appends "of" to a count."""
        words = self.words.format(*(written(number, spec) for number in self.numbers))
        return words if spec != "of" else "none of" if words == "no" else f"{words} of"


def between(low: float, high: float) -> Range:
    """Both ends are stated: "between 0.95 and 1.27"."""
    return Range(low, high, "between {} and {}", (low, high))


def counted(low: int, high: int) -> Range:
    """A number of things: "2 to 4", or "exactly 3" if both ends are the same."""
    return Range(low, high, "{} to {}", (low, high)) if low < high else exactly(low)


def at_least(low: Number, high: float = np.inf) -> Range:
    """Only the low end is stated: "at least 0.95", "at least one". `high` is the largest possible value."""
    return Range(float(low), high, f"at least {_count(low)}", (low,))


def at_most(high: Number, low: float = 0.0) -> Range:
    """Only the high end is stated: "at most 0.05". `low` is the smallest possible value."""
    return Range(low, float(high), "at most {}", (high,))


def ratio_within(decades: float) -> Range:
    """The ratio of two numbers that are about the same: "within 0.04 decades of 1"."""
    return Range(10**-decades, 10**decades, "within {} decades of 1", (decades,))


def share_near(middle: float, off: float) -> Range:
    """A share between 0 and 1 that differs from `middle` by at most `off`."""
    low, high = float(max(middle - off, 0)), float(min(middle + off, 1))
    if high == 1:
        return at_least(low, high)
    return between(low, high) if low else at_most(high)


def exactly(value: int) -> Range:
    """A single number: "exactly 5", "exactly one", or "no"."""
    return Range(value, value, f"exactly {_count(value)}" if value else "no", (value,))


def positive() -> Range:
    """Every number "greater than 0"."""
    return Range(float(np.nextafter(0, 1)), np.inf, "greater than {}", (0,))


def less_than(high: float) -> Range:
    """Every number of 0 or more that is "less than 1"."""
    return Range(0.0, float(np.nextafter(high, 0)), "less than {}", (high,))


def to_within(tolerance: float) -> Range:
    """A distance from a value that the statement gives: "to within 0.05"."""
    return Range(0.0, tolerance, "to within {}", (tolerance,))


def near(value: Number, tolerance: float) -> Range:
    """A value and its tolerance: "within 0.005 of 1.134"."""
    return Range(*_ends(value, tolerance), "within {} of {}", (tolerance, value))


def near_percent(value: Number, percent: float) -> Range:
    """A value and its relative tolerance: "within 2% of 0.0113"."""
    ends = _ends(value, float(value) * percent / 100)
    return Range(*ends, "within {}% of {}", (percent, value))


def near_decades(low: float, high: float, decades: float) -> Range:
    """One value or two, and a tolerance by ratio: "within 0.02 decades of 0.16 to 0.17"."""
    words = "within {} decades of {}" + (" to {}" if low < high else "")
    return Range(low / 10**decades, high * 10**decades, words, (decades, low, high))


def fraction(value: float) -> Fraction:
    """The simple fraction that equals a number, so that a statement can print the fraction."""
    return Fraction(value).limit_denominator(10_000)


def written(number: Number | str, spec: str = "") -> str:
    """A number as a statement prints it: 0.05, 1e-6, 4/7; as a percentage if the spec is "%"."""
    if isinstance(number, str | Fraction):
        return str(number)
    if spec == "%":
        return f"{100 * number:.3g}%"
    return f"{number:.6g}".replace("e-0", "e-")


def _count(number: Number) -> str:
    return "one" if number == 1 and isinstance(number, int) else "{}"


def _ends(value: Number, tolerance: float) -> tuple[float, float]:
    """The value less and plus the tolerance, as decimals unless it is a fraction: 1.134 - 0.005 is 1.129."""
    ends = float(value) - tolerance, float(value) + tolerance
    return ends if isinstance(value, Fraction) else (round(ends[0], 9), round(ends[1], 9))
