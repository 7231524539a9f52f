"""Which base seeds `make seeds` runs, which of their verdicts are up to date, and what remains to be run."""

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

import pandas as pd

from superpos import rebuild
from superpos.numerics.digest import arrays_digest, digest
from superpos.report import seeds
from superpos.storage import manifest, store
from superpos.verdicts import judging

FIRST = 1001
"""The first base seed; the others follow it. No setting was chosen by any of them: 0 is the shipped base
seed, and 7, 8 and other small numbers were looked at while settings were chosen."""
LOSSES = ("loss", "feature_loss")
"""The columns that every claim may read, besides those of its metrics."""
WEIGHTS = "weights"
"""Stands for the weights of an experiment's runs beside the names of columns."""


def base_seeds(count: int) -> range:
    """The first base seeds; raises a ValueError for a negative number of them."""
    if count < 0:
        raise ValueError(f"{count} base seeds; give SEEDS=0 or more")
    return range(FIRST, FIRST + count)


def code_and_config(config: Path) -> str:
    """A digest of all code and of a config file, which must stay the same while a seed runs."""
    files = [*sorted(rebuild.PACKAGE.rglob("*.py")), config]
    return digest([store.load_text(path) for path in files])


def digests(results: Path, verdicts: pd.DataFrame) -> dict[str, str]:
    """For each claim of the shipped run's verdicts, a digest of what that run has for it.

    It covers the weights of the claim's experiments, their losses, the metrics that the claim reads, its
    tables of theory, the code of its measure, and the value. An edit that changes none of these with the
    shipped base seed leaves the other seeds' verdicts up to date.
    """
    named = {*verdicts["claim"]}
    claims = {claim.claim: claim for claim in judging.claims() if claim.claim in named}
    experiments = {name for claim in claims.values() for name in claim.experiments}
    columns = {*LOSSES, *(metric for claim in claims.values() for metric in claim.needs.metrics)}
    theory = {table for claim in claims.values() for table in claim.theory}
    runs = {name: _experiment(results / name, columns) for name in sorted(experiments)}
    tables = {name: _table(results / f"theory/{name}.parquet") for name in sorted(theory)}
    rows = zip(verdicts["claim"], verdicts["definition"], verdicts["value"], strict=True)
    return {
        name: digest(
            [definition, f"{value:.9g}", *(tables[table] for table in claims[name].theory)]
            + [runs[one].get(c) for one in claims[name].experiments
               for c in (WEIGHTS, *LOSSES, *claims[name].needs.metrics)]
        )[:12]
        for name, definition, value in rows
    }  # fmt: skip


def _experiment(folder: Path, columns: Collection[str]) -> dict[str, str]:
    """Digests of the experiment's weights, and of those of the columns that its tables have."""
    files = sorted((folder / "models").rglob("*.safetensors"))
    weights = [arrays_digest(store.load_arrays(path)[0]) for path in files]
    found = {WEIGHTS: digest(weights)}
    for kind in ("runs", "features"):
        table = store.load_table(folder / f"{kind}.parquet")
        found |= {c: manifest.table_digest(table[[c]]) for c in table.columns.intersection(columns)}
    return found


def _table(path: Path) -> str:
    return manifest.table_digest(store.load_table(path))


def load_seed_tables(folder: Path) -> dict[int, pd.DataFrame]:
    """The seeds' tables in a folder, by base seed."""
    found = {int(p.stem.removeprefix("seed_")): p for p in folder.glob("seed_*.csv")}
    return {seed: seeds.table_from_text(store.load_text(found[seed])) for seed in sorted(found)}


def save_seed_table(folder: Path, seed: int, table: pd.DataFrame) -> None:
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
