"""The verdict on every claim of the paper."""

from superpos import claims, provenance, store
from superpos.command import options

args = options(runs="paths", features="paths", code="text", claims="path")
verdicts = claims.evaluate(store.load_tables(args.runs, args.features))
store.save_table(args.claims, verdicts, provenance.notes(args.code, {}))
print(f"{int(verdicts['holds'].sum())} of {len(verdicts)} claims hold")
