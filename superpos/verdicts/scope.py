"""Which claims a run tests: those whose conditions are the paper's, however they are trained.

A claim selects conditions of the paper's experiments. A run tests it if its own experiments have each
of them once, and what the claim needs besides. Further conditions are left out of the measurement.
"""

import functools
import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from superpos import lookup
from superpos.config import grids, needs
from superpos.config.condition import Data, overridden
from superpos.config.experiments import Experiment, Theory
from superpos.config.per_feature import density_vector, importance_vector
from superpos.verdicts.claim import Claim

SUBJECT = ("n_features", "n_hidden", "model", "data", "density", "importance")
"""What a condition is, as the paper says it; the rest is how it is trained."""

Values = Mapping[str, Any]
Subject = tuple[Any, ...]


@dataclass(frozen=True)
class Scope:
    """`untested`: the reason for each claim that is not tested; `beyond`: by experiment, the slugs of
    conditions that no claim is about."""

    untested: Mapping[str, str]
    beyond: Mapping[str, list[str]]


@dataclass(frozen=True)
class _Point:
    """A condition: what it is, and the columns that the table of runs has of that."""

    subject: Subject
    columns: Values


@dataclass(frozen=True)
class _Match:
    """A run's conditions of an experiment: slugs by the paper's slug, and slugs that are not the paper's.

    `have` has all of them by what they are; it is empty if they are the paper's own.
    """

    slugs: Mapping[str, str]
    beyond: list[str]
    have: Mapping[Subject, Mapping[str, _Point]] = field(default_factory=dict)


def scope(
    claims: Iterable[Claim],
    experiments: Mapping[str, Experiment | None],
    theory: Mapping[str, Theory | None],
) -> Scope:
    """Which of the claims these experiments and tables of theory test; None: nothing else is known."""
    known = {name: e for name, e in experiments.items() if e and name in _experiments()}
    matches = {name: _match(name, experiment) for name, experiment in known.items()}
    reasons = {claim.claim: _reason(claim, experiments, theory, matches) for claim in claims}
    beyond = {name: match.beyond for name, match in matches.items() if match.beyond}
    return Scope({claim: why for claim, why in reasons.items() if why}, beyond)


def narrowed(experiment: Experiment, slugs: Collection[str]) -> Experiment:
    """The experiment with these conditions alone."""
    kept = {*slugs}
    whole = kept >= experiment.conditions.keys()
    return experiment if whole else replace(experiment, sweep=experiment.sweep.only(kept))


def _reason(
    claim: Claim,
    experiments: Mapping[str, Experiment | None],
    theory: Mapping[str, Theory | None],
    matches: Mapping[str, _Match],
) -> str | None:
    """Why the claim is not tested, or None."""
    every = [_of_theory(table, theory) for table in claim.theory]
    every += [_of_conditions(claim, name, experiments, matches) for name in claim.experiments]
    if why := next(filter(None, every), None):
        return why
    known = [(e, matches[n]) for n in claim.experiments if n in matches and (e := experiments[n])]
    trained = (_off_recipe(claim, *one) or _off_course(claim, one[0]) for one in known)
    unmet = needs.misfit(claim.needs, [e.offer for e, _ in known], claim.where)
    return unmet or next(filter(None, trained), None)


def _of_theory(table: str, theory: Mapping[str, Theory | None]) -> str | None:
    """How a table of theory differs from the one that a claim is about."""
    if table not in theory:
        return f"the table of theory {table} is not part of this run"
    line = theory[table]
    same = line is None or line.settings == _theory()[table]
    return None if same else f"the table of theory {table} has other settings"


def _of_conditions(
    claim: Claim,
    name: str,
    experiments: Mapping[str, Experiment | None],
    matches: Mapping[str, _Match],
) -> str | None:
    """Which of the paper's conditions that a claim is about an experiment does not have."""
    match = matches.get(name, _Match({}, []))
    if name in experiments and not match.have:
        return None
    wanted = _wanted(name, tuple(claim.where.items()))
    if name not in experiments:
        return f"{name} is not part of this run" if wanted else None
    lacking = [slug for slug in wanted if slug not in match.slugs]
    return _misfit(name, _paper(name)[lacking[0]], match.have) if lacking else None


def _off_recipe(claim: Claim, experiment: Experiment, match: _Match) -> str | None:
    """How the training differs from the one that the claim is about."""
    for key, value in claim.recipe.get(experiment.name, {}).items():
        for slug, condition in experiment.conditions.items():
            found = functools.reduce(getattr, key.split("."), condition)
            if found != value and slug not in match.beyond:
                return f"{experiment.name} trains with {key} {found}; the claim is about {value}"
    return None


def _off_course(claim: Claim, experiment: Experiment) -> str | None:
    """Which checkpoint is missing of those that the claim follows runs along."""
    if not claim.along:
        return None
    steps = grids.whole_numbers(_experiments()[experiment.name]["checkpoints"])
    missing = sorted({*steps} - {*experiment.settings.checkpoints})
    return f"{experiment.name} has no checkpoint at step {missing[0]}" if missing else None


@functools.cache
def _wanted(name: str, where: tuple[tuple[str, Any], ...]) -> list[str]:
    """The slugs of the paper's conditions of an experiment whose columns have these values."""
    return [
        slug
        for slug, point in _paper(name).items()
        if all(_equal(point.columns.get(column), value) for column, value in where)
    ]


