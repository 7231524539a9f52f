"""Check that a figure fits the experiments and the tables of theory that its line names."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pydantic import JsonValue

from superpos import lookup
from superpos.config.figure_words import read_needs
from superpos.config.needs import Needs, Offer, misfit

if TYPE_CHECKING:
    from superpos.config.experiments import Theory


def general_figures(offers: Iterable[Offer]) -> list[str]:
    """The general figures that fit some experiments with the options that a figure has by default."""
    every = list(offers)
    return [
        draw for draw in lookup.names("general figure") if not figure_misfit(draw, {}, every, {})
    ]


def figure_misfit(
    draw: str,
    options: Mapping[str, JsonValue],
    offers: Iterable[Offer],
    theory: Mapping[str, "Theory"] | None,
) -> str | None:
    """What the figure needs but does not get, as one phrase; None if nothing is missing.

    theory: the lines of the config, by name; None if tables of theory are given whose lines are
    unknown.
    """
    every, wanted = list(offers), read_needs(draw)
    densities, metrics, keys = (
        tuple(value for name in names for value in _values(options.get(name)))
        for names in (wanted.density_options, wanted.metric_options, wanted.swept_options)
    )
    whole = replace(
        wanted,
        densities=(*wanted.densities, *densities),
        metrics=(*wanted.metrics, *metrics),
        swept=(*wanted.swept, *keys),
    )
    return misfit(whole, every) or (_theory(wanted, every, theory) if theory is not None else None)


def _values(value: Any) -> list[Any]:
    """The densities or names in the value of an option: none, one or several."""
    return [] if value is None else list(value) if isinstance(value, list | tuple) else [value]


def _theory(wanted: Needs, offers: list[Offer], theory: Mapping[str, "Theory"]) -> str | None:
    files = [line.table for line in theory.values()]
    for file in wanted.theory:
        if files.count(file) != 1:
            return f"needs one theory table {file}; `theory` names {files.count(file) or 'none'}"
    for name, line in theory.items():
        n, m = (
            size if isinstance(size := line.settings.get(key), int) else None
            for key in ("n_features", "n_hidden")
        )
        if lacking := misfit(Needs(n_features=n, n_hidden=m), offers):
            return f"{lacking}: the theory table {name} has a different shape"
    return None
