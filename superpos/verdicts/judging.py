"""Judge the claims: measure what each is about, and compare the value with its range."""

import functools
import math
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, fields, replace
from functools import partial

import pandas as pd

from superpos import lookup
from superpos.config.experiments import Config, Experiment
from superpos.config.variations import own_experiments, own_theory
from superpos.tables import Tables
from superpos.verdicts import best_of, definitions
from superpos.verdicts.claim import Claim
from superpos.verdicts.outcomes import HOLDS, UNTESTED, merged_verdict, verdict
from superpos.verdicts.scope import Scope, narrowed, scope

NO_RUN = "the tables have no run that the claim is about"
NAN = float("nan")
MODELS = ("main", "recipe")
STATEMENT_COLUMNS = [
    *("statement", "figure", "kind", "text", "verdict", "hold", "tested", "single", "recipe")
]


@dataclass(frozen=True)
class Verdict:
    """A row of the table of verdicts: what a claim says, and what was measured.

    `kind` and `statement` are those of the statement that the claim tests, and `models` says on which
    models: the main ones, or those that were trained by the authors' recipe beside them.

    `verdict` is "holds", "does not hold", or "not tested" for a `reason`: the tables lack what the claim
    is about. `value` is measured from `runs` runs. `replicate_low`, `_median` and `_high` are the range
    and the median of the same measure over the k-th replicate of every condition, for each k, or over
    the training sets if the claim says so, and `replicates_hold` is the share of these values that
    hold. For a claim about best runs, `best_of_holds` has the probability that it holds for the best of
    k replicates, for each k of `best_of`; both are empty if there is one replicate, if the spread is over
    training sets, or if the claim is about all runs. `old_low` and `old_high` are the range that the claim
    had when it was first written, if that was corrected, and `correction` has what was corrected and why.
    `definition` is a digest of the code that measures.
    """

    claim: str
    figure: str
    kind: str
    statement: str
    models: str
    text: str
    source: str
    value: float
    low: float
    high: float
    verdict: str
    reason: str
    runs: int
    replicates: int
    replicate_low: float
    replicate_median: float
    replicate_high: float
    replicates_hold: float
    best_of: tuple[int, ...]
    best_of_holds: tuple[float, ...]
    old_low: float
    old_high: float
    correction: str
    definition: str


def files(paper: str | None = None) -> list[str]:
    """The names of the files with claims, or of those of one paper, in their order."""
    return lookup.names("claims file", paper)


def claims(*of: str) -> list[Claim]:
    """The claims of some files, or of all, in the order of the files' names and then of each file.

    Raises a ValueError if two of them have the same name.
    """
    found: dict[str, tuple[str, Claim]] = {}
    for file in of or files():
        for claim in lookup.load("claims file", file).CLAIMS:
            if claim.claim in found:
                places = (
                    lookup.shown_path(lookup.file("claims file", f))
                    for f in (found[claim.claim][0], file)
                )
                raise ValueError(
                    f"claim {claim.claim!r} is in {' and in '.join(places)}; rename one"
                )
            found[claim.claim] = file, claim
    return [claim for _, claim in found.values()]


def about(file: str, experiments: Collection[str], theory: Collection[str] = ()) -> list[Claim]:
    """The claims of a file about any of these experiments, or about these tables of theory alone."""
    return [
        claim
        for claim in claims(file)
        if {*experiments} & {*claim.experiments}
        or (not claim.experiments and {*theory} & {*claim.theory})
    ]


def asked(paper: str, config: Config, shipped: Config | None = None) -> dict[str, list[Claim]]:
    """The claims of a paper that a run judges, by file; files without such claims are left out.

    These are the claims about its experiments and theory tables or, if it is a variation of a shipped
    config, about those that the variation adds or changes.
    """
    experiments: Collection[str] = config.experiments
    theory: Collection[str] = config.theory
    if shipped is not None:
        experiments, theory = own_experiments(config, shipped), own_theory(config, shipped)
    found = {file: about(file, experiments, theory) for file in files(paper)}
    return {file: claims for file, claims in found.items() if claims}


