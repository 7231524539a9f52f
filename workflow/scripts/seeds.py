"""The verdicts of the shipped run beside those of other base seeds."""

from superpos.cli.script_options import options
from superpos.report import seeds
from superpos.storage import store

args = options(claims="paths", table="path", page="path")
names = ["shipped", *(path.parent.name.replace("_", " ") for path in args.claims[1:])]
verdicts = dict(zip(names, map(store.load_table, args.claims), strict=True))
held = seeds.table(verdicts)
store.save_table(args.table, held)
store.save_bytes(args.page, seeds.page(held).encode())
tested = held[held["untested"] == 0]
print(
    f"{len(tested)} claims are tested with every seed; "
    f"{int((tested['held'] == len(names)).sum())} of them hold with all {len(names)} seeds"
)
