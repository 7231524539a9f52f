"""What is made again after an edit of a module, stage by stage and path by path."""

import json

import pytest

EDIT = "\n\nEDITED = True\n"

STAGES = {
    "conditions and held-out samples of": "data",
    "finite training set": "training set",
    "train ": "train",
    "metrics of": "metrics",
    "figure ": "figure",
    "theory ": "theory",
    "verdicts on the claims of": "judge",
    "verdicts on the paper": "claims",
    "report": "report",
}
"""The stage of a job by how its message begins."""

PAGES = {"report"}
JUDGED = {"judge", "claims"} | PAGES
SHOWN = {"figure"} | JUDGED
MEASURED = {"metrics"} | SHOWN
OF_SETS = {"metrics", "figure"} | PAGES
"""What follows from other runs of the experiment `sets`, which no claim is about."""
FILES = {"data"} | MEASURED
"""All stages that read or write files in scripts of their own, except training and its sets."""

AFTER_AN_EDIT = {
    # What only logs, saves or shows trains nothing.
    "progress/meter.py": set(),
    "progress/estimates.py": PAGES,
    "numerics/stored_code.py": set(),
    "training/checkpoint.py": set(),
    "training/block.py": set(),
    "training/continued.py": set(),  # no run of these continues
    "training/engines.py": set(),
    "training/progress.py": set(),
    "training/kernels/choice.py": set(),
    "rebuild.py": set(),
    "training/block_checks.py": MEASURED,
    "storage/store.py": FILES,
    "storage/checksums.py": FILES,
    "storage/provenance.py": FILES,
    "cli/script_options.py": FILES,
    "tables/__init__.py": MEASURED,
    # A condition's values are in the keys of its runs, and its modules in what trains them.
    "lookup.py": FILES | {"train", "training set"},
    "config/condition.py": FILES | {"train", "training set"},
    # What is learned, and what follows from it.
    "training/reference.py": {"train"} | OF_SETS,
    "models/relu_output.py": {"train"} | MEASURED,
    "data/correlated.py": {"train", "training set", "data"} | OF_SETS,
    # A finite training set is stored as held-out samples are.
    "data/held_out/__init__.py": {"data", "train", "training set"} | MEASURED,
    "metrics/stage.py": MEASURED,
    "metrics/by_name.py": MEASURED,
    "metrics/geometry.py": MEASURED,
    "theory/closed_forms.py": {"figure"} | JUDGED,
    # What is drawn and judged.
    "plotting/style.py": {"figure"} | PAGES,
    "verdicts/measures.py": JUDGED,
    "papers/toy_models/introduction/figure_intro.py": {"figure"} | PAGES,
    "papers/toy_models/introduction/claims_intro.py": JUDGED,
    "papers/toy_models/sections.py": PAGES,
    "report/page.py": PAGES,
    "report/explorer.py": MEASURED,
    "api/experiment.py": set(),
    "__init__.py": set(),
}
"""The stages with jobs to do after an edit of each module."""


def stages(planned: set[str]) -> set[str]:
    return {STAGES[next(begins for begins in STAGES if job.startswith(begins))] for job in planned}


@pytest.mark.slow
@pytest.mark.parametrize("module", AFTER_AN_EDIT)
def test_an_edit_makes_the_stages_again_that_rest_on_it(project, module):
    path = project.folder / "superpos" / module
    path.write_text(path.read_text() + EDIT)
    assert stages(project.planned()) == AFTER_AN_EDIT[module]


WAYS = """
import json, sys
from pathlib import Path
from superpos import rebuild
from superpos.config.condition import Condition
from superpos.training import engines

given = json.load(sys.stdin)
conditions = [Condition.model_validate(one) for one in given["conditions"]]
ways = [
    one
    for engine in ("gpu", "fused", "reference")
    for one in engines.modules_by_way(engine, conditions).items()
]

def codes():
    for cached in (rebuild.code, rebuild._found):
        cached.cache_clear()
    apart = engines.COUNT_BY_OUTCOME
    return {way: rebuild.code(*modules, apart_from=apart) for way, modules in ways}

found = {"": codes()}
for edit in given["edits"]:
    path = Path("superpos", edit["module"])
    text = path.read_text() if path.exists() else ""
    assert edit["old"] in text
    path.write_text(text.replace(edit["old"], edit["new"], 1) if edit["old"] else text + edit["new"])
    found[edit["name"]] = codes()
    path.write_text(text) if text else path.unlink()
print(json.dumps(found))
"""
"""Prints the digest of the code behind each way, as it is and after each edit alone."""

