"""Decide which base seeds `make seeds` runs, which of their verdicts are up to date, and what is left to
run."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from superpos import rebuild
from superpos.config.condition_table import RUN
from superpos.numerics.digest import arrays_digest, digest
from superpos.report import seeds
from superpos.storage import manifest, store
from superpos.tables import Tables, stored
from superpos.verdicts import definitions, judging
from superpos.verdicts.claim import Claim

FIRST = 1001
"""The first base seed; the others follow it. No setting was chosen by any of them: 0 is the shipped base
seed, and 7, 8 and other small numbers were looked at while settings were chosen."""
COLUMNS = ("loss", "feature_loss", "rank", "W", "W_out", "bias")
"""The columns of losses, ranks and weights, which every claim may read, besides those of its metrics."""
PAGES = ("api", "cli", "plotting", "progress", "report")
"""The packages that affect no verdict, followed by single files of other packages that do not either."""
PAGE_FILES = ("figure_", "departures", "sections", "first_screen")


def base_seeds(count: int) -> range:
    """The first base seeds; raises a ValueError for a negative number of them."""
    if count < 0:
        raise ValueError(f"{count} base seeds; give SEEDS=0 or more")
    return range(FIRST, FIRST + count)


def code_and_config(config: Path) -> str:
    """A digest of a config file and of the code behind the verdicts; neither may change while a seed runs."""
    package = rebuild.PACKAGE
    files = [
        path
        for path in sorted(package.rglob("[!.]*.py"))
        if path.relative_to(package).parts[0] not in PAGES and not path.name.startswith(PAGE_FILES)
    ]
    return digest([store.load_text(path) for path in (*files, config)])


def digests(results: Path, verdicts: pd.DataFrame) -> dict[str, str]:
    """For each claim that the shipped run judges, a digest of everything that its verdict depends on.

    It covers the runs that the claim is about: their weights, their losses and the metrics that the claim
    reads, including those at checkpoints if the claim is about them. It also covers the claim's tables of
    theory, the code of its measure, and the value. An edit that changes none of these with the shipped
    base seed leaves the other seeds' verdicts up to date.
    """
    claims = {claim.claim: claim for claim in judging.claims()}
    shipped = _Shipped(results)
    rows = zip(verdicts["claim"], verdicts["definition"], verdicts["value"], strict=True)
    return {
        name: digest([f"{value:.9g}", *shipped.digests(claims[name], definition)])[:12]
        for name, definition, value in rows
    }


class _Shipped:
    """The tables of the shipped run. A selection is cached, because successive claims mostly share it."""

    def __init__(self, results: Path) -> None:
        self._results = results
        self._tables = lru_cache(maxsize=1)(self._loaded)
        self._rows = lru_cache(maxsize=3)(self._selected)
        self._column = cache(self._of_column)
        self._theory = cache(self._of_theory)

    def digests(self, claim: Claim, definition: str) -> Iterator[str]:
        """Digests of the claim's measure, its tables of theory, and each column that it may read."""
        yield definitions.first_alike(claim, definition)
        yield from map(self._theory, claim.theory)
        kinds = ("runs", "features", "checkpoints") if claim.along else ("runs", "features")
        selection = claim.experiments, tuple(claim.where.items())
        for kind in kinds if claim.experiments else ():
            for column in (*COLUMNS, *claim.needs.metrics):
                yield self._column(*selection, kind, column)

    def _loaded(self, experiments: tuple[str, ...]) -> Tables:
        return stored.load_tables(self._results / name for name in experiments)

    def _selected(
        self, experiments: tuple[str, ...], where: tuple[tuple[str, str | float], ...], kind: str
    ) -> pd.DataFrame:
        """The rows in an order that does not depend on how the runs were divided among jobs."""
        table = getattr(self._tables(experiments).where(**dict(where)), kind)
        order = [c for c in (*RUN, "step", "feature") if c in table]
        return table.sort_values(order, kind="stable")

    def _of_column(
        self,
        experiments: tuple[str, ...],
        where: tuple[tuple[str, str | float], ...],
        kind: str,
        column: str,
    ) -> str:
        rows = self._rows(experiments, where, kind)
        if column not in rows:
            return ""
        values = rows[column].to_numpy()
        flat = np.concatenate([np.empty(0), *values]) if values.dtype == object else values
        return arrays_digest({column: flat})

    def _of_theory(self, table: str) -> str:
        return manifest.table_digest(
            store.load_table(self._results / "theory" / f"{table}.parquet")
        )


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
