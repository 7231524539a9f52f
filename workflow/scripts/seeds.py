"""Judge all claims with several base seeds, one after the other, and write how many each statement holds
with.

A seed's table of verdicts is stored when it is finished, and the results it was judged from are removed.
After an interruption the seed that was running continues from its finished files.
"""

import os
import shutil
import signal
import subprocess
import sys

from superpos.cli import seed_runs
from superpos.cli.script_options import options
from superpos.report import seeds
from superpos.storage import store
from superpos.verdicts import judging

ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)

args = options(count="int", results="path", tables="path", table="path", page="path")
root = args.results.absolute().parent
verdicts = store.load_table(args.results / "claims.parquet")
present = seed_runs.digests(args.results, verdicts)
code = seed_runs.code_and_config(root / "config.yaml")
tables = seed_runs.load_seed_tables(args.tables)


def run(seed, files):
    """Judge files of claims with a base seed. A signal is passed on to the pipeline, which ends its jobs."""
    folder = f"results/variations/seed_{seed}"
    targets = [f"{folder}/claims/{name}.parquet" for name in files]
    command = [sys.executable, "workflow/run.py", *targets]
    command += ["--config", f"seed={seed}", f"variation=seed_{seed}"]
    with subprocess.Popen(command, cwd=root) as pipeline:
        for number in ENDING_SIGNALS:
            signal.signal(number, lambda given, frame: pipeline.send_signal(given))
    if pipeline.returncode:
        sys.exit(pipeline.returncode)
    if seed_runs.code_and_config(root / "config.yaml") != code:
        raise ValueError(f"the code or config.yaml changed while seed {seed} ran; run it again")
    found = judging.gathered(store.load_table(root / target) for target in targets)
    found["digest"] = found["claim"].map(present)
    table = seeds.updated(tables.get(seed, found[:0]), found, verdicts, present)
    seed_runs.save_seed_table(args.tables, seed, table)
    shutil.rmtree(root / folder)


for seed, files in seed_runs.remaining(tables, present, seed_runs.base_seeds(args.count)).items():
    print(f"base seed {seed}: judging {', '.join(files)}", flush=True)
    run(seed, files)
    # The next seed starts in a new process, which sees the code and the settings as they are then.
    os.execv(sys.executable, [sys.executable, *sys.argv])

for seed, table in tables.items():
    seed_runs.save_seed_table(args.tables, seed, seeds.updated(table, table[:0], verdicts, present))
    if late := seeds.lacking(table, present):
        print(
            f"{args.tables}/seed_{seed}.csv: {len(late)} of {len(present)} verdicts are out of date"
        )
counted = seeds.statements_over_seeds(verdicts, tables, present)
store.save_table(args.table, counted)
store.save_bytes(args.page, seeds.page(verdicts, tables, present).encode())
print(seeds.seeds_summary(counted))
