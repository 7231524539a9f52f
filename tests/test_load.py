"""`superpos.load`, `Models.save`, and torch layers with the names that other projects use."""

import copy
import pickle

import numpy as np
import pandas as pd
import pytest
import torch

import superpos
from superpos import lookup
from superpos.api.layered_model import LayeredModel
from superpos.config.condition_table import to_table
from superpos.storage import store

FEW = {
    **{"steps": 20, "batch": 16, "replicates": 2, "engine": "reference", "losses": 5},
    **{"evaluation": {"samples": 200, "strata": 0}, "checkpoints": [5, 20]},
}
KINDS = ("runs", "features", "history", "checkpoints", "samples")


@pytest.fixture(scope="module")
def swept():
    grid = {"model": ["relu_output", "absolute"], "density": [1.0, 0.1]}
    return superpos.sweep("F1", metrics=["feature_norm"], sweep=grid, pack=[], **FEW)


@pytest.fixture
def results(swept, tmp_path):
    """A folder of results with the tables that the pipeline writes."""
    folder = tmp_path / "results" / "F1"
    store.save_table(folder / "conditions.parquet", to_table(swept.experiments["F1"].sweep))
    for kind in KINDS:
        store.save_table(folder / f"{kind}.parquet", getattr(swept, kind))
    return folder.parent


def same(ours, theirs):
    assert ours.condition == theirs.condition
    assert ours.engine == theirs.engine
    for one, other in ((ours, theirs), (ours.checkpoints, theirs.checkpoints)):
        for name, array in vars(one).items():
            if isinstance(array, np.ndarray):
                np.testing.assert_array_equal(array, getattr(other, name))
    assert (ours.W_out is None) == (theirs.W_out is None)


def test_an_experiment_is_loaded_with_its_tables_and_models(results, swept):
    found = superpos.load(results, "F1")
    assert repr(found) == repr(swept)
    assert list(found.models) == list(swept.models)
    for slug, models in swept.models.items():
        same(found.models[slug], models)
    assert found.runs["rank"].tolist() == swept.runs["rank"].tolist()


@pytest.mark.parametrize("copied", [lambda o: pickle.loads(pickle.dumps(o)), copy.deepcopy])
def test_results_and_their_selections_can_be_pickled_and_copied(swept, copied):
    found = copied(swept)
    assert found.conditions == swept.conditions
    for slug, models in copied(swept.models).items():
        same(models, swept.models[slug])
        same(found.models[slug], models)
    for ours in (found, copied(swept.best()), copied(swept.where(density=0.1).by_replicate[1])):
        theirs = swept if len(ours.runs) == len(swept.runs) else None
        for kind in KINDS if theirs else ():
            pd.testing.assert_frame_equal(getattr(ours, kind), getattr(theirs, kind))
        assert len(ours.history) == 5 * len(ours.runs)
        assert len(ours.features) == 5 * len(ours.runs)


@pytest.mark.parametrize(
    ("place", "name", "said"),
    [
        ("nowhere", "F1", r"nowhere: there is no such file or folder; give the folder of results"),
        ("results", "F11", r"no experiment 'F11'; did you mean F1\?"),
        ("results", "figures", r"no experiment 'figures'"),
        ("results", None, r"name an experiment in it; there are F1$"),
        (".", "F1", r"no experiment 'F1'; it is in .*results$"),
        ("results/F1", "F1", r"no experiment 'F1'; it holds none; run `make` first"),
        (
            "results/F1/runs.parquet",
            "F1",
            r"a file holds the models of one condition; leave out 'F1'",
        ),
    ],
)
def test_a_place_without_the_experiment_is_one_line(results, place, name, said):
    with pytest.raises(ValueError, match=said) as caught:
        superpos.load(results.parent / place, name)
    assert "\n" not in str(caught.value)


def test_an_unfinished_experiment_is_one_line(results):
    (results / "F1/history.parquet").unlink()
    with pytest.raises(ValueError, match=r"F1: it is not finished: history\.parquet is missing"):
        superpos.load(results, "F1")
    (results / "F2").mkdir()
    with pytest.raises(ValueError, match=r"F2: it is not finished: conditions\.parquet is missing"):
        superpos.load(results, "F2")


@pytest.mark.parametrize("kind", ["runs", "features"])
def test_a_damaged_table_is_one_line(results, kind):
    path = results / "F1" / f"{kind}.parquet"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(ValueError, match=rf"{kind}\.parquet: it is not a readable Parquet file"):
        _ = superpos.load(results, "F1").features


def test_tables_of_other_conditions_are_refused(results):
    other = superpos.sweep("F1", metrics=[], sweep={"density": [0.5]}, **FEW)
    store.save_table(results / "F1/runs.parquet", other.runs)
    with pytest.raises(ValueError, match=r"conditions\.parquet and runs\.parquet differ"):
        superpos.load(results, "F1")


