"""Train one block of replicates of one slice of an experiment."""

import os
from functools import partial
from pathlib import Path

from superpos.cli.script_options import options
from superpos.config.specification import Specification
from superpos.data.held_out import checks as samples
from superpos.data.held_out import dense_array
from superpos.numerics.divergence import told
from superpos.progress.meter import Meter
from superpos.storage import provenance, store
from superpos.training import block, checks
from superpos.training.checkpoint import Checkpointer

args = options(
    **{"specification": Specification, "code": "json", "threads": "int", "training_sets": "paths"},
    **{"weights": "path", "history": "path"},
)
job = args.specification
sets = {}
for path in args.training_sets:
    arrays, notes = store.load_arrays(
        path, lambda read: samples.samples(read[0], read[1]["n_features"])
    )
    sets[notes["distribution"]] = dense_array(arrays, notes["n_features"])
earlier = list(store.readable_arrays(args.weights.parent, lambda read: checks.block(*read)))
# What others have trained with like settings, code and versions, where a folder is shared.
shared = os.environ.get("SUPERPOS_CACHE")
entry = Path(shared or "") / block.address(job, args.code, provenance.versions())
if shared:
    earlier.append(store.kept_arrays(entry, lambda read: checks.block(*read)))
beside = args.weights.with_name(f".{args.weights.stem}.progress")
interrupted = store.kept_arrays(beside)[0]
checkpointer = Checkpointer(interrupted, partial(store.save_arrays, beside, notes={}))
trained = block.train_block(
    job, args.code, earlier, sets, args.threads, checkpointer.saved, Meter("the steps")
)
# What was stored before is logged, and not kept.
for step in trained.notes.pop("resumed_after"):
    print(f"resumed after step {step}, where an earlier job was interrupted")
print(f"trained {trained.notes.pop('trained_here')} of {len(trained.notes['keys'])} runs")
if line := told(trained.diverged()):
    print(f"{line}: their losses are NaN; lower the learning rate")
notes = provenance.notes(args.code, job.model_dump(mode="json"))
store.save_table(args.history, trained.history(), notes)
store.save_arrays(args.weights, trained.arrays, trained.notes | notes)
store.remove(beside)
if shared:
    store.share_arrays(entry, trained.arrays, trained.notes)
