"""The table of an experiment's conditions: its sweep, expanded."""

from superpos.cli.script_options import options
from superpos.config.condition_table import to_table
from superpos.config.sweep import Sweep
from superpos.storage import provenance, store

args = options(sweep=Sweep, code="text", table="path")
notes = provenance.notes(args.code, args.sweep.model_dump(mode="json"))
store.save_table(args.table, to_table(args.sweep), notes)
