"""Describe experiments, tables and arrays by what metrics, figures and claims may need."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from superpos.config.needs import Offer

if (
    TYPE_CHECKING
):  # Resolving a config need not import pandas, and a figure need not import pydantic.
    from superpos.config.experiments import Settings
    from superpos.config.sweep import Sweep
    from superpos.tables import Tables


def of_experiment(name: str, settings: "Settings", sweep: "Sweep") -> Offer:
    """What a resolved experiment has."""
    every, rows = list(sweep.conditions.values()), list(sweep.points.values())
    columns: dict[str, list[Any]] = {
        key: [getattr(c, key) for c in every]
        for key in ("n_features", "n_hidden", "model", "density", "importance")
    }
    columns["data"] = [c.data.name for c in every]
    columns["signed"] = [c.data.signed for c in every]
    columns["data_sets"] = [c.data.sets for c in every]
    for axis in sweep.axes:
        columns.setdefault(axis.replace(".", "_"), [row.get(axis) for row in rows])
    return Offer(name, columns, settings.metrics, len(settings.checkpoints), settings.replicates)


def of_tables(tables: "Tables") -> list[Offer]:
    """What each experiment in the tables has, as far as the tables show it."""
    return [_of_experiment_in(name, tables.of(name)) for name in tables.runs["experiment"].unique()]


def of_model(arrays: Mapping[str, Any]) -> Offer:
    """What models given as arrays have: their shape, and `variant` and `data` if these are given."""
    columns: dict[str, list[Any]] = {}
    if arrays.get("W") is not None:
        columns["n_features"], columns["n_hidden"] = ([n] for n in arrays["W"].shape[1:])
    if arrays.get("variant") is not None:
        columns["model"] = [arrays["variant"]]
    if arrays.get("data") is not None:
        data = arrays["data"]
        columns |= {"data": [data.name], "signed": [data.signed], "data_sets": [data.sets]}
    return Offer("this model", columns)


def _of_experiment_in(name: str, tables: "Tables") -> Offer:
    conditions = tables.runs.drop_duplicates("condition")
    columns = {str(column): values.tolist() for column, values in conditions.items()}
    features = tables.features.drop_duplicates(["condition", "feature"])
    forms = features.groupby("condition", sort=False)["importance"].agg(list)
    columns["importance"] = forms[conditions["condition"]].tolist()
    measured = {*tables.runs.columns, *tables.features.columns, *tables.checkpoints.columns}
    replicates = int(tables.runs.groupby("condition").size().min())
    return Offer(name, columns, measured, _checkpoints(tables), replicates)


def _checkpoints(tables: "Tables") -> int:
    return int(tables.checkpoints["step"].nunique()) if "step" in tables.checkpoints else 0
