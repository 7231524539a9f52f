"""Sweeps: grids, their rounding, products and unions, names of points."""

import numpy as np
import pytest

from superpos.grids import expand, points, rounded


def test_grids_have_their_ends_and_their_count():
    assert expand("density", {"linear": [0, 1, 5]}) == [0, 0.25, 0.5, 0.75, 1]
    assert expand("density", {"log": [0.01, 1, 3]}) == [0.01, 0.1, 1]
    assert expand("density", {"log": [1, 0.01, 3]}) == [1, 0.1, 0.01]


def test_swept_numbers_are_rounded_to_six_significant_digits():
    assert expand("density", [1 / 3, 2, "x"]) == [0.333333, 2, "x"]
    assert expand("density", {"linear": [0, 1, 4]}) == [0, 0.333333, 0.666667, 1]
    assert rounded(1234567.0) == 1234570
    assert rounded(np.nextafter(0.1, 1)) == 0.1


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
    with pytest.raises(ValueError, match=r"^density: .* is no grid; give a list, or one of"):
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


@pytest.mark.parametrize("sweep", [{"density": [0.1, 0.1000000001]}, [{"density": [0.1]}] * 2])
def test_a_point_that_stands_twice_is_refused(sweep):
    with pytest.raises(ValueError, match=r"the point density=0\.1 stands there twice"):
        points(sweep)


@pytest.mark.parametrize("sweep", ["density", [["density"]], 3])
def test_a_sweep_that_is_no_mapping_is_refused(sweep):
    with pytest.raises(ValueError, match="is no mapping"):
        points(sweep)
