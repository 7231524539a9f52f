"""The metrics of an experiment's runs, as two tables, and the loss histories as a third."""

import pandas as pd

from superpos import provenance, store
from superpos.command import options
from superpos.divergence import told
from superpos.evaluation import by_distribution
from superpos.measuring import tables

args = options(
    **{"experiment": "text", "conditions": "path", "settings": "json", "code": "text"},
    **{"samples": "path", "weights": "paths", "losses": "paths"},
    **{"runs": "path", "features": "path", "history": "path", "checkpoints": "path"},
)
runs, features, checkpoints = tables(
    args.experiment,
    store.load_table(args.conditions),
    args.settings,
    [store.load_arrays(path) for path in args.weights],
    by_distribution(store.load_arrays(args.samples)[0]),
)
if line := told(runs["diverged"].to_numpy()):
    print(f"{line}: their losses and metrics are NaN, and none of them is best")
notes = provenance.notes(args.code, args.settings)
store.save_table(args.runs, runs, notes)
store.save_table(args.features, features, notes)
store.save_table(args.checkpoints, checkpoints, notes)
history = pd.concat([store.load_table(path) for path in args.losses], ignore_index=True)
store.save_table(args.history, history.assign(experiment=args.experiment), notes)
