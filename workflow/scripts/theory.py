"""Compute a table of theory, by closed forms or quadrature and without training."""

from superpos import lookup
from superpos.cli.script_options import options
from superpos.storage import provenance, store

args = options(table="text", settings="json", code="text", result="path")
table = lookup.load("theory table", args.table).table(**args.settings)
store.save_table(args.result, table, provenance.notes(args.code, args.settings))
