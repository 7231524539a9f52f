"""A variation of the second paper leaves out the figures that it does not fit, and draws the others."""

import copy
import re

import pandas as pd
import pytest
import yaml
from project import HERE
from test_double_descent_figures import CIRCLES, GAINS, OVERLAPS

from superpos import lookup
from superpos.api.experiment import results
from superpos.config import layers, paper_files, shipped, text
from superpos.config.experiments import Config
from superpos.config.messages import ConfigError
from superpos.config.resolving import changed, resolve
from superpos.tables import Tables

T = "data.training_samples"
PAPER = paper_files.papers()["double_descent"]
THEORY = {"polygon_features": GAINS, "two_circles": CIRCLES, "overlaps": OVERLAPS}
QUICK = {"steps": 5, "losses": 2, "evaluation": {"samples": 100, "strata": 2}}


def small():
    """The shipped config with few steps, few samples and n = 1,000 in every experiment."""
    raw = copy.deepcopy(shipped.config(paper=PAPER))
    raw["defaults"] |= QUICK
    for name, block in raw["experiments"].items():
        block |= {"n_features": 1000, "density": 0.01} if block.get("n_features") == 10_000 else {}
        block |= {"evaluation": {"strata": 2}} if "evaluation" in block else {}
        block.pop("steps", None)
        sweep = block.get("sweep", {})
        for part in sweep if isinstance(sweep, list) else [sweep]:
            part |= {"steps": [5, 6, 7][: len(part["steps"])]} if "steps" in part else {}
            part |= {"init.trained_on": [4]} if "init.trained_on" in part else {}
            part |= {"data.training_samples": [8, 10]} if name in ("S", "M5", "M6", "M7") else {}
            part |= {"data.training_samples": [8]} if name == "S_changed" else {}
        if isinstance(sweep, list):
            block["sweep"] = sweep[:1] if name == "S" else [{**sweep[0], "steps": [6]}, *sweep[2:]]
    raw["figures"]["S"]["options"] = {"vectors": [8, 10]}
    return raw


def varied(overlay):
    """The config with a variation laid over it: the parts that it changes."""
    raw = small()
    whole = resolve(layers.merged([raw, yaml.safe_load(overlay)]), raw)
    return changed(whole, resolve(raw))


OTHER_THEORY = "the theory table polygon_features has a different"
LEFT_OUT = [
    ("{S: {sweep: {data.training_samples: [10, 12], data.set: [0]}}}", "S",
     "needs a condition with data.training_samples 8; none of S, S_fresh has one"),
    ("{S: {density: 0.05}}", "S_norms",
     f"needs density 0.01; S has 0.05: {OTHER_THEORY} density"),
    ("{S: {n_features: 1500, density: 0.01}}", "S",
     f"needs n_features 10000 or 1000; S has 1500: {OTHER_THEORY} shape"),
    ("{S: {data: {name: independent}}}", "S", "needs data.unit_norm true; S has false"),
    ("{S: {data: {name: correlated, sets: 10, unit_norm: true}}}", "S_norms",
     "needs data independent; S has correlated"),
    ("{S: {model: linear}}", "S", "needs a ReLU on the output; S has model linear"),
    ("{S: {model: relu_hidden}}", "S_norms",
     "needs a linear hidden layer; S has model relu_hidden"),
    ("{S: {sweep: {data.training_samples: [8, 10], optimizer.lr: [0.1, 0.2]}}}", "S",
     "takes no sweep of optimizer.lr, and S has one"),
    ("{M2: {sweep: {data.training_samples: [8], optimizer.lr: [0.1, 0.2]}}}", "M2",
     "takes no sweep of optimizer.lr, and M2 has one"),
    ("{M2: {data: {name: independent}}}", "O2", "needs data.unit_norm true; M2 has false"),
    ("{M5: {sweep: {n_hidden: [2, 3], data.training_samples: [8], optimizer.lr: [0.1, 0.2]}}}",
     "M5", "takes no sweep of optimizer.lr, and M5 has one"),
    ("{M6: {sweep: {data.training_samples: [8]}}}", "M6",
     "needs a sweep of optimizer.weight_decay, if only of one value; M6 has none"),
    ("{M7: {sweep: {data.training_samples: [8], batch: [4, 5]}}}", "M7",
     "takes no sweep of batch, and M7 has one"),
    ("{S_changed: {sweep: {data.training_samples: [8], schedule: [constant, linear]}}}",
     "S_changed", "takes no sweep of schedule, and S_changed has one"),
]  # fmt: skip


