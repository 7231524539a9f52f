"""The verdicts on the claims of one file."""

from superpos import claims, metrics, provenance, store
from superpos.command import options

args = options(
    **{"file": "text", "experiments": "paths", "theory": "paths", "settings": "json"},
    **{"code": "text", "verdicts": "path"},
)
with metrics.wanted(f"claims/{args.file}.py"):
    verdicts = claims.evaluate(store.load_tables(args.experiments, args.theory), args.file)
store.save_table(args.verdicts, verdicts, provenance.notes(args.code, args.settings))
print(f"{int(verdicts['holds'].sum())} of {len(verdicts)} claims hold")
