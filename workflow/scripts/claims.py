"""The verdict on every claim of the paper."""

from superpos import claims, provenance, store
from superpos.command import options

args = options(experiments="paths", theory="paths", settings="json", code="text", claims="path")
verdicts = claims.evaluate(store.load_tables(args.experiments, args.theory))
store.save_table(args.claims, verdicts, provenance.notes(args.code, args.settings))
print(f"{int(verdicts['holds'].sum())} of {len(verdicts)} claims hold")
