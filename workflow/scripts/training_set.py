"""A finite training set, drawn once."""

from superpos import provenance, store
from superpos.command import options
from superpos.condition import Condition
from superpos.evaluation import sparse_arrays
from superpos.training import training_set

args = options(settings="json", code="text", samples="path")
seed, condition = args.settings["seed"], Condition.model_validate(args.settings["condition"])
x = training_set(condition, seed)
notes = {"distribution": condition.distribution(seed), "n_features": condition.n_features}
notes |= provenance.notes(args.code, args.settings)
store.save_arrays(args.samples, sparse_arrays(x), notes)
