"""A finite training set, drawn once."""

from superpos.cli.script_options import options
from superpos.config.stage_settings import TrainingSetSettings
from superpos.data.held_out import sparse_arrays
from superpos.storage import provenance, store
from superpos.training.block import training_set

args = options(settings=TrainingSetSettings, code="text", samples="path")
seed, sampled = args.settings.seed, args.settings.distribution
x = training_set(sampled, seed)
about = {"distribution": sampled.distribution(seed), "n_features": sampled.n_features}
notes = provenance.notes(args.code, args.settings.model_dump(), about=about)
store.save_arrays(args.samples, sparse_arrays(x), notes)
