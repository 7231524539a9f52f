"""The checked answers: each right one passes, and each typical wrong one gets its own reason."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

import superpos
from superpos import exercises, theory
from superpos.api.exercises import geometry
from superpos.api.exercises.phases import PHASES
from superpos.tables import Tables

RNG = np.random.default_rng(1)
PAIRS = np.array([[1.0, 0], [-1, 0], [0, 1], [0, 0]])
"""Of four features in two dimensions, a pair, one alone and one that is not stored."""
X = np.eye(5, 12)
CORNERS = theory.regular_polygon(5, theory.polygon_radius(5))
W5, B5 = theory.memory_weights(CORNERS, X)


def relu(z):
    return np.maximum(z, 0)


def loss(W, b, x, importance):
    error = x - relu(x @ W @ W.T + b)
    return (importance * error**2).sum(1).mean()


def dimensionality(W):
    products = W @ W.T
    squared = np.diag(products)
    with np.errstate(invalid="ignore"):
        return np.nan_to_num(squared**2 / (products**2).sum(1))


def diagram() -> Tables:
    """Two points with two runs each: the best of one agrees with theory, as does no other run."""
    runs = pd.DataFrame(
        {
            **{"experiment": "F5", "condition": ["a", "a", "b", "b"], "replicate": [0, 1, 0, 1]},
            **{"rank": [0, 1, 0, 1], "n_features": 2, "n_hidden": 1, "density": 0.05},
            **{"importance_last": [0.5, 0.5, 2.0, 2.0], "phase": [2, 0, 0, 0]},
        }
    )
    return Tables(runs, runs)


def path(median: float) -> Tables:
    runs = {"data_training_samples": [5, 300], "loss": [1.0, 5.0], "loss_median": [1.0, median]}
    return Tables(pd.DataFrame(runs), pd.DataFrame())


# The name of an exercise, the other arguments, a right answer, and wrong ones with words of the reason.
CASES = [
    ("features_on", (20, 0.1), 2, {18: "how many are off", 0.1: "one feature", 1: "value", 5: "add"}),
    (
        *("best_bias", (0.1,), 0.05),
        {0.5: "a feature that is on", 0.1: "½ on average", 0: "b = 0", 0.45: "1 - S", 0.3: "constant"},
    ),
    (
        *("ignored_loss", (0.1,), 0.1 / 3 - 0.01 / 4),
        {
            **{0.1 / 3: "best bias", 1 / 12: "always on", 0.1 / 12: "zeros differ"},
            **{0.1 / 3 - 0.05: "Subtract its square", 0.17559: "standard deviation"},
            **{0.9 / 3 - 0.81 / 4: "S in place", 0.5: "variance"},
        },
    ),
    (
        *("output_loss", (), loss),
        {
            (lambda W, b, x, i: (i * (x - x @ W @ W.T - b) ** 2).sum(1).mean()): "no ReLU",
            (lambda W, b, x, i: loss(W, 0 * b, x, i)): "bias is missing",
            (lambda W, b, x, i: (i * (x - relu(x @ W @ W.T) - b) ** 2).sum(1).mean()): "inside",
            (lambda W, b, x, i: loss(W, b, x, 1)): "importance is missing",
            (lambda W, b, x, i: loss(W, b, x, i**2)): "importance is squared",
            (lambda W, b, x, i: (i * (x - relu(relu(x @ W) @ W.T + b)) ** 2).sum(1).mean()): "hidden",
            (lambda W, b, x, i: loss(W, b, x, i) / len(b)): "averaged over the features",
            (lambda W, b, x, i: loss(W, b, x, i) * len(x)): "summed over the samples",
            (lambda W, b, x, i: (i * abs(x - relu(x @ W @ W.T + b))).sum(1).mean()): "absolute",
            (lambda W, b, x, i: 0.123): "the loss is",
        },
    ),
    ("features_kept", (PAIRS,), 3, {4: "do not all fit", 0: "most important", 2: "dimensions"}),
    (
        *("pair_output", ((0.8, 0.5),), (0.3, 0)),
        {
            **{(0.3, -0.3): "before the ReLU", (0.8, 0.5): "share one number", (1.3, 0): "added"},
            **{(1.3, 1.3): "gave the sum", (0, 0.3): "wrong way round", (1, 1): "First h ="},
        },
    ),
    (
        *("pair_loss", (), lambda r, p: (1 + r) * p**2 / 6),
        {
            (lambda r, p: (1 + r) * p**2 / 3): "1/3 in place",
            (lambda r, p: p**2 / 6): "Add the second",
            (lambda r, p: r * p**2 / 6): "Add it",
            (lambda r, p: (1 + r) * p / 6): "not p",
            (lambda r, p: (1 + r) * p * (1 - p) / 3): "exactly one is on",
            (lambda r, p: (1 + r) * (1 - p) ** 2 / 6): "S in place",
            (lambda r, p: r * p**2 / 3): "r for both",
            (lambda r, p: 1.0): "Say that both are on",
        },
    ),
    (
        *("pair_density", (0.5,), 4 * 0.5 / 4.5),
        {
            **{1 - 4 * 0.5 / 4.5: "sparsity", 1 / 1.5: "bias of 0", 4 / 6: "bias of 0"},
            **{2 / 3.5: "Both lose as much", 0.8: "leaves out", 0.1: "Set the pair's loss"},
        },
    ),
    (
        *("pair_density", (2.0,), 4 / 9),
        {2 / 3: "bias of 0", 8 / 12: "bias of 0", 4 / 7: "Both lose as much", 0.1: "first feature loses"},
    ),
    ("pair_density", (), 4 / 7, {3 / 7: "sparsity", 1: "bias of 0", 0.3: "Set"}),
    (
        *("cheapest", ([(0.1, 0.05), (0.1, 0.5), (5.0, 0.9)],)),
        ["superposition", "ignored", "dedicated"],
        {
            ("ignored", "ignored", "dedicated"): "density 0.05 the two are rarely",
            ("superposition", "superposition", "dedicated"): "density 0.5 both are on too often",
            ("superposition", "ignored", "ignored"): "matters more",
            ("superposition", "dedicated", "dedicated"): "matters less",
        },
    ),
    (
        *("agreement", (diagram(),), 0.5),
        {0.25: "all runs", 50: "percentage", 1: "number of points", 0.7: "row by row"},
    ),
    (
        *("dimensionality", (), dimensionality),
        {
            (lambda W: (W**2).sum(1) / ((W @ W.T) ** 2).sum(1)): "unnormalised",
            (lambda W: 1 / (1 / dimensionality(W) - 1)): "includes i itself",
            (lambda W: (W**2).sum(1) ** 1.5 / (W @ W.T).sum(1)): "forgot to square",
            (lambda W: dimensionality(W) / np.sqrt((W**2).sum(1))): "not ‖W_i‖",
            (lambda W: (W**2).sum(1) ** 2 / ((W @ W.T) ** 2 / (W**2).sum(1)).sum(1)): "in the sum",
            (lambda W: 1 / ((unit(W) @ unit(W).T) ** 2).sum(1)): "everywhere",
            (lambda W: superpos.metrics.compute("superposition", {"W": W})["superposition"]): "others",
            (lambda W: 1 / dimensionality(W)): "one over",
            (lambda W: np.full(len(W), W.shape[1] / (W**2).sum())): "one number for the whole model",
            (lambda W: W[:, 0]): "all inner products",
            (lambda W: dimensionality(W) * np.where((W == 0).all(1), np.nan, 1)): "Give 0",
        },
    ),
    (
        *("shapes", ()),
        {"digon": 0.5, "triangle": 2 / 3, "tetrahedron": 3 / 4, "pentagon": 0.4, "square antiprism": 3 / 8},
        {},
    ),
    ("antipodal_pairs", (PAIRS,), 1, {2: "both sides", 3: "features are stored", 7: "cosines"}),
    ("dimension_budget", (PAIRS,), 2, {4: "seldom a whole", 3: "stored", 0.5: "one feature", 9: "space"}),
    (
        *("full_level", (0.3, 100, 20), theory.digon_level(0.3, 100, 20)),
        {
            **{20 * 0.03: "left out", 40 * 0.03 + 60 * 0.0775: "each feature of a pair"},
            **{20 * 0.015 + 60 * 0.0775: "each of its two", 20 * 0.03 + 80 * 0.0775: "fewer are ignored"},
            **{20 * 0.03 + 60 * 0.1: "bias would be 0", 0.0525: "mean over", 1: "Add the losses"},
            theory.digon_level(0.7, 100, 20): "S in place",
        },
    ),
    (
        *("level_gap", (0.3,), 0.0475),
        {
            **{0.0775: "not free", 0.03: "new pair loses", 0.125: "not empty", 0.07: "as the bias"},
            **{-0.0475: "positive", 0.0625: "each", 1: "Before"},
        },
    ),
    (
        *("missing_pairs", (np.stack([PAIRS, PAIRS[[0, 1, 2, 2]] * [[1], [1], [1], [-1]]]),), [1, 0]),
        {(1, 2): "has", (2, 0): "features that are missing", (2, 4): "in pairs", (5, 5): "nearest"},
    ),
    ("stage", (0.168,), "components", {"prism": "prism has a loss of 0.00139"}),
    (
        *("restarts", (0.4, 0.99), 10),
        {3: "on average", 6: "multiplied", 8: "too small", 12: "Fewer are enough"},
    ),
    (
        *("silent_loss", (1000, 0.01), 1),
        {0: "reconstructs", 10 / 3: "divided", 0.001: "sum", 1 / 3: "before", 7: "error is x"},
    ),
    (
        *("smallest_radius", (5,), 1.203),
        {
            **{1: "At radius 1", 1.4472: "root", 2.69: "‖W‖", 2.2883: "not π", 0.8313: "wrong way"},
            **{1 / math.sqrt(1 - math.cos(72)): "radians", 5: "Neighbours are hardest"},
        },
    ),
    ("sample_dimensionality", (5, 2), 0.4, {2.5: "per dimension", 2: "mean", 0.2: "not one", 9: "sum"}),
    ("bump", (path(1.1),), "a few samples a lot", {"every sample a little": "the median 1.1"}),
    ("bump", (path(4.0),), "every sample a little", {"the training samples": "training_loss"}),
]  # fmt: skip


def unit(W):
    return W / np.linalg.norm(W, axis=1, keepdims=True)


def check(exercise: str, answer, others) -> exercises.Checked:
    return getattr(exercises, exercise)(answer, *others)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_a_right_answer_is_right_and_each_typical_mistake_gets_its_own_reason(case):
    exercise, others, right, mistakes = case
    assert check(exercise, right, others).right is True
    reasons = []
    for wrong, words in mistakes.items():
        checked = check(exercise, wrong, others)
        assert checked.right is False, checked
        assert words in checked.why
        reasons.append(checked.why)
    assert len(set(reasons)) >= len(reasons) - 1


def test_each_exercise_has_a_case_and_takes_three_dots_for_no_answer():
    others = {exercise: rest for exercise, rest, *_ in CASES} | {"stored": (X,)}
    assert {*others, "Checked"} == set(exercises.__all__)
    for exercise, rest in others.items():
        assert check(exercise, ..., rest) == exercises.Checked(
            None, "Put your answer in the place of the three dots."
        )


@pytest.mark.parametrize("answer", [Fraction(4, 7), Decimal("0.571"), np.float32(4 / 7)])
def test_a_number_of_any_kind_is_read(answer):
    assert exercises.pair_density(answer).right is True


def test_names_in_an_array_or_a_tuple_are_read():
    points = [(1, 0.1), (0.1, 0.9)]
    for names in (("superposition", "ignored"), np.array(["superposition", "ignored"])):
        assert exercises.cheapest(names, points).right is True


def test_a_mistake_that_is_nearly_right_is_not_praised():
    """At density 0.01, E x² is within 1% of the variance."""
    mean_square = 0.01 / 3
    assert exercises.ignored_loss(mean_square, density=0.01).right is False
    assert exercises.ignored_loss(mean_square - 0.01**2 / 4, density=0.01).right is True


UNREADABLE = [
    ("features_on", (20, 0.1), math.nan, "is nan"),
    ("features_on", (20, 0.1), "two", "'two' is not a number"),
    ("features_on", (20, 0.1), True, "True is not a number"),
    ("features_kept", (PAIRS,), 2.5, "2.5 is not a whole number"),
    ("pair_output", ((0.8, 0.5),), (1, 2, 3), "has shape (3,). Give two numbers, which is (2,)"),
    ("pair_output", ((0.8, 0.5),), ((1, 2), (1,)), "rows differ in length"),
    ("pair_output", ((0.8, 0.5),), "ab", "real numbers"),
    ("output_loss", (), 0.5, "0.5 is not a function"),
    ("output_loss", (), lambda: 1, "raised TypeError"),
    ("output_loss", (), lambda *_: None, "returns nothing yet"),
    ("output_loss", (), lambda *_: ..., "returns nothing yet"),
    ("output_loss", (), lambda *_: np.zeros(5), "has shape (5,). Give one number"),
    ("output_loss", (), lambda *_: math.inf, "not finite"),
    ("dimensionality", (), lambda W: W, "has shape (7, 3). Give one number for each feature"),
    ("cheapest", ([(1.0, 0.1)],), "ignored", "list of 1 names"),
    ("cheapest", ([(1.0, 0.1)],), ["ignord"], "did you mean ignored?"),
    ("shapes", (), {"digon": 0.5}, "dictionary with the keys digon, triangle"),
    ("stage", (0.1,), 3, "unknown name 3"),
    ("stored", (X,), W5, "Give the pair (W, b)"),
    ("stored", (X,), (W5.T, B5), "W has shape (2, 12). Give [feature, hidden], which is (12, 2)"),
    ("stored", (X,), (W5, B5 * math.nan), "b has entries that are not finite"),
    ("stored", (X,), (..., B5), "three dots"),
    ("features_kept", (PAIRS[None],), 2, "Give W [feature, hidden]"),
    ("antipodal_pairs", (PAIRS * math.nan,), 2, "this run diverged"),
    ("dimension_budget", ("W",), 2, "real numbers"),
    ("missing_pairs", (PAIRS,), [1], "Give W [run, feature, hidden]"),
    ("agreement", (diagram().runs,), 0.5, "what `superpos.sweep` returned"),
    ("bump", (diagram(),), "a few samples a lot", "columns data_training_samples, loss"),
    ("restarts", (1.0, 0.99), 3, "between 0 and 1"),
    ("restarts", (0.4, 0.99), -1, "at least 1"),
    ("restarts", (0.4, 0.99), 10**400, "finite number"),
    ("pair_density", (-1,), 0.3, "give a number above 0"),
    ("pair_density", (0,), 0.3, "importance=0; give a number above 0"),
    ("pair_density", (math.inf,), 0.3, "importance=inf; give a number above 0"),
]


@pytest.mark.parametrize("case", UNREADABLE, ids=lambda case: f"{case[0]} {case[3]}")
def test_what_cannot_be_compared_gets_one_line_that_helps(case):
    exercise, others, answer, words = case
    checked = check(exercise, answer, others)
    assert checked.right is None
    assert words in checked.why
    assert "\n" not in checked.why


def test_weights_that_store_samples_are_right_and_others_hear_what_is_missing():
    assert check("stored", (W5, B5), (X,)).right is True
    far, b = theory.memory_weights(2 * CORNERS, X)
    assert check("stored", (far, b), (X,)).right is True
    wrong = {
        "without a bias": (W5, 0 * B5),
        "wrong sign": (W5, -B5),
        "from feature to feature": (W5, np.full(12, -1.0)),
        "The bias is -": (W5, 0.5 * B5),
        "All hidden vectors are 0": (0 * W5, B5),
        "has to be 1 or more": theory.memory_weights(CORNERS / theory.polygon_radius(5), X),
    }
    for words, answer in wrong.items():
        checked = check("stored", answer, (X,))
        assert checked.right is False
        assert words in checked.why


def test_shapes_are_checked_one_after_another():
    right = {"digon": 1 / 2, "triangle": 2 / 3, "tetrahedron": 3 / 4, "pentagon": 2 / 5}
    whole = {**right, "square antiprism": 3 / 8}
    assert (
        check("shapes", {**whole, "pentagon": ...}, ()).why == "Right so far. Go on with: pentagon."
    )
    for wrong, words in ((2.5, "features per dimension"), (0.2, "one over the features")):
        assert words in check("shapes", {**whole, "pentagon": wrong}, ()).why
    assert "no company" in check("shapes", {**whole, "digon": 1}, ()).why
    assert "do not divide" in check("shapes", {**whole, "tetrahedron": 1 / 3}, ()).why
    assert "the same share" in check("shapes", {**whole, "tetrahedron": 0.9}, ()).why


def test_what_an_answer_shows_begins_with_the_verdict():
    assert repr(exercises.features_on(2, 20, 0.1)).startswith("Right. Each of the 20")
    assert repr(exercises.features_on(18, 20, 0.1)).startswith("Not yet. That is how many are off")
    assert repr(exercises.features_on(..., 20, 0.1)).startswith("No answer yet. Put your")


def test_answers_may_come_from_other_libraries():
    torch = pytest.importorskip("torch")
    assert exercises.features_on(torch.tensor(2.0), 20, 0.1).right
    assert exercises.pair_output(torch.tensor([0.3, 0.0]), (0.8, 0.5)).right


@pytest.mark.parametrize(
    ("success", "certainty", "right"),
    [(0.2, 0.36, 2), (0.7, 0.91, 2), (0.1, 0.271, 3), (0.2, 0.488, 3), (0.02, 0.99, 228)],
)
def test_the_number_of_restarts_is_the_smallest_and_no_other(success, certainty, right):
    for answer in range(1, right + 4):
        assert exercises.restarts(answer, success, certainty).right is (answer == right)


def test_one_run_too_few_is_not_taken_for_another_mistake():
    """log 0.01 / log 0.52 = 7.04: rounding it down gives the number that chances of success give too."""
    said = repr(exercises.restarts(7, success=0.48, certainty=0.99))
    assert "too small" in said
    assert "multiplied" not in said
    assert "multiplied" in repr(exercises.restarts(6, success=0.4, certainty=0.99))


def pair_boundary(r: float) -> float:
    return float(theory.phase_boundary(r))


@pytest.mark.parametrize(
    ("r", "p", "right"),
    [
        (1.0, 0.9, {"ignored", "dedicated"}),
        (1.0, 1.0, {"ignored", "dedicated"}),
        (1.0, 4 / 7, set(PHASES)),
        (0.5, pair_boundary(0.5), {"ignored", "superposition"}),
        (3.0, pair_boundary(3.0), {"dedicated", "superposition"}),
        (1.0, 0.57, {"superposition"}),
        (0.999, 0.9, {"ignored"}),
    ],
)
def test_where_phases_lose_the_same_each_of_them_is_the_cheapest(r, p, right):
    named = {phase for phase in PHASES if check("cheapest", [phase], ([(r, p)],)).right}
    assert named == right


@pytest.mark.parametrize(("first", "second"), [("nothing", "mean"), ("mean", "components")])
def test_half_way_between_two_stages_each_of_them_is_right(first, second):
    stages = theory.one_set_stages()
    loss = (stages[first] + stages[second]) / 2
    assert {name for name in stages if exercises.stage(name, loss).right} == {first, second}


def directions(*degrees: float) -> np.ndarray:
    """Vectors of length 1 in two dimensions."""
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], 1)


# Directions, the pairs of opposite features, the features in such pairs, and the missing pairs.
SHARED_PARTNERS = [
    ((0, 180, 180), 2, 3, 1),
    ((0, 180, 0, 180), 4, 4, 0),
    ((0, 180, 180, 90), 2, 3, 1),
    ((0, 180, 180, 90, 270, 270), 4, 6, 0),
    ((0, 60, 120, 180, 240, 300), 3, 6, 0),
    ((0, 170, 200), 2, 3, 1),
    ((0, 160, 320, 140), 3, 4, 0),
    ((0, 90), 0, 0, 2),
]


@pytest.mark.parametrize(("degrees", "pairs", "paired", "missing"), SHARED_PARTNERS)
def test_features_that_share_a_partner_are_counted_once_and_no_negative_number_is_missing(
    degrees, pairs, paired, missing
):
    W = directions(*degrees)
    checked = exercises.antipodal_pairs(pairs, W)
    assert checked.right
    assert checked.why == f"{paired} of the {len(W)} stored features are in a pair."
    right = {answer for answer in range(-5, 6) if exercises.missing_pairs([answer], W[None]).right}
    assert right == {missing}


def test_three_features_in_one_dimension_lack_no_pair():
    W = [[[1], [-1], [-1]]]
    assert exercises.missing_pairs([0], W).right
    assert exercises.missing_pairs([-1], W).right is False


@pytest.mark.parametrize("seed", range(6))
def test_the_most_disjoint_pairs_are_those_of_a_search_through_all(seed):
    nx = pytest.importorskip("networkx")
    W = np.random.default_rng(seed).normal(size=(1, 60, 2))
    found = nx.max_weight_matching(nx.from_numpy_array(geometry.opposite(W)[0]), True)
    assert geometry.disjoint_pairs(W)[0] == len(found)


def of_numpy(kind):
    return lambda value: np.asarray(value, kind if isinstance(value, float) else None)[()]


def of_torch(value):
    return pytest.importorskip("torch").tensor(value)


SCALARS = {
    **{
        "float32": of_numpy(np.float32),
        "float64": of_numpy(np.float64),
        "numpy, no axis": np.array,
    },
    "torch": of_torch,
}
"""What makes a scalar of a library from a Python number."""


def converted(value, scalar):
    """The value with each Python number in it as a scalar of a library; arrays and tables as they are."""
    if isinstance(value, list | tuple):
        return type(value)(converted(each, scalar) for each in value)
    return scalar(value) if isinstance(value, int | float) else value


WITH_NUMBERS = [case for case in CASES if converted(case[1], str) != case[1]]
BOUNDARIES = [
    ("pair_density", (1,), 4 / 7, {0.3: "Set"}),
    ("pair_density", (1.0,), 4 / 7, {0.3: "Set"}),
    ("restarts", (0.2, 0.36), 2, {3: "Fewer"}),
    ("restarts", (0.9, 0.999), 3, {4: "Fewer"}),
    ("cheapest", ([(1, 0.9)],), ["dedicated"], {("superposition",): "too often"}),
    ("cheapest", ([(1, 4 / 7)],), ["dedicated"], {}),
]


@pytest.mark.parametrize("library", SCALARS)
@pytest.mark.parametrize("case", [*WITH_NUMBERS, *BOUNDARIES], ids=lambda case: case[0])
def test_a_check_takes_numbers_of_any_library(case, library):
    exercise, others, right, mistakes = case
    given = converted(others, SCALARS[library])
    for answer in (right, *mistakes):
        assert check(exercise, answer, given) == check(exercise, answer, others)


@pytest.mark.parametrize("library", SCALARS)
def test_a_check_takes_numbers_of_any_library_by_name(library):
    scalar = SCALARS[library]
    assert exercises.pair_density(4 / 7, importance=scalar(1)).right
    assert exercises.restarts(2, success=scalar(0.2), certainty=scalar(0.36)).right
    assert exercises.full_level(
        20 * 0.03 + 60 * 0.0775, 0.3, n_features=scalar(100), n_hidden=20
    ).right
    for wrong in (0, -1.0, math.nan):
        assert exercises.pair_density(0.3, scalar(wrong)).right is None


@pytest.mark.parametrize("make", [np.array, lambda x: np.array(x, np.float32), of_torch])
def test_a_check_takes_whole_arrays_of_any_library(make):
    assert exercises.pair_output((0.3, 0), make([0.8, 0.5])).right
    rows = pd.DataFrame({"r": [1.0], "p": [0.1]}).itertuples(index=False)
    assert exercises.cheapest(["superposition"], list(rows)).right
    assert exercises.cheapest(["dedicated", "superposition"], make([[1.0, 0.9], [1.0, 0.1]])).right
    assert exercises.stored((make(W5), make(B5)), make(X)).right
    assert exercises.features_kept(3, make(PAIRS)).right
