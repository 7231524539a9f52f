"""The verdicts on the claims of one file."""

from superpos import claims, metrics, provenance, store, verdicts
from superpos.command import options

args = options(
    **{"file": "text", "experiments": "paths", "theory": "paths", "settings": "json"},
    **{"code": "text", "verdicts": "path"},
)
with metrics.wanted(f"claims/{args.file}.py"):
    scope = claims.Scope(args.settings["untested"], args.settings["beyond"])
    tables = store.load_tables(args.experiments, args.theory)
    table = claims.judged(tables, scope, args.file)
store.save_table(args.verdicts, table, provenance.notes(args.code, args.settings))
print(verdicts.summary(table["verdict"]))
