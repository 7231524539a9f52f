"""Train one block of replicates of one slice of an experiment."""

from superpos import provenance, store
from superpos.command import options
from superpos.evaluation import dense_array
from superpos.grids import points
from superpos.meter import Meter
from superpos.training import train_block

args = options(
    **{"specification": "json", "code": "text", "threads": "int", "training_sets": "paths"},
    **{"weights": "path", "history": "path"},
)
sets = {}
for arrays, notes in map(store.load_arrays, args.training_sets):
    sets[notes["distribution"]] = dense_array(arrays, notes["n_features"])
earlier = store.readable_arrays(args.weights.parent)
job = {**args.specification, "points": points(args.specification["sweep"])}
block = train_block(job, args.code, earlier, sets, args.threads, Meter("the steps"))
# How many were trained here depends on what was stored before: it is told, and not kept.
print(f"trained {block.notes.pop('trained_here')} of {len(block.notes['keys'])} runs")
notes = provenance.notes(args.code, args.specification)
store.save_table(args.history, block.history(), notes)
store.save_arrays(args.weights, block.arrays, block.notes | notes)
