"""Publish the shipped run: write its pictures, verdicts and pages to docs/ and a section of the README."""

from superpos.cli.script_options import options
from superpos.config import shipped
from superpos.config.resolving import resolve
from superpos.progress import estimates
from superpos.report import publishing
from superpos.storage import store
from superpos.verdicts import definitions, judging

args = options(results="path", docs="path", readme="path")
claims = store.load_table(args.results / "claims.parquet")
config = resolve(shipped.config(args.readme.parent))
titles = publishing.figure_titles(config)
times = estimates.by_name(store.estimable(args.results / "benchmarks"))
pngs = {f"{name}.png": store.load_bytes(args.results / f"figures/{name}.png") for name in titles}
held = store.load_table(args.results / "seeds.parquet")
names = ("report.html", "departures.html", "seeds.html", "claims.parquet")
pages = {name: store.load_bytes(args.results / name) for name in names}
publishing.check_page_sizes(pages)
generated = publishing.part(claims, held, titles, times)
files = {
    **{f"pictures/{name}": publishing.picture(png) for name, png in pngs.items()},
    **pages,
    "verdicts.md": publishing.verdicts(claims, titles).encode(),
    "definitions.json": definitions.as_json(judging.claims()).encode(),
    "times.tsv": estimates.to_tsv(times).encode(),
}
for path in (args.docs / "pictures").glob("*.png"):
    if f"pictures/{path.name}" not in files:
        store.remove(path)
for name, content in files.items():
    store.save_bytes(args.docs / name, content)
written = {name: store.load_bytes(args.docs / name) for name in files}
published = publishing.Published.of(written, generated)
readme = publishing.with_generated_part(store.load_text(args.readme), generated)
store.save_bytes(args.readme, readme.encode())
store.save_bytes(args.docs / "published.json", published.to_json().encode())
print(f"{len(files)} files of {sum(map(len, files.values())) / 1e6:.1f} MB in {args.docs}")
