"""Which claims a run tests: those whose conditions are the paper's, however they are trained.

A claim selects conditions of the paper's experiments. A run tests the claim if the run's experiments
have each of these conditions exactly once, and whatever else the claim needs. Other conditions are left
out of the measurement.
"""

import functools
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from superpos import lookup
from superpos.config import grids, needs
from superpos.config.condition import Data, overridden
from superpos.config.experiments import Experiment, Theory
from superpos.config.per_feature import density_vector, importance_vector
from superpos.config.swept import Values
from superpos.verdicts.claim import Claim
from superpos.verdicts.paper_experiment import PaperExperiment


class Subject(NamedTuple):
    """The part of a condition that the paper states. The rest of a condition is how it is trained."""

    n_features: int
    n_hidden: int
    model: str
    data: Data
    density: tuple[str, ...]
    importance: tuple[str, ...]


SUBJECT = Subject._fields


@dataclass(frozen=True)
class Scope:
    """Which claims are not tested, and which conditions no claim is about.

    `untested` has the reason for each claim that is not tested, and `beyond` the slugs of each
    experiment's conditions that no claim is about.
    """

    untested: Mapping[str, str]
    beyond: Mapping[str, list[str]]


@dataclass(frozen=True)
class _Point:
    """A condition: its subject, and its columns in the table of runs."""

    subject: Subject
    columns: Values


@dataclass(frozen=True)
class _Match:
    """How the conditions of a run's experiment match the paper's.

    `slugs` has the run's slug for each slug of the paper, and `beyond` the run's other slugs. `have`
    has all of the run's conditions by subject; it is empty if they are exactly the paper's.
    """

    slugs: Mapping[str, str]
    beyond: list[str]
    have: Mapping[Subject, Mapping[str, _Point]] = field(default_factory=dict)


def scope(
    claims: Iterable[Claim],
    experiments: Mapping[str, Experiment | None],
    theory: Mapping[str, Theory | None],
) -> Scope:
    """Which of the claims these experiments and tables of theory test.

    None for an experiment or a table means that it exists, but that nothing else is known about it.
    """
    known = {name: e for name, e in experiments.items() if e and name in experiments_of_papers()}
    matches = {name: _match(name, experiment) for name, experiment in known.items()}
    reasons = {claim.claim: _reason(claim, experiments, theory, matches) for claim in claims}
    beyond = {name: match.beyond for name, match in matches.items() if match.beyond}
    return Scope({claim: why for claim, why in reasons.items() if why}, beyond)


def narrowed(experiment: Experiment, slugs: Collection[str]) -> Experiment:
    """The experiment reduced to these conditions."""
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
    """How a table of theory differs from the one that a claim is about, or None."""
    if table not in theory:
        return f"the table of theory {table} is not part of this run"
    line = theory[table]
    same = line is None or line.settings == theory_of_papers()[table]
    return None if same else f"the table of theory {table} has other settings"


def _of_conditions(
    claim: Claim,
    name: str,
    experiments: Mapping[str, Experiment | None],
    matches: Mapping[str, _Match],
) -> str | None:
    """Which of the conditions that a claim is about is missing from an experiment, or None."""
    match = matches.get(name, _Match({}, []))
    if name in experiments and not match.have:
        return None
    wanted = _wanted(name, tuple(claim.where.items()))
    if name not in experiments:
        return f"{name} is not part of this run" if wanted else None
    lacking = [slug for slug in wanted if slug not in match.slugs]
    return _misfit(name, _paper(name)[lacking[0]], match.have) if lacking else None


def _off_recipe(claim: Claim, experiment: Experiment, match: _Match) -> str | None:
    """How the training differs from the training that the claim is about, or None."""
    for key, value in claim.recipe.get(experiment.name, {}).items():
        for slug, condition in experiment.conditions.items():
            found: object = functools.reduce(getattr, key.split("."), condition)
            if found != value and slug not in match.beyond:
                return f"{experiment.name} trains with {key} {found}; the claim is about {value}"
    return None


def _off_course(claim: Claim, experiment: Experiment) -> str | None:
    """Which of the checkpoints that the claim needs is missing, or None."""
    if not claim.along:
        return None
    steps = grids.whole_numbers(experiments_of_papers()[experiment.name].checkpoints)
    missing = sorted({*steps} - {*experiment.settings.checkpoints})
    return f"{experiment.name} has no checkpoint at step {missing[0]}" if missing else None


@functools.cache
def _wanted(name: str, where: tuple[tuple[str, str | float], ...]) -> list[str]:
    """The paper's slugs of an experiment's conditions whose columns have these values."""
    return [
        slug
        for slug, point in _paper(name).items()
        if all(needs.equal(value, point.columns.get(column)) for column, value in where)
    ]


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
    """The columns that a claim may read but that the table of runs does not have."""
    return {name for name in wanted.columns if any(name not in p.columns for p in found.values())}


