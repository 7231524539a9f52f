"""Check that a figure fits the experiments and the tables of theory that its line names."""

import math
from collections.abc import Iterable, Iterator, Mapping
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
    """A phrase for what the figure needs and does not get; None if nothing is missing.

    theory: the lines of the config, by name; None if tables of theory are given whose lines are
    unknown.
    """
    every, wanted = list(offers), read_needs(draw)
    densities, sizes, metrics, swept, columns = (
        tuple(value for name in names for value in _values(options.get(name)))
        for names in (
            wanted.density_options,
            wanted.size_options,
            wanted.metric_options,
            wanted.swept_options,
            wanted.column_options,
        )
    )
    keys = [_key(column) for column in columns]
    whole = replace(
        wanted,
        densities=(*wanted.densities, *densities),
        sizes=(*wanted.sizes, *sizes),
        metrics=(*wanted.metrics, *metrics),
        swept=(*wanted.swept, *swept),
        named=(*wanted.named, *(key for key in keys if "." in key)),
        varied=None if wanted.varied is None else (*wanted.varied, *keys),
    )
    lacking = misfit(whole, every) or (
        _theory(wanted, every, theory) if theory is not None else None
    )
    return lacking and (_misspelt(metrics, every) or lacking)


def _misspelt(metrics: Iterable[str], offers: Iterable[Offer]) -> str | None:
    """A phrase for a name that no metric has and that is nearly that of one that is measured."""
    measured = {metric for one in offers for metric in one.metrics or ()}
    for metric in metrics:
        near = lookup.nearest_name(metric, measured)
        if near and metric not in measured and metric not in lookup.metrics():
            return f"needs the metric {metric}; did you mean {near}?"
    return None


def _key(column: str) -> str:
    """The key of a column of the table of runs: optimizer.lr for optimizer_lr.

    A key without a dot has its column even if it is not swept.
    """
    outer, _, inner = column.partition("_")
    return f"{outer}.{inner}" if outer in ("data", "optimizer", "init") and inner else column


def _values(value: Any) -> list[Any]:
    """The densities or names in the value of an option: none, one or several."""
    return [] if value is None else list(value) if isinstance(value, list | tuple) else [value]


def _theory(wanted: Needs, offers: list[Offer], theory: Mapping[str, "Theory"]) -> str | None:
    files = [line.table for line in theory.values()]
    for file in wanted.theory:
        if files.count(file) != 1:
            return f"needs one theory table {file}; `theory` names {files.count(file) or 'none'}"
    for name, line in theory.items():
        found = (both for offer in offers for both in _of_other_models(line, offer))
        for lacking, what in found:
            return f"{lacking}: the theory table {name} has a different {what}"
    return None


def _of_other_models(line: "Theory", offer: Offer) -> Iterator[tuple[str, str]]:
    """The conditions that differ from the models that a theory table is about, and how each differs.

    Its settings may give one or several n_features and n_hidden, and `active`, n_features x density.
    """
    settings = line.settings
    for key in ("n_features", "n_hidden"):
        sizes = [size for size in _values(settings.get(key)) if isinstance(size, int)]
        for found in dict.fromkeys(offer.columns.get(key, ())) if sizes else ():
            if found not in sizes:
                wanted = " or ".join(map(str, sizes))
                yield f"needs {key} {wanted}; {offer.name} has {found}", "shape"
    if "active" in settings:
        both = (offer.columns.get(key, ()) for key in ("n_features", "density"))
        for n, density in zip(*both, strict=False):
            own = settings["active"] / n
            if isinstance(density, float | int) and not math.isclose(density, own, rel_tol=1e-6):
                yield f"needs density {own:g}; {offer.name} has {density:g}", "density"
