"""Train one block of replicates of one slice of an experiment."""

import os
from functools import partial
from pathlib import Path

from superpos import checks, provenance, store, training
from superpos.command import options
from superpos.evaluation import dense_array
from superpos.grids import points
from superpos.meter import Meter
from superpos.resume import Standing

args = options(
    **{"specification": "json", "code": "text", "threads": "int", "training_sets": "paths"},
    **{"weights": "path", "history": "path"},
)
sets = {}
for path in args.training_sets:
    arrays, notes = store.load_arrays(
        path, lambda read: checks.samples(read[0], read[1]["n_features"])
    )
    sets[notes["distribution"]] = dense_array(arrays, notes["n_features"])
job = {**args.specification, "points": points(args.specification["sweep"])}
earlier = list(store.readable_arrays(args.weights.parent, lambda read: checks.block(*read)))
# What others have trained with like settings, code and versions, where a folder is shared.
shared = os.environ.get("SUPERPOS_CACHE")
entry = Path(shared or "") / training.address(job, args.code, provenance.versions())
if shared:
    earlier.append(store.kept_arrays(entry, lambda read: checks.block(*read)))
beside = args.weights.with_name(f".{args.weights.stem}.progress")
standing = Standing(store.kept_arrays(beside)[0], partial(store.save_arrays, beside, notes={}))
block = training.train_block(
    job, args.code, earlier, sets, args.threads, standing, Meter("the steps")
)
# What was stored before is told, and not kept.
for step in block.notes.pop("went_on_after"):
    print(f"went on after step {step}, where an earlier job was interrupted")
print(f"trained {block.notes.pop('trained_here')} of {len(block.notes['keys'])} runs")
notes = provenance.notes(args.code, args.specification)
store.save_table(args.history, block.history(), notes)
store.save_arrays(args.weights, block.arrays, block.notes | notes)
store.remove(beside)
if shared:
    store.share_arrays(entry, block.arrays, block.notes)
