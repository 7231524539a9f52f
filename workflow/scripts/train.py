"""Train one block of replicates of one slice of an experiment."""

from functools import partial

from superpos.cli.script_options import options
from superpos.config.specification import Specification
from superpos.config.trained_runs import TrainedRuns
from superpos.data.held_out import dense_array
from superpos.data.held_out.sample_checks import check_samples
from superpos.numerics.divergence import describe_diverged
from superpos.progress.meter import Meter
from superpos.storage import provenance, store
from superpos.training import block
from superpos.training.block_checks import check_block
from superpos.training.checkpoint import Checkpointer

args = options(
    **{"specification": Specification, "code": "json", "threads": "int", "training_sets": "paths"},
    **{"weights": "path", "history": "path"},
)
job = args.specification
sets = {}
for path in args.training_sets:
    arrays, notes = store.load_arrays(
        path, lambda read: check_samples(read[0], read[1]["n_features"])
    )
    sets[notes["distribution"]] = dense_array(arrays, notes["n_features"])
earlier = [
    TrainedRuns.read(*read)
    for read in store.readable_arrays(args.weights.parent, lambda read: check_block(*read))
]
beside = args.weights.with_name(f".{args.weights.stem}.progress")
checkpointer = Checkpointer(store.kept_arrays(beside), partial(store.save_arrays, beside))
trained = block.train_block(
    job, args.code, earlier, sets, args.threads, checkpointer.saved, Meter("the steps")
)
# How the runs were trained is logged and not stored, so that the bytes do not depend on it.
for step in trained.resumed_after:
    print(f"resumed after step {step}, where an earlier job was interrupted")
print(f"trained {trained.trained_here} of {len(trained.names.keys)} runs")
if line := describe_diverged(trained.diverged()):
    print(f"{line}: their losses are NaN; lower the learning rate")
notes = provenance.notes(args.code, job.model_dump(mode="json"))
names = trained.names.model_dump()
store.save_table(args.history, trained.history(), notes)
store.save_arrays(args.weights, trained.arrays, notes.model_copy(update={"about": names}))
store.remove(beside)
