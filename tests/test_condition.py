"""Conditions: canonical forms, and keys that depend on seed, condition, replicate, nothing else."""

import hashlib
import json
import sys
import types

import numpy as np
import pytest
from cases import changed, condition
from pydantic import ValidationError

import superpos.models
from superpos import lookup
from superpos.config.condition import Condition, overridden
from superpos.config.condition_table import from_table, to_table
from superpos.config.per_feature import density_vector, importance_vector
from superpos.config.sweep import Sweep
from superpos.data import independent
from superpos.models import Variant
from superpos.numerics import kernel_codes
from superpos.numerics.digest import digest

CHANGES = {
    "n_features": 8, "n_hidden": 2, "model": "linear", "density": 0.2, "importance": 0.5,
    "schedule": "cosine", "batch": 17, "steps": 21, "init": {"name": "normal", "std": 1.0},
    "gradient": "control_variate",
    "data": {"name": "independent", "signed": True}, "optimizer": {"lr": 0.02},
}  # fmt: skip


def test_every_key_of_a_condition_is_perturbed_below():
    assert set(CHANGES) == set(Condition.model_fields)


@pytest.mark.parametrize("key", CHANGES)
def test_a_runs_key_depends_on_every_key_of_its_condition(key):
    assert condition(**{key: CHANGES[key]}).key(0, 0) != condition().key(0, 0)


def test_a_runs_key_depends_on_seed_and_replicate():
    keys = {int(condition().key(seed, replicate)) for seed in range(5) for replicate in range(50)}
    assert len(keys) == 250


def test_a_runs_key_is_the_one_of_the_first_release():
    """Renaming a key of a condition would silently give every run other random numbers."""
    assert f"{condition().key(0, 0):016x}" == "101c536fcb872444"


def test_the_keys_of_many_runs_are_those_of_the_first_release():
    keys = condition().keys(7, range(1_000_000))
    known = ("cdd6bf89fc42b95a", "86f416f3b0762d96", "33d41e3c0e9f466f")
    assert [f"{keys[r]:016x}" for r in (0, 1, 999_999)] == [*known]
    uneven = {"density": {"others": 0.1, "first_ratio": 2.0}, "importance": {"geometric": 0.7}}
    (last,) = condition(gradient="control_variate", **uneven).keys(7, [999_999])
    assert f"{last:016x}" == "e60b1a4b6085e5fa"


@pytest.mark.parametrize("key", CHANGES)
def test_a_runs_key_is_a_digest_of_its_seed_condition_and_replicate(key):
    made, replicates = condition(**{key: CHANGES[key]}), (0, 9, 10, 2**40)
    for seed in (0, -3, 2**70):
        texts = [
            json.dumps(
                {"seed": seed, "replicate": replicate, "condition": made.canonical()},
                sort_keys=True,
                separators=(",", ":"),
            )
            for replicate in replicates
        ]
        whole = [hashlib.blake2b(text.encode(), digest_size=16).hexdigest() for text in texts]
        assert [f"{k:016x}" for k in made.keys(seed, replicates)] == [d[:16] for d in whole]


def test_like_forms_have_one_canonical_form_and_one_key():
    forms = [
        condition(importance={"geometric": 1.0}, density=1),
        condition(importance=1, density=1.0),
        condition(importance=[1.0] * 6, density=[1] * 6),
        condition(importance={"last": 1.0}, density={"others": 1.0, "first_ratio": 1.0}),
    ]
    assert len({int(form.key(0, 0)) for form in forms}) == 1
    assert len({digest(form.canonical()) for form in forms}) == 1


def test_minus_zero_is_zero():
    forms = [{"importance": {"last": 0.0}}, {"importance": [1.0] * 5 + [0.0]}]
    of_optimizer = [{"optimizer": {"weight_decay": 0.0}}, {"optimizer": {"betas": [0.0, 0.9]}}]
    for form in (*forms, *of_optimizer):
        minus = json.loads(json.dumps(form).replace("0.0]", "-0.0]").replace("0.0}", "-0.0}").replace(
            "[0.0,", "[-0.0,"))  # fmt: skip
        assert str(minus) != str(form)
        assert condition(**minus).key(0, 0) == condition(**form).key(0, 0)


