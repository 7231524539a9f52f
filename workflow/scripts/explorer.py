"""Pack the stored models of an experiment for the report."""

from dataclasses import asdict

from superpos.cli.script_options import options
from superpos.report import explorer
from superpos.storage import provenance, store
from superpos.tables import stored

args = options(experiment="path", conditions="path", settings="json", code="text", models="path")
tables = stored.load_tables([args.experiment])
arrays, legend = explorer.packed(store.load_table(args.conditions), tables)
notes = provenance.notes(args.code, args.settings, about=asdict(legend))
store.save_arrays(args.models, arrays, notes)
print(f"kept {legend.kept} replicates of each of {len(arrays['family'])} conditions")
