"""A table of theory: closed forms or quadrature, no training."""

from superpos import plugins, provenance, store
from superpos.command import options

args = options(table="text", settings="json", code="text", result="path")
table = plugins.load("theory table", args.table).table(**args.settings)
store.save_table(args.result, table, provenance.notes(args.code, args.settings))
