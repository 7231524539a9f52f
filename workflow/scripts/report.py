"""Write two self-contained pages: the report, and what did not replicate."""

from superpos.cli.script_options import options
from superpos.progress import estimates
from superpos.report import departures
from superpos.report import page as report
from superpos.storage import provenance, store

args = options(
    **{
        "paper": "text",
        "claims": "path",
        "svgs": ["path"],
        "models": ["path"],
        "figures": "json",
        "titles": "json",
        "trained": "json",
    },
    **{"benchmarks": "path", "seed": "int", "redraw": "json", "config": "json"},
    **{"left_out": "json", "variation": "json", "page": "path", "departures": "path"},
)
verdicts = store.load_table(args.claims)
variation = report.Variation(**args.variation) if args.variation else None
page = report.page(
    report.Material(
        paper=args.paper,
        claims=verdicts,
        figures={name: report.FigureLine(**line) for name, line in args.figures.items()},
        svgs={path.stem: store.load_text(path) for path in args.svgs},
        titles=args.titles,
        trained=args.trained,
        left_out=args.left_out,
        variation=variation,
        diverged={path.parent.name: store.load_arrays(path)[1]["diverged"] for path in args.models},
        models={path.parent.name: store.load_bytes(path) for path in args.models},
        redraw=args.redraw,
        config=args.config,
        provenance={
            "base seed": str(args.seed),
            **provenance.versions("snakemake"),
            **provenance.machine(),
        },
        times=estimates.by_kind(estimates.by_name(store.benchmarks(args.benchmarks))),
    )
)
store.save_bytes(args.page, page.encode())
not_replicated = departures.page(verdicts, args.paper, variation.name if variation else "")
store.save_bytes(args.departures, not_replicated.encode())
print(f"{args.page}: {len(page.encode()) / 1e6:.1f} MB")
