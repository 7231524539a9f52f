"""The table of an experiment's conditions: its sweep, expanded."""

from superpos import provenance, store
from superpos.command import options
from superpos.condition_table import to_table
from superpos.grids import points

args = options(settings="json", code="text", table="path")
table = to_table(args.settings["plain"], points(args.settings["sweep"]))
store.save_table(args.table, table, provenance.notes(args.code, args.settings))
