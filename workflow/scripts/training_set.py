"""Draw the longest finite training set of a family."""

from superpos.cli.script_options import options
from superpos.config.stage_settings import TrainingSetSettings
from superpos.data.finite_set import training_set
from superpos.storage import provenance, store

args = options(settings=TrainingSetSettings, code="text", samples="path")
seed, sampled = args.settings.seed, args.settings.distribution
about = {"family": sampled.family(seed), "n_features": sampled.n_features}
notes = provenance.notes(args.code, args.settings.model_dump(), about=about)
store.save_arrays(args.samples, vars(training_set(sampled, seed)), notes)