def completed(config: Config, whole: Config, shipped: Config, paper: str) -> Config:
    """A variation, completed with the other experiments and theory tables that its claims read.

    These come from the whole config. A claim about an experiment that the variation adds or changes
    counts if it can be tested once they are added.
    """
    own = {*own_experiments(whole, shipped)}
    every = [claim for file in files(paper) for claim in claims(file) if own & {*claim.experiments}]
    untested = scope(every, whole.experiments, whole.theory).untested
    tested = [claim for claim in every if claim.claim not in untested]
    names = {*config.experiments, *(name for claim in tested for name in claim.experiments)}
    tables = {*config.theory, *(name for claim in tested for name in claim.theory)}
    experiments = {n: e for n, e in whole.experiments.items() if n in names}
    theory = {n: line for n, line in whole.theory.items() if n in tables}
    return replace(config, experiments=experiments, theory=theory)


def evaluate(tables: Tables, *of: str) -> pd.DataFrame:
    """The verdicts on the claims of some files, or of all, one `Verdict` per row.

    The table has the claims about any of the experiments or the theory in the tables.
    """
    theory = dict.fromkeys(tables.theory)
    experiments = _experiments(tables)
    every = [claim for file in of or files() for claim in about(file, experiments, theory)]
    return judged(tables, every, scope(every, experiments, theory))


def judged(tables: Tables, claims: Iterable[Claim], within: Scope) -> pd.DataFrame:
    """The verdicts on these claims.

    `within` says which of them are not tested, and which conditions are left out.
    """
    tables = tables.without(within.beyond)
    runs_of = functools.lru_cache(maxsize=1)(tables.of)
    select = functools.lru_cache(maxsize=1)(partial(_selected, runs_of))
    rows = []
    for claim in claims:
        if reason := within.untested.get(claim.claim):
            rows.append(_untested(claim, reason))
        else:
            rows.append(_tested(claim, select(claim.experiments, *claim.where.items())))
    return table(rows)


def table(rows: Iterable[Verdict]) -> pd.DataFrame:
    """The table of verdicts. It has all of its columns even if it has no rows."""
    columns = [field.name for field in fields(Verdict)]
    return pd.DataFrame([vars(row) for row in rows], columns=columns)


def statements(verdicts: pd.DataFrame) -> pd.DataFrame:
    """One row for each statement that a table of verdicts tests: its kind, its text and its verdict.

    `verdict`: on the main models, or on the others if no claim is about main models; `recipe`: on those
    trained by the authors' recipe, or "". `hold` and `tested` count the claims behind `verdict`.
    `single`: the smallest fraction, over the claims, of single replicates for which a claim holds, so the
    statement holds for at most this fraction. It covers the claims about the best of several runs, and all
    claims of a figure in which the paper shows single runs; NaN if there are none.
    """
    texts = {claim.statement.name: claim.statement.text for claim in claims()}
    rows = []
    for name, about in verdicts.groupby("statement", sort=False):
        main, recipe = (about[about["models"] == models] for models in MODELS)
        judged = main if len(main) else recipe
        rows.append(
            {
                **about.iloc[0][["statement", "figure", "kind"]],
                "text": texts.get(str(name), about["text"].iloc[0]),
                "verdict": merged_verdict(judged["verdict"]),
                "hold": int((judged["verdict"] == HOLDS).sum()),
                "tested": int((judged["verdict"] != UNTESTED).sum()),
                "single": judged["replicates_hold"][_judged_singly(judged)].min(),
                "recipe": merged_verdict(recipe["verdict"]) if len(recipe) else "",
            }
        )
    return pd.DataFrame(rows, columns=STATEMENT_COLUMNS)


def _judged_singly(verdicts: pd.DataFrame) -> pd.Series:
    shown = {figure for paper in lookup.of_papers("single_runs") for figure in paper.FIGURES}
    return (verdicts["best_of"].str.len() > 0) | verdicts["figure"].isin(shown)


