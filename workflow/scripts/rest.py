"""How much lower the loss of each condition gets by a longer training, and which models are at rest."""

import sys

from superpos.cli.script_options import options
from superpos.config import shipped
from superpos.config.resolving import resolve
from superpos.storage import store
from superpos.verdicts import rest

args = options(results="path", longer="path", table="path")
experiments = resolve(shipped.config()).experiments
table = rest.table(
    {
        name: (
            *(
                store.load_table(folder / name / "runs.parquet")
                for folder in (args.results, args.longer)
            ),
            store.load_table(args.results / name / "features.parquet"),
        )
        for name in experiments
    }
)
store.save_bytes(args.table, table.to_csv(index=False).encode())
moving = rest.moving(table)
for name, experiment in experiments.items():
    trained, found = experiment.settings.trained, moving.get(name, [])
    print(f"{name}: {trained}; {len(found)} conditions are not at rest", *found[:3])
wrong = [n for n, e in experiments.items() if (e.settings.trained == "at rest") and moving.get(n)]
if wrong:
    print(f"config.yaml says that these are at rest, but they are not: {', '.join(wrong)}")
sys.exit(bool(wrong))
