"""Copy the shipped run's pictures, verdicts and pages to docs/ and fill the README's part."""

import json
from pathlib import Path

from superpos.cli.script_options import options
from superpos.config import shipped
from superpos.config.resolving import resolve
from superpos.progress import estimates
from superpos.report import publishing
from superpos.storage import store

args = options(results="path", docs="path", readme="path")
claims = store.load_table(args.results / "claims.parquet")
config = resolve(shipped.config(args.readme.parent))
titles = publishing.figure_titles(config)
times = estimates.by_name(store.benchmarks(args.results / "benchmarks"))
pngs = {f"figures/{n}.png": store.load_bytes(args.results / f"figures/{n}.png") for n in titles}
held = store.load_table(args.results / "seeds.parquet")["held"]
names = ("report.html", "departures.html", "seeds.html", "claims.parquet")
pages = {name: store.load_bytes(args.results / name) for name in names}
publishing.small_enough(pages)
generated = publishing.part(claims, held, titles, times)
files = {
    **{f"pictures/{Path(n).name}": publishing.picture(png) for n, png in pngs.items()},
    **pages,
    "verdicts.md": publishing.verdicts(claims, titles).encode(),
    "times.tsv": estimates.as_table(times).encode(),
}
run = {**pngs, **pages}
notes = store.table_notes(args.results / "claims.parquet")
for name, content in files.items():
    store.save_bytes(args.docs / name, content)
written = {name: store.load_bytes(args.docs / name) for name in files}
published = publishing.record(run, written, generated, notes)
store.save_bytes(args.readme, publishing.filled(store.load_text(args.readme), generated).encode())
store.save_bytes(args.docs / "published.json", json.dumps(published, indent=1).encode())
print(f"{len(files)} files of {sum(map(len, files.values())) / 1e6:.1f} MB in {args.docs}")