DENSE = {"fused.dense", "fused.compact", "fused.split"}
MASKED = {"fused.masked", "fused.masked_compact"}
FUSED = DENSE | MASKED | {"fused.gram", "fused.wide", "fused.controlled"}
WHOLE = {"fused.whole_set", "fused.unit_norm"}
FUSED |= WHOLE
GPU = {"gpu.lanes", "gpu.tile"}
OF_KERNELS = {
    "training/gpu/kernels/lanes.py": {"gpu.lanes"},
    "training/gpu/kernels/tile.py": {"gpu.tile"},
    "training/gpu/kernels/tile_exact.py": {"gpu.tile"},
    "training/gpu/kernels/draw.py": GPU,
    "training/gpu/engine.py": GPU,
    "training/kernels/gram.py": {"fused.gram"},
    "training/kernels/skips.py": {"fused.gram", "fused.unit_norm"},
    "training/kernels/loops/gram.py": {"fused.gram"},
    "training/kernels/wide.py": {"fused.wide"},
    "training/kernels/loops/wide.py": {"fused.wide"},
    "training/kernels/single.py": DENSE,
    "training/kernels/dense.py": DENSE | MASKED,
    "training/kernels/products.py": DENSE | MASKED | {"fused.controlled"},
    "training/kernels/loops/dense.py": DENSE,
    "training/kernels/masked.py": MASKED,
    "training/kernels/loops/masked.py": MASKED,
    "training/kernels/controlled.py": {"fused.controlled"},
    "training/kernels/whole_set.py": WHOLE,
    "training/kernels/whole_set_outputs.py": WHOLE,
    "training/kernels/loops/whole_set.py": WHOLE,
    "training/kernels/unit_norm.py": {"fused.unit_norm"},
    "training/kernels/adam.py": FUSED,
    "training/kernels/laws.py": FUSED | GPU,
    "training/kernels/paths/dense.py": {"fused.dense"},
    "training/kernels/paths/compact.py": {"fused.compact"},
    "training/kernels/paths/__init__.py": FUSED,
    "training/kernels/kernel_job.py": FUSED | GPU,
    "training/fused.py": FUSED,
    "training/reference.py": {"reference"},
    "training/continued.py": {"fused.whole_set", "reference"},
    "training/start.py": FUSED | GPU | {"reference"},
    "numerics/compiled.py": FUSED | GPU | {"reference"},
    # What chooses, names, groups, stores or says, and what is added, trains nothing again.
    "training/kernels/paths/another.py": set(),
    "training/kernels/choice.py": set(),
    "training/engines.py": set(),
    "training/progress.py": set(),
    "training/block.py": set(),
    "training/checkpoint.py": set(),
    "training/gpu/__init__.py": set(),
    "numerics/stored_code.py": set(),
    "numerics/folders.py": set(),
    "numerics/kernel_codes.py": set(),
    "numerics/sample_arrays.py": set(),
    "numerics/diverged_runs.py": set(),
    "config/condition.py": set(),
    "config/per_feature.py": set(),
    "lookup.py": set(),
    "rebuild.py": set(),
}
"""The ways whose runs are trained again after an edit of each module."""

OF_TEXTS = {
    # (module, what it says, what it says instead)
    ("training/records.py", "do not ascend from 1; sort them", "must ascend from 1"),
    ("training/gpu/engine.py", "do not fit into the GPU's memory; ", "are too large; "),
    ("data/independent.py", "has no effect on independent features", "forms no sets"),
    ("models/__init__.py", "raise ValueError(\n", "raise ValueError(\n  'A model: '"),
}
OF_SHAPES = {
    ("training/start.py", '"feature hidden"', '"feature unit"'),
    ("training/start.py", "import Float32, Float64", "import Float32, Float64, Int64"),
    ("training/start.py", ') -> Float32[np.ndarray, " step"]:', ") -> np.ndarray:"),
}


@pytest.mark.slow
def test_an_edit_of_one_path_trains_the_conditions_on_that_path_alone(project):
    from test_resume import PATHS

    conditions = [c.model_dump() for cases in PATHS.values() for c in cases]
    conditions.append({**conditions[-1], "init": {"name": "xavier", "trained_on": 5}})
    edits = [{"name": m, "module": m, "old": "", "new": EDIT} for m in OF_KERNELS]
    given = {"conditions": conditions, "edits": edits}
    found = json.loads(project.python("-c", WAYS, given=json.dumps(given)).stdout)
    before = found[""]
    assert set(before) == FUSED | GPU | {"reference"}
    for module, expected in OF_KERNELS.items():
        changed = {way for way in before if found[module][way] != before[way]}
        assert changed == expected, module


@pytest.mark.slow
def test_an_edit_of_an_error_or_of_a_shape_in_code_that_trains_trains_nothing_again(project):
    from test_resume import PATHS

    conditions = [c.model_dump() for cases in PATHS.values() for c in cases]
    edits = [
        {"name": f"{module} {old}", "module": module, "old": old, "new": new}
        for module, old, new in sorted(OF_TEXTS | OF_SHAPES)
    ]
    given = {"conditions": conditions, "edits": edits}
    found = json.loads(project.python("-c", WAYS, given=json.dumps(given)).stdout)
    assert len(found) == 1 + len(edits)
    for name, codes in found.items():
        assert codes == found[""], name
