"""Two self-contained pages: verdicts, figures, provenance; and what did not replicate."""

from superpos import departures, provenance, report, store
from superpos.command import options

args = options(
    **{"claims": "path", "svgs": "paths", "figures": "json", "titles": "json"},
    **{"benchmarks": "path", "seed": "int", "page": "path", "departures": "path"},
)
verdicts = store.load_table(args.claims)
svgs = {path.stem: store.load_text(path) for path in args.svgs}
notes = {"base seed": args.seed, **provenance.versions(), **provenance.machine()}
times = report.times(store.benchmarks(args.benchmarks))
html = report.page(verdicts, args.figures, svgs, args.titles, notes, times)
store.save_bytes(args.page, html.encode())
store.save_bytes(args.departures, departures.page(verdicts).encode())
