"""The held-out samples of an experiment's distributions, drawn once."""

from superpos.cli.script_options import options
from superpos.config.condition_table import from_table
from superpos.data.held_out import held_out
from superpos.storage import provenance, store

args = options(conditions="path", settings="json", code="text", samples="path")
conditions = [condition for condition, _ in from_table(store.load_table(args.conditions)).values()]
notes = provenance.notes(args.code, args.settings)
store.save_arrays(args.samples, held_out(conditions, **args.settings), notes)