def _misfit(name: str, wanted: _Point, have: Mapping[Subject, Mapping[str, _Point]]) -> str:
    """Why none of the conditions is the required one."""
    found = have.get(wanted.subject, {})
    if len(found) > 1:
        first, second = list(found)[:2]
        return f"{name} has two conditions but the claim is about one: {first} and {second}"
    if found:
        unseen = min(_unseen(wanted, found))
        return f"{name} does not sweep {unseen}, which the claim reads from the table of runs"
    return _difference(name, wanted, have)


def _difference(name: str, wanted: _Point, have: Mapping[Subject, Mapping[str, _Point]]) -> str:
    """How the nearest condition differs from the paper's."""
    subject = wanted.subject
    nearest = min(have, key=lambda one: [a != b for a, b in zip(one, subject, strict=True)])
    key = next(k for k in SUBJECT if getattr(nearest, k) != getattr(subject, k))
    if key in ("n_features", "n_hidden", "model"):
        return (
            f"{name} has {key} {getattr(nearest, key)}; the claim is about {getattr(subject, key)}"
        )
    if key == "data" and nearest.data.name != subject.data.name:
        return f"{name} has data {nearest.data.name}; the claim is about {subject.data.name}"
    for column, number in wanted.columns.items():
        if column.startswith(key) and isinstance(number, float):
            points = [point for by_slug in have.values() for point in by_slug.values()]
            if not any(needs.equal(number, point.columns.get(column)) for point in points):
                return f"{name} has no condition of {column} {number:g}"
    return f"{name} has a different {key} from the one that the claim is about"


def _short(plain: Values, sweep: Any) -> tuple[Values, Sequence[Values]]:
    """The settings that determine the subjects, in short form: equal short forms mean equal conditions."""
    parts = sweep if isinstance(sweep, list) else [sweep]
    changing = [{k: v for k, v in part.items() if _matters(k, v)} for part in parts]
    return {key: plain.get(key) for key in SUBJECT}, changing


def _matters(key: str, values: object) -> bool:
    """Whether an axis changes the subject, or the number of conditions."""
    return key.split(".")[0] in SUBJECT or not isinstance(values, list) or len(values) != 1


@functools.cache
def _paper(name: str) -> dict[str, _Point]:
    """The paper's conditions of an experiment."""
    plain, sweep = _block(name)
    return _points(plain, grids.points(grids.sweep_parts(sweep)))


def _block(name: str) -> tuple[Values, Any]:
    """An experiment of a paper: the keys that its conditions share, and its sweep."""
    paper = experiments_of_papers()[name]
    return vars(paper), paper.sweep


@functools.cache
def experiments_of_papers() -> dict[str, PaperExperiment]:
    """The experiments that the claims of every paper are about, from its sections."""
    return _of_sections("EXPERIMENTS")


@functools.cache
def theory_of_papers() -> dict[str, Values]:
    """The settings of the tables of theory that the claims of every paper are about."""
    return _of_sections("THEORY")


def _of_sections(part: str) -> dict[str, Any]:
    """One mapping merged from all sections of all papers; raises a ValueError if two use the same name."""
    found: dict[str, Any] = {}
    for section in lookup.of_sections("conditions"):
        there = getattr(section, part, {})
        if twice := found.keys() & there.keys():
            raise ValueError(
                f"{section.__name__}: another section also has {min(twice)}; rename one"
            )
        found |= there
    return found


def _points(plain: Values, points: Mapping[str, Values]) -> dict[str, _Point]:
    return {slug: _point(overridden(plain, point), point) for slug, point in points.items()}


def _point(values: Mapping[str, Any], point: Values) -> _Point:
    n, data = values["n_features"], Data.model_validate(values["data"])
    density, importance = (
        _numbers(key, json.dumps(values[key]), n) for key in ("density", "importance")
    )
    subject = Subject(n, values["n_hidden"], values["model"], data, density, importance)
    columns = {key: values[key] for key in ("n_features", "n_hidden", "model")}
    swept = {axis: value for axis, value in point.items() if axis.split(".")[0] in SUBJECT}
    one = {"density": values["density"]} if isinstance(values["density"], float | int) else {}
    inner = {axis.replace(".", "_"): value for axis, value in swept.items() if "." in axis}
    return _Point(subject, {**columns, "data": data.name, **one, **inner})


@functools.lru_cache(maxsize=1000)
def _numbers(key: str, form: str, n_features: int) -> tuple[str, ...]:
    """The density or the importance of every feature, to six digits, from its short form as JSON."""
    vector = {"density": density_vector, "importance": importance_vector}[key]
    return tuple(f"{x:.6g}" for x in vector(json.loads(form), n_features).tolist())
