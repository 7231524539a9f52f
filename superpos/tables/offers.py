"""Describe the experiments in some tables as an `Offer`, which figures compare with their needs."""

from superpos.config import grids
from superpos.config.needs import Offer
from superpos.tables import Tables


def of_tables(tables: Tables) -> list[Offer]:
    """The `Offer` of each experiment in the tables, as far as the tables show it."""
    return [_of_experiment_in(name, tables.of(name)) for name in tables.runs["experiment"].unique()]


def _of_experiment_in(name: str, tables: Tables) -> Offer:
    conditions = tables.runs.drop_duplicates("condition")
    columns = {str(column): values.tolist() for column, values in conditions.items()}
    of_data = {key: f"data_{key}" for key in ("signed", "unit_norm") if f"data_{key}" in columns}
    columns |= {key: columns[column] for key, column in of_data.items()}
    features = tables.features.drop_duplicates(["condition", "feature"])
    forms = features.groupby("condition", sort=False)["importance"].agg(list)
    columns["importance"] = forms[conditions["condition"]].tolist()
    read = (tables.runs, tables.features, tables.samples, tables.checkpoints)
    measured = {str(column) for table in read for column in table.columns}
    replicates = int(tables.runs.groupby("condition").size().min())
    points = [grids.words_by_axis(slug) for slug in conditions["condition"].astype(str)]
    return Offer(name, columns, measured, _checkpoints(tables), replicates, points)


def _checkpoints(tables: Tables) -> int:
    return int(tables.checkpoints["step"].nunique()) if "step" in tables.checkpoints else 0
