"""The held-out samples of an experiment's distributions, drawn once."""

from superpos.cli.script_options import options
from superpos.config.condition_table import from_table
from superpos.config.stage_settings import EvaluationSettings
from superpos.data.held_out import draw_held_out
from superpos.storage import provenance, store

args = options(conditions="path", settings=EvaluationSettings, code="text", samples="path")
conditions = [condition for condition, _ in from_table(store.load_table(args.conditions)).values()]
settings = args.settings
samples = draw_held_out(conditions, settings.seed, **settings.evaluation.model_dump())
store.save_arrays(args.samples, samples, provenance.notes(args.code, settings.model_dump()))
