"""Train blocks of replicates of an experiment's slices, all in this process."""

from functools import partial
from itertools import chain

import numpy as np

from superpos.cli.script_options import options
from superpos.config.specification import Specification
from superpos.config.trained_runs import TrainedRuns
from superpos.data.finite_set import cut
from superpos.numerics.diverged_runs import describe_diverged
from superpos.progress.meter import Meter
from superpos.storage import provenance, store
from superpos.storage.training_sets import load_training_sets
from superpos.training import block, engines
from superpos.training.block_checks import check_block
from superpos.training.checkpoint import Checkpointer

args = options(
    **{"specification": [Specification], "code": ["json"], "threads": "int"},
    **{"training_sets": ["path"], "weights": ["path"], "history": ["path"]},
)
jobs = list(zip(args.specification, args.code, strict=True))
conditions = [c for job in args.specification for c in job.conditions.values()]
if line := engines.fallback(args.specification[0].engine, conditions):
    print(line)
wanted = {n: d for job in args.specification for n, d in job.sweep.sets(job.seed).items()}
sets = cut(load_training_sets(args.training_sets), wanted, args.specification[0].seed)
earlier = [
    TrainedRuns.read(*read)
    for folder in sorted({path.parent for path in args.weights})
    for read in store.readable_arrays(folder, lambda read: check_block(*read))
]
beside = args.weights[0].with_name(f".{args.weights[0].stem}.progress")
checkpointer = Checkpointer(store.kept_arrays(beside), partial(store.save_arrays, beside))
blocks = block.train_blocks(
    jobs, earlier, sets, args.threads, checkpointer.saved, Meter("the steps")
)
# How the runs were trained is logged and not stored, so that the bytes do not depend on it.
for step in chain.from_iterable(trained.resumed_after for trained in blocks):
    print(f"resumed after step {step}, where an earlier job was interrupted")
new, runs = sum(b.trained_here for b in blocks), sum(len(b.names.keys) for b in blocks)
print(f"trained {new} of {runs} runs")
if line := describe_diverged(np.concatenate([trained.diverged() for trained in blocks])):
    print(f"{line}: their losses are NaN; lower the learning rate")
for (job, code), trained, weights, history in zip(
    jobs, blocks, args.weights, args.history, strict=True
):
    torch = ["torch"] if {*trained.names.engines} - {"fused"} else []
    notes = provenance.notes(code, job.model_dump(mode="json"), torch)
    names = trained.names.model_dump()
    store.save_table(history, trained.history(), notes)
    store.save_arrays(weights, trained.arrays, notes.model_copy(update={"about": names}))
store.remove(beside)