@pytest.mark.parametrize(("experiments", "figure", "said"), LEFT_OUT)
def test_a_figure_that_would_show_something_else_is_left_out(experiments, figure, said):
    assert varied(f"experiments: {experiments}").left_out[figure] == said


REFUSED = [
    ("{draw: regimes, from: [S], theory: [polygon_features], options: {vectors: [7]}}",
     "q: regimes needs a condition with data.training_samples 7; S has none;"),
    ("{draw: curves, from: [M6], options: {line: optimizer_wd}}",
     "q.options: line: 'optimizer_wd': input should be 'optimizer_weight_decay', 'steps'"),
    ("{draw: curves, from: [M6], options: {line: steps}}",
     "q: curves takes no sweep of optimizer.weight_decay, and M6 has one;"),
    ("{draw: curves, from: [M7], options: {line: steps, height: lossy}}",
     "q.options: height: 'lossy': input should be 'loss' or 'fifth_dimensionality'"),
    ("{draw: curves, from: [M2], options: {line: steps, height: fifth_dimensionality}}",
     "q: curves needs the metric fifth_dimensionality; M2 does not measure it;"),
    ("{draw: variants, from: [S]}", "q: variants knows the experiments M3, M3_full, "),
    ("{draw: repeats, from: [S]}",
     "q: repeats needs a sweep of data.repeats, if only of one value; S has none;"),
    ("{draw: polygon_gains, from: [S], theory: [polygon_features]}",
     "q: polygon_gains takes no sweep of data.training_samples, and S has one;"),
    ("{draw: norms_by_size, from: [S, S_changed], theory: [polygon_features]}",
     "q: norms_by_size takes no sweep of steps, and S_changed has one;"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "said"), REFUSED)
def test_a_figure_of_ones_own_that_would_show_something_else_is_refused(line, said):
    with pytest.raises(ConfigError, match=rf"^figures\.{re.escape(said)}"):
        varied(f"figures: {{q: {line}}}")


def test_a_table_of_polygons_has_the_pentagon():
    settings = "{n_features: [1000], active: 10.0, polygons: [4, 6]}"
    with pytest.raises(ConfigError, match="give 5 too"):
        varied(f"theory: {{polygon_features: {{table: polygon_features, settings: {settings}}}}}")


def drawn(config):
    """The figures of experiments by name, after each experiment of the config was trained."""
    one = {n: results(Config(config.seed, {n: e}, {}, {}), 1, lambda _: None)
           for n, e in config.experiments.items()}  # fmt: skip
    figures = {}
    for name, figure in config.figures.items():
        if not figure.experiments:
            continue
        parts = [one[experiment] for experiment in figure.experiments]
        runs, features, checkpoints, samples = (
            pd.concat([getattr(part, kind) for part in parts], ignore_index=True)
            for kind in ("runs", "features", "checkpoints", "samples")
        )
        added = {*runs.columns} - {axis.replace(".", "_") for e in figure.experiments
                                   for axis in config.experiments[e].sweep.axes}  # fmt: skip
        tables = Tables(
            runs.drop(columns=added & {"data_set", "data_repeats"}),  # as the pipeline has them
            features,
            checkpoints=checkpoints,
            samples=samples,
            theory={table: THEORY[table] for table in figure.theory},
        )
        figures[name] = lookup.load("figure", figure.draw).draw(tables, **figure.options)
    return figures


