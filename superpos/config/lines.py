"""The lines of a config: figures and tables of theory."""

from collections.abc import Collection, Mapping

from pydantic import JsonValue

from superpos import lookup
from superpos.config import fitting, grids, messages, options
from superpos.config.experiments import Experiment, Figure, Theory
from superpos.config.messages import ConfigError, at_place


def read_theory(name: str, line: JsonValue) -> Theory:
    """The table of theory that a line describes; raises a ConfigError."""
    place = f"theory.{name}"
    messages.check_name(place, name, "a theory table's", "a file")
    read = messages.read_record(Theory, line, place)
    with at_place(f"{place}.table"):
        lookup.check_known("theory table", read.table)
    with at_place(f"{place}.settings"):
        options.check_options("theory table", read.table, read.settings)
    return read


def read_figure(name: str, line: JsonValue) -> Figure:
    """The figure that a line describes; raises a ConfigError."""
    place = f"figures.{name}"
    messages.check_name(place, name, "a figure's", "a file")
    read = messages.read_record(Figure, line, place)
    if not (read.experiments or read.theory):
        raise ConfigError(f"{place}.from: []: name an experiment, or a table in `theory`")
    with at_place(f"{place}.draw"):
        lookup.check_known("figure", read.draw)
    with at_place(f"{place}.options"):
        options.check_options("figure", read.draw, read.options)
    return read


def check_names(
    name: str, figure: Figure, experiments: Collection[str], theory: Collection[str]
) -> None:
    """Raise a ConfigError if the figure names an experiment or a table that is unknown, or names one
    twice."""
    for key, kind, named, known in (
        ("from", "experiment", figure.experiments, experiments),
        ("theory", "theory table", figure.theory, theory),
    ):
        with at_place(f"figures.{name}.{key}"):
            grids.refuse_twice(named)
            for each in named:
                lookup.refuse_unknown(kind, each, known)


def inherited_figures(
    figures: Mapping[str, Figure], experiments: Mapping[str, Experiment]
) -> dict[str, Figure]:
    """The figures of experiments that no line shows: copies of the figures of their bases."""
    shown = {e for figure in figures.values() for e in figure.experiments}
    copies: dict[str, Figure] = {}
    for experiment in experiments.values():
        if experiment.base and experiment.name not in shown:
            for name, figure in figures.items():
                if figure.experiments == [experiment.base]:
                    only = {"experiments": [experiment.name], "title": None}
                    copies[f"{name}_{experiment.name}"] = figure.model_copy(update=only)
    for name in filter(figures.__contains__, copies):
        raise ConfigError(
            f"figures.{name}: {copies[name].experiments[0]} inherits its base's figure, which has"
            " this name too; rename this one"
        )
    return copies


def figures_of_unshown(
    figures: Mapping[str, Figure], experiments: Mapping[str, Experiment]
) -> dict[str, Figure]:
    """The general figures that fit the experiments that no figure shows: NAME_arrows and others."""
    shown = {e for figure in figures.values() for e in figure.experiments}
    found = {
        f"{experiment.name}_{draw}": Figure.model_validate(
            {"draw": draw, "from": [experiment.name]}
        )
        for experiment in experiments.values()
        if experiment.name not in shown
        for draw in fitting.general_figures([experiment.offer])
    }
    for name in filter(figures.__contains__, found):
        raise ConfigError(
            f"figures.{name}: experiment {found[name].experiments[0]}, which no other figure shows, gets a"
            " figure of this name; rename this one"
        )
    return found


def misfits(
    figures: Mapping[str, Figure],
    experiments: Mapping[str, Experiment],
    theory: Mapping[str, Theory],
) -> dict[str, str]:
    """What each figure needs that its experiments or its tables of theory do not have."""
    found = {
        name: fitting.figure_misfit(
            figure.draw,
            figure.options,
            [experiments[e].offer for e in figure.experiments],
            {table: theory[table] for table in figure.theory},
        )
        for name, figure in figures.items()
    }
    return {name: phrase for name, phrase in found.items() if phrase}
