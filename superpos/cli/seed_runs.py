"""Which base seeds `make seeds` runs, which of their verdicts are up to date, and what remains to be run."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from superpos import lookup, rebuild
from superpos.config.experiments import Config, Experiment
from superpos.numerics.digest import digest
from superpos.report import seeds
from superpos.storage import store
from superpos.training import block
from superpos.verdicts import judging

FIRST = 1001
"""The first base seed; the others follow it. No setting was chosen by any of them: 0 is the shipped base
seed, and 7, 8 and other small numbers were looked at while settings were chosen."""
UNLIKE = {"title", "block", "pack"}
"""Settings that change no number."""


def base_seeds(count: int) -> range:
    """The first base seeds."""
    return range(FIRST, FIRST + count)


def digests(config: Config, verdicts: pd.DataFrame) -> dict[str, str]:
    """For each claim of a table of verdicts, a digest of the code and settings behind its value.

    It covers how the models of the claim's experiments are trained, the samples that they are evaluated
    on, their metrics, the tables of theory and the code of the claim's own measure, but no base seed.
    """
    experiments = {name: _experiment(one) for name, one in config.experiments.items()}
    theory = {
        name: digest([line.settings, rebuild.code(lookup.module("theory table", line.table))])
        for name, line in config.theory.items()
    }
    claims = {claim.claim: claim for claim in judging.claims()}
    return {
        name: digest(
            [code, *(experiments.get(e) for e in claims[name].experiments)]
            + [theory.get(table) for table in claims[name].theory]
        )[:12]
        for name, code in zip(verdicts["claim"], verdicts["definition"], strict=True)
    }


def _experiment(experiment: Experiment) -> str:
    settings, conditions = experiment.settings, experiment.conditions.values()
    modules = {lookup.metrics()[name].__module__ for name in settings.metrics}
    modules |= {lookup.module("model", c.model) for c in conditions}
    modules |= {lookup.module("data", c.data.name) for c in conditions}
    measured = rebuild.code("superpos.metrics.stage", "superpos.data.held_out", *sorted(modules))
    ways = block.modules_by_way(settings.engine, conditions)
    trained = {way: rebuild.code(*named) for way, named in ways.items()}
    settled = settings.model_dump(mode="json", exclude=UNLIKE)
    return digest([settled, experiment.sweep.model_dump(mode="json"), trained, measured])


def load(folder: Path) -> dict[int, pd.DataFrame]:
    """The seeds' tables in a folder, by base seed."""
    found = {int(p.stem.removeprefix("seed_")): p for p in folder.glob("seed_*.csv")}
    return {seed: seeds.from_text(store.load_text(found[seed])) for seed in sorted(found)}


def save(folder: Path, seed: int, table: pd.DataFrame) -> None:
    """Write a seed's table."""
    store.save_bytes(folder / f"seed_{seed}.csv", seeds.as_text(table).encode())


def remaining(
    tables: Mapping[int, pd.DataFrame], present: Mapping[str, str], wanted: Iterable[int]
) -> dict[int, list[str]]:
    """For each wanted base seed that is not finished, the files of claims that are still to be judged."""
    none = pd.DataFrame(columns=seeds.COLUMNS)
    files = {claim.claim: name for name in judging.files() for claim in judging.claims(name)}
    left = {seed: seeds.lacking(tables.get(seed, none), present) for seed in wanted}
    return {
        seed: sorted({files[claim] for claim in claims}) for seed, claims in left.items() if claims
    }