@pytest.mark.parametrize("slug", ["model=relu_output,density=0.1", "model=absolute,density=0.1"])
def test_saved_models_are_loaded_as_they_were(swept, tmp_path, slug):
    models, path = swept.models[slug], tmp_path / "models.safetensors"
    models.save(path)
    same(superpos.load(path), models)
    one = superpos.ToyModel.load(path)
    np.testing.assert_array_equal(one.W.detach(), models.W[models.best()])
    np.testing.assert_array_equal(superpos.ToyModel.load(path, run=1).b.detach(), models.b[1])


def test_a_model_that_the_explorer_saved_is_loaded(tmp_path):
    path = tmp_path / "shown.json"
    path.write_text(
        '{"model": "absolute", "W": [[1], [2]], "W_out": [[3], [4]], "b": [5, 6], "rank": 1}'
    )
    model = superpos.ToyModel.load(path)
    assert (model.model, model.W.shape) == ("absolute", (2, 1))
    np.testing.assert_allclose(model(np.array([1.0, 1.0])).tolist(), [14.0, 18.0])
    refused = {
        "leave out run=1": lambda: superpos.ToyModel.load(path, run=1),
        r"with superpos\.ToyModel\.load": lambda: superpos.load(path),
        "cannot be read": lambda: superpos.ToyModel.load(tmp_path / "missing.json"),
    }
    for said, call in refused.items():
        with pytest.raises(ValueError, match=said) as caught:
            call()
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "no model that the report's explorer saved"),
        ('{"model": "linear", "W": [[1', "no model that the report's explorer saved"),
        (
            '{"model": "relu_output", "W": [[null]], "b": [0]}',
            "no model that the report's explorer",
        ),
        ('{"model": "relu_output", "W": [[1], [1, 2]], "b": [0, 0]}', "W: its rows"),
        ('{"model": "relu_output", "W": [[1], [2]], "b": [0]}', r"b has shape \(1,\)"),
        ('{"model": "relu_outptu", "W": [[1]], "b": [0]}', "did you mean relu_output"),
        ('{"model": "relu_output", "W": [[1]], "W_out": [[1]], "b": [0]}', "takes no W_out"),
    ],
)
def test_a_file_that_the_explorer_did_not_save_is_one_line(tmp_path, text, said):
    path = tmp_path / "shown.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=said) as caught:
        superpos.ToyModel.load(path)
    assert "\n" not in str(caught.value)


def test_a_file_that_holds_no_models_is_one_line(swept, tmp_path):
    path = tmp_path / "models.safetensors"
    models = swept.models["model=relu_output,density=1"]
    models.save(path)
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    (tmp_path / "damaged.safetensors").write_bytes(content)
    store.save_arrays(tmp_path / "other.safetensors", {"W": models.W})
    lines = {
        "damaged": "do not match their checksum|do not match its checksum",
        "other": "it holds no models that `Models.save` wrote",
        "missing": "no such file or folder",
    }
    for name, said in lines.items():
        with pytest.raises(ValueError, match=said) as caught:
            superpos.load(tmp_path / f"{name}.safetensors")
        assert "\n" not in str(caught.value)
    with pytest.raises(ValueError, match=r"give a name that ends in \.safetensors"):
        models.save(tmp_path / "models.pt")


@pytest.mark.parametrize("slug", ["model=relu_output,density=0.1", "model=absolute,density=0.1"])
@pytest.mark.parametrize("layers", [0, 2, np.int64(1)])
def test_torch_layers_have_the_usual_names_and_are_the_same_function(swept, slug, layers):
    models = swept.models[slug]
    made, model = models.to_torch(1, identity_layers=layers), models.model(1)
    names = {"linear1.weight": (2, 5), "linear2.weight": (5, 2), "linear2.bias": (5,)}
    names |= {f"hidden_layers.{k}.weight": (2, 2) for k in range(layers)}
    assert {name: tuple(a.shape) for name, a in made.state_dict().items()} == names
    x = torch.rand(20, 5, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(made(x), model(x))
    with torch.no_grad():
        made.linear1.weight[0, 0] += 1
    assert (made.linear2.weight[0, 0] == made.linear1.weight[0, 0]) == (models.W_out is None)
    trained = [name for name, p in made.named_parameters() if p.requires_grad]
    assert not [name for name in trained if "hidden_layers" in name]


@pytest.mark.parametrize("name", lookup.names("model"))
def test_torch_layers_train_what_the_model_trains(name):
    W, variant = np.ones((3, 2)), lookup.load("model", name).VARIANT
    model = superpos.ToyModel(name, W, np.zeros(3), None if variant.tied else W)
    layers = LayeredModel(model)
    assert layers.linear2.bias.requires_grad == model.b.requires_grad == variant.bias
    assert layers.linear1.weight.requires_grad
    assert layers.linear2.weight.requires_grad


def test_a_number_of_identity_layers_that_is_none_is_refused(swept):
    with pytest.raises(ValueError, match=r"^identity_layers: -1; give a whole number of 0 or more"):
        swept.models["model=relu_output,density=1"].to_torch(0, identity_layers=-1)
