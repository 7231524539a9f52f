"""Turn the runs of an experiment into tables of metrics, checkpoints and loss histories, and pack its best
models for the report."""

from dataclasses import asdict

import pandas as pd

from superpos.cli.script_options import options
from superpos.config.condition_table import from_table
from superpos.config.stage_settings import MetricSettings
from superpos.config.trained_runs import TrainedRuns
from superpos.data.finite_set import cut
from superpos.data.held_out import by_distribution
from superpos.data.held_out.sample_checks import check_held_out
from superpos.metrics.stage import tables
from superpos.numerics.diverged_runs import describe_diverged
from superpos.report import explorer
from superpos.storage import provenance, store
from superpos.storage.training_sets import load_training_sets
from superpos.tables import Tables
from superpos.training.block_checks import check_block

args = options(
    **{"experiment": "text", "conditions": "path", "settings": MetricSettings, "code": "text"},
    **{"samples": "path", "training_sets": ["path"], "weights": ["path"], "losses": ["path"]},
    **{"runs": "path", "features": "path", "history": "path", "checkpoints": "path"},
    **{"by_sample": "path", "explorer": "path"},
)
conditions, seed = store.load_table(args.conditions), args.settings.seed
by_slug = {slug: condition for slug, (condition, _) in from_table(conditions).items()}
samples, _ = store.load_arrays(
    args.samples, lambda read: check_held_out(read[0], by_slug.values(), seed)
)
blocks = [
    TrainedRuns.read(*store.load_arrays(path, lambda read: check_block(*read, by_slug)))
    for path in args.weights
]
finite = [c for c in by_slug.values() if c.data.training_samples is not None]
wanted = {c.distribution(seed): c.sampled() for c in finite}
sets = cut(load_training_sets(args.training_sets), wanted, seed)
runs, features, checkpoints, by_sample = tables(
    args.experiment, conditions, args.settings, blocks, by_distribution(samples), sets
)
if line := describe_diverged(runs["diverged"].to_numpy()):
    print(f"{line}: their losses and metrics are NaN, and none of them is best")
notes = provenance.notes(args.code, args.settings.model_dump())
losses = [store.load_table(path) for path in args.losses]
history = pd.concat(losses, ignore_index=True).assign(experiment=args.experiment)
store.save_table(args.runs, runs, notes)
store.save_table(args.features, features, notes)
store.save_table(args.history, history, notes)
store.save_table(args.checkpoints, checkpoints, notes)
store.save_table(args.by_sample, by_sample, notes)
arrays, legend = explorer.packed(
    conditions, Tables(runs, features, history, checkpoints, samples=by_sample)
)
store.save_arrays(args.explorer, arrays, notes.model_copy(update={"about": asdict(legend)}))
print(f"kept {legend.kept} replicates of each of {len(arrays['family'])} conditions for the report")