DRAWN = [
    ("experiments: {S: {sweep: {data.training_samples: [8, 10]}}}", ["S", "S_norms"]),
    ("experiments: {S: {sweep: {data.training_samples: [10, 8], data.set: [3]}}}", ["S_norms"]),
    ("experiments: {S_changed: {sweep: {data.training_samples: [10], steps: [3, 4]}}}", ["S_changed"]),
    ("experiments: {S_changed: {sweep: {data.training_samples: [8, 12], data.set: [0], steps: [3, 4]}}}",
     ["S_changed"]),
    ("experiments: {M2: {sweep: {data.training_samples: [8], data.set: [1, 2]}}}", ["M2", "O2"]),
    ("experiments: {M5: {sweep: {n_hidden: [3], data.training_samples: [8]}}}", ["M5"]),
    ("experiments: {M6: {sweep: {data.training_samples: [8], optimizer.weight_decay: [0.5]}}}", ["M6"]),
    ("experiments: {M7: {sweep: {data.training_samples: [8], steps: [6]}}}", ["M7"]),
    ("{experiments: {X: {base: S, title: X, checkpoints: [1, 5], metrics: [dimensionality, "
     "first_sample_dimensionality], sweep: {data.training_samples: [12], "
     "data.repeats: [{times: 2, samples: 3}]}}}, figures: {q: {draw: repeats, from: [X]}, "
     "p: {draw: copies_line, from: [X]}, o: {draw: stored_along_training, from: [X]}}}", ["q", "p", "o"]),
    ("{experiments: {X: {base: S, title: X, metrics: [leverage, fifth_dimensionality, sample_angle, "
     "neighbours_sharing, shares_with_next, features_above], sweep: {data.training_samples: [8]}}}, "
     "figures: {q: {draw: leverage, from: [X]}, p: {draw: clusters, from: [X]}, "
     "o: {draw: polygon_gains, from: [X], theory: [polygon_features]}}}", ["q", "p", "o"]),
    ("{experiments: {M2: {optimizer: {lr: 1.0e+5}, schedule: constant}}}", ["M2", "O2"]),
]  # fmt: skip


def larger(paper=PAPER):
    """The paper's config and all its larger runs, with T = 8 and 10, or 60 with repeats, in few steps."""
    files = paper.larger(HERE).values()
    raw = layers.merged([shipped.config(paper=paper), *map(text.load_config, files)])
    raw.pop("variation")
    raw["defaults"] |= QUICK
    for block in raw["experiments"].values():
        block |= {"n_features": 1000, "density": 0.01} if block.get("n_features") == 10_000 else {}
        block |= {"checkpoints": [1, 5]} if block.get("checkpoints") else {}
        block.pop("evaluation", None)
        block.pop("steps", None)
        sweep = block.get("sweep", {})
        for part in sweep if isinstance(sweep, list) else [sweep]:
            sizes = [60] if "data.repeats" in part else [8, 10][: len(part.get(T, []))]
            part |= {T: sizes} if T in part else {}
            part |= {"data.set": part["data.set"][:2]} if "data.set" in part else {}
            part |= {"steps": [5, 6, 7][: len(part["steps"])]} if "steps" in part else {}
            part |= {"init.trained_on": [4]} if "init.trained_on" in part else {}
        if isinstance(sweep, list):
            block["sweep"] = distinct(sweep)
    for figure in raw["figures"].values():
        figure |= (
            {"options": {"vectors": [8, 10]}} if "vectors" in figure.get("options", {}) else {}
        )
    return resolve(raw)


def distinct(parts):
    """The parts of a sweep without those that small sizes have made the same."""
    first = {}
    for part in parts:
        first.setdefault(str({k: v for k, v in part.items() if not k.startswith("data.")}), part)
    return [*first.values()]


@pytest.mark.slow
@pytest.mark.trial
def test_every_figure_of_the_larger_runs_is_drawn_from_its_experiments():
    config = larger()
    found = drawn(config)
    assert found.keys() == {name for name, figure in config.figures.items() if figure.experiments}
    assert found.keys() >= {"M3", "J1", "J7", "J10", "J12", "U1", "U1_floor"}
    assert all(figure.axes for name, figure in found.items() if name != "U1_clusters")


@pytest.mark.slow
@pytest.mark.parametrize(("overlay", "figures"), DRAWN)
def test_the_figures_that_are_kept_are_drawn(overlay, figures):
    found = drawn(varied(overlay))
    assert {*figures} <= found.keys()
    assert all(figure.axes or figure.texts for figure in found.values())


def test_without_a_memorising_run_the_picture_of_clusters_says_so():
    runs = pd.DataFrame(
        [{"experiment": "U1", "condition": "only", "replicate": 0, "rank": 0, "n_features": 9,
          "n_hidden": 2, "loss": 1.0, "fifth_dimensionality": 0.9}]
    )  # fmt: skip
    (text,) = lookup.load("figure", "clusters").draw(Tables(runs, runs)).texts
    assert text.get_text() == "n = 9, m = 2. 0 of 1 runs memorise."
