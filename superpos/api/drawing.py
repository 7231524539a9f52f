"""Draw the tables of a sweep: as a figure of a paper, or as the general figures that fit them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, overload

from pydantic import JsonValue

from superpos import lookup
from superpos.config import figure_words, fitting, grids, shipped
from superpos.config.experiments import Figure, Theory
from superpos.config.messages import mapping
from superpos.config.options import check_options
from superpos.metrics import array_likes
from superpos.plotting.pictures import Pictures
from superpos.tables import Tables
from superpos.tables.offers import of_tables

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing


@overload
def draw(figure: Tables, /) -> Pictures: ...
@overload
def draw(figure: str, tables: Tables, /, **options: Any) -> Drawing: ...
def draw(
    figure: str | Tables, tables: Tables | None = None, /, **options: Any
) -> Drawing | Pictures:
    """Draw tables such as those of `sweep`, as one figure or as all general figures that fit them.

        superpos.draw(tables)                                   # all that fit, by name
        superpos.draw("arrows", tables, color="superposition")
        superpos.draw("metric_curve", tables, metric="dimensionality_sum", over="density")
        superpos.draw("F1", tables)                             # a figure of a shipped config

    The general figures are arrows, metric_curve, metric_map, norm_bars and weights. The options are
    those of the figure's `draw`. The tables of theory that a paper's figure needs are computed, unless
    `tables` has them. Raises a ValueError if the figure is unknown or does not fit the tables.
    """
    if isinstance(figure, Tables):
        if tables is not None or options:
            raise ValueError('the name of the figure comes first: superpos.draw("arrows", tables)')
        return _all_that_fit(figure)
    if not isinstance(figure, str):
        kind = type(figure).__name__
        raise ValueError(
            f"an object of type {kind} is neither a figure nor tables; draw what superpos.sweep returns"
        )
    if tables is None:
        raise ValueError(
            f"figure {figure}: there are no tables; give superpos.draw({figure!r}, tables)"
        )
    if not isinstance(tables, Tables):
        kind = type(tables).__name__
        raise ValueError(
            f"figure {figure}: an object of type {kind} is not tables; draw what superpos.sweep returns"
        )
    if figure in lookup.names("general figure"):
        return _drawn(figure, _general(figure), {}, tables, options)
    whole = shipped.config_with("figures", figure, lookup.names("general figure"))
    figures, theory = (mapping(whole[part], part) for part in ("figures", "theory"))
    line = Figure.model_validate(figures[figure])
    lines = {name: Theory.model_validate(theory[name]) for name in line.theory}
    return _drawn(figure, line, lines, tables, options)


def _refuse_no_runs(tables: Tables) -> None:
    if not len(tables.runs):
        raise ValueError("the tables have no runs; select some that there are, or sweep again")


def _all_that_fit(tables: Tables) -> Pictures:
    _refuse_no_runs(tables)
    names = fitting.general_figures(of_tables(tables))
    slugs = tables.runs["condition"].astype(str).unique()
    points = [grids.words_by_axis(slug) for slug in slugs]
    drawn = {name: _drawn(name, _general(name), {}, tables, {}) for name in names}
    return Pictures(drawn, {name: figure_words.caption(name, points) for name in names})


def _general(draw: str) -> Figure:
    return Figure.model_validate({"draw": draw, "from": []})


def _drawn(
    name: str,
    line: Figure,
    lines: Mapping[str, Theory],
    tables: Tables,
    options: Mapping[str, JsonValue],
) -> Drawing:
    """One figure, drawn with the theory tables that its line in the config names."""
    _refuse_no_runs(tables)
    whole = {**line.options, **array_likes.plain(options)}
    try:
        check_options("figure", line.draw, whole)
    except ValueError as error:
        raise ValueError(f"figure {name}: {error}") from None
    known = None if tables.theory else lines
    if lacking := fitting.figure_misfit(line.draw, whole, of_tables(tables), known):
        raise ValueError(f"figure {name} {lacking}")
    theory = tables.theory or {
        key: lookup.load("theory table", one.table).table(**one.settings)
        for key, one in lines.items()
    }
    parts = tables.runs, tables.features, tables.history, tables.checkpoints
    shown = Tables(*parts, theory, samples=tables.samples)
    drawn: Drawing = lookup.load("figure", line.draw).draw(shown, **whole)
    return drawn
