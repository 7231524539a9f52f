"""Check that a figure fits the experiments and the tables of theory that its line names."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from superpos.config.figure_words import read_needs
from superpos.config.needs import Needs, Offer, misfit

if TYPE_CHECKING:
    from superpos.config.experiments import Theory


def figure_misfit(
    draw: str,
    options: Mapping[str, Any],
    offers: Iterable[Offer],
    theory: Mapping[str, "Theory"] | None,
) -> str | None:
    """What the figure needs but does not get, as one phrase; None if nothing is missing.

    theory: the lines of the config, by name; None if tables of theory are given whose lines are
    unknown.
    """
    every, wanted = list(offers), read_needs(draw)
    densities = tuple(d for name in wanted.density_options for d in _numbers(options.get(name)))
    whole = replace(wanted, densities=(*wanted.densities, *densities))
    return misfit(whole, every) or (_theory(wanted, every, theory) if theory is not None else None)


def _numbers(value: Any) -> list[Any]:
    """The densities in the value of an option: none, one or several."""
    return [] if value is None else list(value) if isinstance(value, list | tuple) else [value]


def _theory(wanted: Needs, offers: list[Offer], theory: Mapping[str, "Theory"]) -> str | None:
    files = [line.table for line in theory.values()]
    for file in wanted.theory:
        if files.count(file) != 1:
            return f"needs one theory table {file}; `theory` names {files.count(file) or 'none'}"
    for name, line in theory.items():
        shape: dict[str, Any] = {
            key: size
            for key in ("n_features", "n_hidden")
            if isinstance(size := line.settings.get(key), int)
        }
        if lacking := misfit(Needs(**shape), offers):
            return f"{lacking}: the theory table {name} has a different shape"
    return None
