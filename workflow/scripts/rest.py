"""Measure how much longer training lowers the loss of each condition, and which models are at rest."""

from superpos.cli.script_options import options
from superpos.config import shipped
from superpos.config.resolving import resolve
from superpos.storage import store
from superpos.verdicts import rest

args = options(results="path", longer="path", table="path", summary="path")
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
found = rest.rest_by_experiment(table, experiments)
store.save_bytes(args.summary, found.to_csv(index=False).encode())
print(found.drop(columns="settings").to_string(index=False))
