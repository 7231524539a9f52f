"""Load the tables and models of an experiment from a folder of results, or models from a file."""

import os
from pathlib import Path

from superpos import lookup
from superpos.api.model_files import load_models
from superpos.api.models import Models
from superpos.api.results import Results
from superpos.config.condition_table import from_table
from superpos.config.resolving import OTHER_FOLDERS
from superpos.storage import store
from superpos.tables.stored import load_tables

TABLES = ("conditions", "runs", "features", "samples", "history", "checkpoints")


def load(path: str | os.PathLike[str], experiment: str | None = None) -> Results | Models:
    """Load an experiment from a folder of results, or models from a file that `Models.save` wrote.

    The folder is `results`, or `results/double_descent` for the second paper, or
    `results/variations/NAME` for a variation. Raises a one-line ValueError if the folder has no such
    experiment, or if a file is missing, damaged or older than the others.

        superpos.load("results", "F1").models["density=0.1"].model()
    """
    place = Path(path)
    if place.is_file():
        if place.suffix == ".json":
            raise ValueError(f"{place}: read a model of the explorer with superpos.ToyModel.load")
        if experiment is not None:
            raise ValueError(
                f"{place}: a file holds the models of one condition; leave out {experiment!r}"
            )
        return load_models(place)
    return load_experiment(place, experiment)


def load_experiment(place: Path, name: str | None) -> Results:
    """The tables and models of an experiment of a folder of results."""
    if not place.is_dir():
        raise ValueError(
            f"{place}: there is no such file or folder; give the folder of results, such as results, or a"
            " file that `Models.save` wrote"
        )
    known = [each.parent.name for each in sorted(place.glob("*/conditions.parquet"))]
    if name is None:
        raise ValueError(f"{place}: name an experiment in it; {_hint('', known)}")
    if name not in known and (name in OTHER_FOLDERS or not (place / name).is_dir()):
        elsewhere = [each.parents[1] for each in sorted(place.glob(f"*/{name}/conditions.parquet"))]
        hint = f"it is in {elsewhere[0]}" if elsewhere else _hint(name, known)
        raise ValueError(f"{place}: no experiment {name!r}; {hint}")
    folder = place / name
    if missing := [kind for kind in TABLES if not (folder / f"{kind}.parquet").is_file()]:
        raise ValueError(
            f"{folder}: it is not finished: {missing[0]}.parquet is missing; run `make` to finish it"
        )
    table = store.load_table(folder / "conditions.parquet")
    conditions = {slug: condition for slug, (condition, _) in from_table(table).items()}
    tables = load_tables([folder])
    if strange := sorted(set(tables.runs["condition"]) ^ conditions.keys()):
        raise ValueError(
            f"{folder}: conditions.parquet and runs.parquet differ in {strange[0]}; "
            "run `make` to make both from the same settings"
        )
    return Results(tables, conditions)


def _hint(name: str, known: list[str]) -> str:
    """The experiment that was probably meant, or what to do if there is none."""
    return lookup.hint(name, known) if known else "it holds none; run `make` first"