def test_keys_that_were_added_later_are_left_out_at_their_defaults():
    """So conditions from before have the same random numbers, and their tables the same bytes."""
    assert condition().written()["optimizer"] == changed()["optimizer"]
    assert condition().canonical()["optimizer"] == changed()["optimizer"]
    other = condition(optimizer={"decay_bias": False})
    assert other.key(0, 0) != condition().key(0, 0)
    assert Condition.model_validate(other.written()) == other


def test_importance_and_model_do_not_change_the_held_out_distribution():
    for key in ("importance", "model", "n_hidden", "optimizer", "batch", "steps", "schedule"):
        other = condition(**{key: CHANGES[key]})
        assert other.distribution(0) == condition().distribution(0), key
    for key in ("n_features", "density", "data"):
        other = condition(**{key: CHANGES[key]})
        assert other.distribution(0) != condition().distribution(0), key
    assert condition().distribution(1) != condition().distribution(0)


def test_importance_forms_are_one_number_a_feature():
    np.testing.assert_allclose(importance_vector({"geometric": 0.5}, 3), [1, 0.5, 0.25])
    np.testing.assert_array_equal(importance_vector({"last": 3}, 3), [1, 1, 3])
    np.testing.assert_array_equal(importance_vector(2, 3), [2, 2, 2])
    np.testing.assert_array_equal(importance_vector(np.array([1, 0, 3.0]), 3), [1, 0, 3])


def test_density_forms_are_one_number_a_feature():
    np.testing.assert_array_equal(density_vector(0.1, 2), [0.1, 0.1])
    np.testing.assert_allclose(
        density_vector({"others": 0.1, "first_ratio": 2}, 3), [0.2, 0.1, 0.1]
    )
    np.testing.assert_array_equal(density_vector((1, 0.5), 2), [1, 0.5])


@pytest.mark.parametrize(
    "form", [0, -0.1, 1.5, float("nan"), "0.5", True, [0.5, 0.5], [0.5, 0.5, "a"], None, {}]
)
def test_an_impossible_density_is_refused_by_name(form):
    with pytest.raises(ValueError, match=r"^density"):
        density_vector(form, 3)


@pytest.mark.parametrize(
    "form", [-1, float("inf"), float("nan"), "1", False, [1.0], {"geometric": "a"}, {"ratio": 0.5},
             {"geometric": 0.5, "last": 2}, {"geometric": -0.5}]
)  # fmt: skip
def test_an_impossible_importance_is_refused_by_name(form):
    with pytest.raises(ValueError, match=r"^importance"):
        importance_vector(form, 3)


def test_a_point_reaches_inside_with_a_dot_and_leaves_the_rest():
    plain = changed()
    point = overridden(plain, {"optimizer.lr": 0.5, "density": 0.7})
    assert point == {**plain, "density": 0.7, "optimizer": {**plain["optimizer"], "lr": 0.5}}
    assert plain == changed()


def test_conditions_cannot_be_changed_and_refuse_unknown_keys():
    with pytest.raises(ValidationError, match="frozen"):
        condition().steps = 3
    with pytest.raises(ValidationError, match="Extra inputs"):
        condition(learning_rate=0.1)


@pytest.mark.parametrize("name", ["correlated", "anticorrelated", "one_set"])
def test_distributions_of_sets_need_sets_with_one_density_each(name):
    with pytest.raises(ValidationError, match=r"needs data\.sets"):
        condition(data={"name": name})
    with pytest.raises(ValidationError, match="density varies within a set"):
        condition(data={"name": name, "sets": 3}, density=[0.1, 0.2] * 3)
    assert condition(data={"name": name, "sets": 3}).data.sets == 3


def test_one_set_at_a_time_takes_one_density_for_all_sets():
    with pytest.raises(ValidationError, match=r"densities from .* give one for all sets"):
        condition(data={"name": "one_set", "sets": 3}, density=[0.1] * 2 + [0.2] * 4)


