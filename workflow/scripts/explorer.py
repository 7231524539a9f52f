"""The stored models of an experiment, packed for the page."""

from superpos.cli.script_options import options
from superpos.report import explorer
from superpos.storage import provenance, store
from superpos.tables import stored

args = options(experiment="path", conditions="path", settings="json", code="text", models="path")
tables = stored.load([args.experiment])
arrays, notes = explorer.packed(store.load_table(args.conditions), tables)
store.save_arrays(args.models, arrays, notes | provenance.notes(args.code, args.settings))
print(f"{notes['kept']} replicates of each of {len(arrays['family'])} conditions")
