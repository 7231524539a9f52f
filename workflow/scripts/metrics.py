"""The metrics of an experiment's runs, as two tables, and the loss histories as a third."""

import pandas as pd

from superpos import checks, provenance, store
from superpos.command import options
from superpos.condition_table import from_table
from superpos.evaluation import by_distribution
from superpos.measuring import tables

args = options(
    **{"experiment": "text", "conditions": "path", "settings": "json", "code": "text"},
    **{"samples": "path", "weights": "paths", "losses": "paths"},
    **{"runs": "path", "features": "path", "history": "path", "checkpoints": "path"},
)
conditions, seed = store.load_table(args.conditions), args.settings["seed"]
by_slug = {slug: condition for slug, (condition, _) in from_table(conditions).items()}
samples, _ = store.load_arrays(
    args.samples, lambda read: checks.held_out(read[0], by_slug.values(), seed)
)
blocks = [
    store.load_arrays(path, lambda read: checks.block(*read, by_slug)) for path in args.weights
]
runs, features, checkpoints = tables(
    args.experiment, conditions, args.settings, blocks, by_distribution(samples)
)
notes = provenance.notes(args.code, args.settings)
store.save_table(args.runs, runs, notes)
store.save_table(args.features, features, notes)
store.save_table(args.checkpoints, checkpoints, notes)
history = pd.concat([store.load_table(path) for path in args.losses], ignore_index=True)
store.save_table(args.history, history.assign(experiment=args.experiment), notes)