def test_the_table_of_conditions_gives_conditions_and_points_back():
    points = [
        {"density": 0.1, "importance": {"geometric": 0.5}},
        {"density": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6], "optimizer.lr": 0.1},
    ]
    sweep = Sweep.of(changed(), [{axis: [v] for axis, v in point.items()} for point in points])
    table = to_table(sweep)
    expected = {
        slug: (Condition.model_validate(overridden(changed(), point)), point)
        for slug, point in zip(sweep.points, points, strict=True)
    }
    assert from_table(table) == expected
    assert table["optimizer_lr"].tolist() == [0.01, 0.1]
    assert table["density"].iloc[0] == [0.1] * 6


def beside(monkeypatch, kind, name):
    """Make the package believe that it has a file of that name, and say where."""
    path = lookup.PACKAGE / lookup.PLACES[kind][0][0] / f"{name}.py"
    known, original = {**lookup._files(kind), name: path}, lookup._files
    monkeypatch.setattr(lookup, "_files", lambda k: known if k == kind else original(k))
    return path


@pytest.fixture
def files(monkeypatch):
    """Put a model or distribution of that name into the package for one test."""
    lookup.load.cache_clear()

    def put(kind, name, **contents):
        path = beside(monkeypatch, kind, name)
        module = types.ModuleType(lookup._dotted(path))
        vars(module).update(contents)
        monkeypatch.setitem(sys.modules, module.__name__, module)

    yield put
    lookup.load.cache_clear()


@pytest.mark.parametrize("field", ["tied", "relu_hidden", "relu_output", "absolute_target"])
@pytest.mark.parametrize("value", ["gelu", 1, None, "False"])
def test_a_variant_that_no_engine_knows_is_refused(field, value):
    plain = {"tied": True, "relu_hidden": False, "relu_output": True, "absolute_target": False}
    with pytest.raises(ValueError, match=f"{field}: {value!r}; give True or False"):
        Variant(**(plain | {field: value}))


def test_a_model_file_that_a_variant_refuses_is_named(tmp_path, monkeypatch):
    source = "from superpos.models import Variant\nVARIANT = Variant(True, False, 'gelu', False)\n"
    (tmp_path / "smooth.py").write_text(source)
    monkeypatch.setattr("superpos.models.__path__", [*superpos.models.__path__, str(tmp_path)])
    beside(monkeypatch, "model", "smooth")
    with pytest.raises(ValidationError, match=r"superpos/models/smooth\.py: .*relu_output: 'gelu'"):
        condition(model="smooth")


def test_a_model_file_without_a_variant_is_refused(files):
    files("model", "bare")
    with pytest.raises(ValidationError, match=r"superpos/models/bare\.py: it has no VARIANT"):
        condition(model="bare")


@pytest.mark.parametrize("code", [kernel_codes.ROWS, 9, "features"])
def test_a_distribution_whose_kernel_no_engine_has_is_refused(code, files):
    files("data", "other", KERNEL=code, sample=lambda *_: None)
    with pytest.raises(ValidationError, match=f"other.py: KERNEL {code!r} is not a law"):
        condition(data={"name": "other"})


def correlated_pair(c, draw, samples):
    """Independent features, but the second is the first."""
    x = independent.sample(c, draw, samples)
    x[:, 1] = x[:, 0]
    return x


def broken(c, draw, samples):
    raise RuntimeError


@pytest.mark.parametrize(
    ("code", "sample"),
    [
        (kernel_codes.FEATURES, correlated_pair),
        (kernel_codes.FEATURES, lambda *given: 0.5 * independent.sample(*given)),
        (kernel_codes.ALL_MEMBERS, independent.sample),
        (kernel_codes.FEATURES, broken),
    ],
)
def test_a_distribution_that_draws_otherwise_than_its_kernel_is_refused(code, sample, files):
    files("data", "copied", KERNEL=code, sample=sample)
    with pytest.raises(
        ValidationError, match=r"copied.py: KERNEL \d draws other samples than `sample`"
    ):
        condition(data={"name": "copied"})


def test_a_distribution_that_draws_what_its_kernel_draws_is_taken(files):
    files("data", "copied", KERNEL=kernel_codes.FEATURES, sample=independent.sample)
    assert condition(data={"name": "copied"}).data.name == "copied"
