"""The table of an experiment's conditions: its sweep, expanded."""

from superpos.cli.script_options import options
from superpos.config.condition_table import to_table
from superpos.config.grids import points
from superpos.storage import provenance, store

args = options(settings="json", code="text", table="path")
table = to_table(args.settings["plain"], points(args.settings["sweep"]))
store.save_table(args.table, table, provenance.notes(args.code, args.settings))