def gathered(verdicts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """The verdicts of several files as one table."""
    parts = list(verdicts)
    return pd.concat(parts, ignore_index=True) if parts else table([])


def joined_verdicts(verdicts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """The verdicts of a run and of larger ones as one table.

    If several runs judge a claim, the verdict of the last one that could test it counts.
    """
    every = gathered(verdicts)
    tested_last = every.iloc[(every["verdict"] != UNTESTED).argsort(kind="stable")]
    kept = tested_last.drop_duplicates("claim", keep="last").set_index("claim")
    return kept.loc[every["claim"].unique()].reset_index()


def _experiments(tables: Tables) -> dict[str, Experiment | None]:
    """The experiments of the tables, reduced to the conditions they have; None if they are not known."""
    names = tables.runs[["experiment", "condition"]].drop_duplicates()
    return {
        name: narrowed(known, part["condition"])
        if (known := tables.experiments.get(name))
        else None
        for name, part in names.groupby("experiment")
    }


@dataclass(frozen=True)
class _Selection:
    """The runs that a claim is about: all of them, and the best ones."""

    all: Tables
    best: Tables

    def repetitions(self, claim: Claim) -> dict[int, Tables]:
        """The runs of each replicate or, for a claim about training sets, of each set, by its number.

        A replicate that not all of the claim's experiments have is left out.
        """
        if not claim.experiments:
            return {}
        whole = self.best if claim.each == "data_set" and claim.over == "best" else self.all
        parts = whole.by_set if claim.each == "data_set" else whole.by_replicate
        if claim.each == "replicate":
            parts = [one for one in parts if len(one.names) == len(whole.names)]
        return {int(one.runs[claim.each].iloc[0]): one for one in parts}

    @functools.cached_property
    def pool(self) -> best_of.Pool:
        """The runs from which the best of k are drawn."""
        return best_of.Pool(self.all)


def _selected(
    runs_of: Callable[..., Tables], experiments: tuple[str, ...], *where: tuple[str, str | float]
) -> _Selection:
    """The runs of these experiments. Successive claims mostly share them.

    If a condition's best run would be one that diverged, all runs stand for the best ones, so that no
    claim about these has a value.
    """
    chosen = runs_of(*experiments).where(**dict(where))
    best = chosen if experiments and chosen.without_best() else chosen.best()
    return _Selection(chosen, best)


def _tested(claim: Claim, selection: _Selection) -> Verdict:
    shown = selection.best if claim.over == "best" else selection.all
    if claim.experiments and not len(shown.runs):
        return _untested(claim, NO_RUN)
    every = len(selection.all.names)
    value = _measured(claim, shown, every)
    repetitions = selection.repetitions(claim)
    single = {n: _measured(claim, one, len(one.names)) for n, one in repetitions.items()}
    spread = pd.Series([*single.values()], dtype=float)
    curve = best_of.Curve()
    if (claim.over, claim.each) == ("best", "replicate") and len(single) > 1:
        held = {number: claim.holds(one) for number, one in single.items()}
        pool = selection.pool
        curve = best_of.best_of_curve(pool, lambda t: claim.holds(_measured(claim, t, every)), held)
    return replace(
        _untested(claim, ""),
        value=value,
        verdict=verdict(claim.holds(value)),
        runs=len(shown.runs),
        replicates=len(single),
        replicate_low=spread.min(),
        replicate_median=spread.median(),
        replicate_high=spread.max(),
        replicates_hold=spread.map(claim.holds).astype(float).mean(),
        best_of=curve.k,
        best_of_holds=curve.holds,
    )


def _untested(claim: Claim, reason: str) -> Verdict:
    old = claim.corrections[0] if claim.corrections else None
    return Verdict(
        claim=claim.claim,
        figure=claim.figure,
        kind=claim.statement.kind,
        statement=claim.statement.name,
        models=claim.models,
        text=claim.text,
        source=claim.source,
        value=NAN,
        low=claim.low,
        high=claim.high,
        verdict=UNTESTED,
        reason=reason,
        runs=0,
        replicates=0,
        replicate_low=NAN,
        replicate_median=NAN,
        replicate_high=NAN,
        replicates_hold=NAN,
        best_of=(),
        best_of_holds=(),
        old_low=old.low if old else NAN,
        old_high=old.high if old else NAN,
        correction="; ".join(map(str, claim.corrections)),
        definition=definitions.measure_code(claim),
    )


def _measured(claim: Claim, tables: Tables, experiments: int) -> float:
    """The measure, or NaN if the tables lack an experiment that it needs, or if some run diverged."""
    whole = experiments and len(tables.names) == experiments
    measured = (whole and not tables.diverged.any()) or not claim.experiments
    return _rounded(float(claim.measure(tables))) if measured else NAN


def _rounded(value: float) -> float:
    """Round to nine digits and twelve places, because the last bits of library sums differ between CPUs."""
    return float(f"{round(value, 12):.9g}") if math.isfinite(value) else value
