"""The stored models of an experiment, packed for the page."""

from superpos import explorer, provenance, store
from superpos.command import options

args = options(experiment="path", conditions="path", settings="json", code="text", models="path")
tables = store.load_tables([args.experiment])
arrays, notes = explorer.packed(store.load_table(args.conditions), tables)
store.save_arrays(args.models, arrays, notes | provenance.notes(args.code, args.settings))
print(f"{notes['kept']} replicates of each of {len(arrays['family'])} conditions")