def _equal(found: Any, value: Any) -> bool:
    if isinstance(value, float) and isinstance(found, float | int):
        return math.isclose(found, value, rel_tol=1e-6)
    return bool(found == value)


def _match(name: str, experiment: Experiment) -> _Match:
    if _short(experiment.sweep.common, experiment.sweep.parts) == _short(*_block(name)):
        return _Match({}, [])
    have: dict[Subject, dict[str, _Point]] = defaultdict(dict)
    for slug, point in _points(experiment.sweep.common, experiment.sweep.points).items():
        have[point.subject][slug] = point
    slugs: dict[str, str] = {}
    for slug, wanted in _paper(name).items():
        found = have.get(wanted.subject, {})
        if len(found) == 1 and not _unseen(wanted, found):
            slugs[slug] = next(iter(found))
    used = {*slugs.values()}
    return _Match(slugs, [slug for slug in experiment.conditions if slug not in used], have)


def _unseen(wanted: _Point, found: Mapping[str, _Point]) -> set[str]:
    """The columns that a claim may read and that the table of runs lacks."""
    return {name for name in wanted.columns if any(name not in p.columns for p in found.values())}


def _misfit(name: str, wanted: _Point, have: Mapping[Subject, Mapping[str, _Point]]) -> str:
    """Why none of the conditions is the one that is wanted."""
    found = have.get(wanted.subject, {})
    if len(found) > 1:
        first, second = list(found)[:2]
        return f"{name} has two conditions where the claim is about one: {first} and {second}"
    if found:
        unseen = min(_unseen(wanted, found))
        return f"{name} does not sweep {unseen}, which the claim reads from the table of runs"
    return _difference(name, wanted, have)


def _difference(name: str, wanted: _Point, have: Mapping[Subject, Mapping[str, _Point]]) -> str:
    """What the nearest condition has that is not the paper's."""
    nearest = min(have, key=lambda one: [a != b for a, b in zip(one, wanted.subject, strict=True)])
    of = zip(SUBJECT, nearest, wanted.subject, strict=True)
    key, found, value = next(each for each in of if each[1] != each[2])
    if key in ("n_features", "n_hidden", "model"):
        return f"{name} has {key} {found}; the claim is about {value}"
    if key == "data" and found.name != value.name:
        return f"{name} has data {found.name}; the claim is about {value.name}"
    for column, number in wanted.columns.items():
        if column.startswith(key) and isinstance(number, float):
            points = [point for of in have.values() for point in of.values()]
            if not any(_equal(point.columns.get(column), number) for point in points):
                return f"{name} has no condition of {column} {number:g}"
    return f"{name} has another {key} than the claim is about"


def _short(plain: Values, sweep: Any) -> tuple[dict[str, Any], list[Any]]:
    """What decides the subjects, in short form: equal forms have equal conditions."""
    parts = sweep if isinstance(sweep, list) else [sweep]
    return {key: plain.get(key) for key in SUBJECT}, [
        dict(filter(_counts, p.items())) for p in parts
    ]


def _counts(axis: tuple[str, Any]) -> bool:
    """Whether an axis changes the subject, or how many conditions there are."""
    key, values = axis
    return key.split(".")[0] in SUBJECT or not isinstance(values, list) or len(values) != 1


@functools.cache
def _paper(name: str) -> dict[str, _Point]:
    """The paper's conditions of an experiment."""
    plain, sweep = _block(name)
    return _points(plain, grids.points(grids.parts(sweep)))


def _block(name: str) -> tuple[dict[str, Any], Any]:
    whole = _experiments()[name]
    return whole, whole["sweep"]


@functools.cache
def _experiments() -> dict[str, dict[str, Any]]:
    """The experiments of every paper, in the config's words."""
    return {
        name: {**paper.SHARED, **block}
        for paper in lookup.of_papers("conditions")
        for name, block in paper.EXPERIMENTS.items()
    }


@functools.cache
def _theory() -> dict[str, Any]:
    """The settings of every paper's tables of theory."""
    return {
        name: settings
        for paper in lookup.of_papers("conditions")
        for name, settings in paper.THEORY.items()
    }


def _points(plain: Values, points: Mapping[str, Values]) -> dict[str, _Point]:
    return {slug: _point(overridden(plain, point), point) for slug, point in points.items()}


def _point(values: Values, point: Values) -> _Point:
    n, data = values["n_features"], Data.model_validate(values["data"])
    density, importance = (
        tuple(f"{x:.6g}" for x in vector(values[key], n).tolist())
        for key, vector in (("density", density_vector), ("importance", importance_vector))
    )
    subject = (n, values["n_hidden"], values["model"], data, density, importance)
    columns = {key: values[key] for key in ("n_features", "n_hidden", "model")}
    swept = {axis: value for axis, value in point.items() if axis.split(".")[0] in SUBJECT}
    one = {"density": values["density"]} if isinstance(values["density"], float | int) else {}
    inner = {axis.replace(".", "_"): value for axis, value in swept.items() if "." in axis}
    return _Point(subject, {**columns, "data": data.name, **one, **inner})
