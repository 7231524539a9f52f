"""Sweeps: grids, their rounding, products and unions, names of points."""

import numpy as np
import pytest

from superpos.config.grids import expand, sweep_parts, to_six_digits, whole_numbers
from superpos.config.grids import points as points_of


def points(sweep):
    """The points of a sweep in the form of the config."""
    return points_of(sweep_parts(sweep))


def test_grids_have_their_ends_and_their_count():
    assert expand("density", {"linear": [0, 1, 5]}) == [0, 0.25, 0.5, 0.75, 1]
    assert expand("density", {"log": [0.01, 1, 3]}) == [0.01, 0.1, 1]
    assert expand("density", {"log": [1, 0.01, 3]}) == [1, 0.1, 0.01]


def test_numbers_of_a_grid_are_rounded_to_six_significant_digits():
    assert expand("density", {"linear": [0, 1, 4]}) == [0, 0.333333, 0.666667, 1]
    assert to_six_digits(1234567.0) == 1234570
    assert to_six_digits(np.nextafter(0.1, 1)) == 0.1


@pytest.mark.parametrize("value", [1 / 3, 0.123456789, 1e-7 / 3, 1234567.5, np.nextafter(0.1, 1)])
def test_numbers_of_a_list_keep_every_digit_and_have_a_name_of_their_own(value):
    assert expand("density", [value]) == [value]
    by_slug = points({"density": [value, to_six_digits(value)]})
    assert [point["density"] for point in by_slug.values()] == [value, to_six_digits(value)]


def test_short_numbers_have_short_names():
    names = list(points({"density": [1.0, 0.1, 1e-8, 2]}))
    assert names == ["density=1", "density=0.1", "density=1e-08", "density=2"]


def test_long_whole_numbers_have_names_of_their_own():
    assert list(points({"steps": [1234567, 1234568]})) == ["steps=1234567", "steps=1234568"]


@pytest.mark.parametrize(
    "axes", [("importance", "importance.last"), ("importance.last", "importance")]
)
def test_a_whole_and_its_part_are_not_swept_together(axes):
    with pytest.raises(ValueError, match=r"importance\.last is a part of importance"):
        points({axes[0]: [1.0], axes[1]: [2.0]})


def test_a_grid_beyond_the_floats_is_refused():
    with pytest.raises(ValueError, match="goes beyond"):
        expand("density", {"linear": [-1e308, 1e308, 3]})


def test_a_sweep_without_a_part_is_refused():
    with pytest.raises(ValueError, match="has no points"):
        points([])


def test_checkpoints_of_a_list_ascend_and_stand_there_once():
    assert whole_numbers([150, 20]) == [20, 150]
    with pytest.raises(ValueError, match="20 appears twice"):
        whole_numbers([20, 20])


def test_whole_numbers_and_words_of_a_list_stay_what_they_are():
    values = expand("n_hidden", [1, 1234567])
    assert values == [1, 1234567]
    assert all(type(v) is int for v in values)


@pytest.mark.parametrize(
    "values",
    [
        *([], 0.5, "0.1", None, {"linear": [0, 1]}, {"log": [0, 1, 3]}, {"log": [-1, 1, 3]}),
        *({"linear": [0, 1, 0]}, {"linear": [0, 1, 2.5]}, {"grid": [0, 1, 3]}),
        *({"linear": [0, 1, 2], "log": [1, 2, 3]}, {"log": ["a", 1, 3]}, {"linear": ["a", 1, 3]}),
    ],
)
def test_what_is_no_grid_is_refused_with_the_forms_that_are(values):
    with pytest.raises(ValueError, match=r"^density: .* is not a grid; give a list, or one of"):
        expand("density", values)


def test_a_sweep_is_the_product_of_its_axes():
    assert points({"model": ["linear", "relu_output"], "density": [1.0, 0.1]}) == {
        "model=linear,density=1": {"model": "linear", "density": 1.0},
        "model=linear,density=0.1": {"model": "linear", "density": 0.1},
        "model=relu_output,density=1": {"model": "relu_output", "density": 1.0},
        "model=relu_output,density=0.1": {"model": "relu_output", "density": 0.1},
    }


def test_a_list_of_sweeps_is_their_union():
    union = points([{"model": ["linear"]}, {"density": [1.0, 0.1]}])
    assert list(union) == ["model=linear", "density=1", "density=0.1"]


def test_no_sweep_has_one_point():
    assert points({}) == {"only": {}}


def test_mappings_and_lists_get_names_of_their_own():
    slugs = list(points({"importance": [{"geometric": 0.7}, [1.0, 0.5], {"last": 3}]}))
    assert slugs == ["importance=geometric-0.7", "importance=1-0.5", "importance=last-3"]


@pytest.mark.parametrize("sweep", [{"density": [0.1, 0.1]}, [{"density": [0.1]}] * 2])
def test_a_point_that_stands_twice_is_refused(sweep):
    with pytest.raises(ValueError, match=r"the point density=0\.1 appears twice"):
        points(sweep)


@pytest.mark.parametrize("sweep", ["density", [["density"]], 3])
def test_a_sweep_that_is_no_mapping_is_refused(sweep):
    with pytest.raises(ValueError, match="is not a mapping"):
        points(sweep)
