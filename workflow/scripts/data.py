"""Write the data of an experiment: the table of its conditions, and held-out samples of their
distributions."""

from superpos.cli.script_options import options
from superpos.config.condition_table import to_table
from superpos.config.stage_settings import DataSettings
from superpos.data.held_out import draw_held_out
from superpos.storage import provenance, store

args = options(settings=DataSettings, code="text", conditions="path", samples="path")
settings = args.settings
notes = provenance.notes(args.code, settings.model_dump())
store.save_table(args.conditions, to_table(settings.sweep), notes)
conditions = settings.sweep.conditions.values()
samples = draw_held_out(conditions, settings.seed, **settings.evaluation.model_dump())
store.save_arrays(args.samples, samples, notes)
