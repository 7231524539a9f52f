"""Draw one figure as SVG, PDF and PNG."""

from superpos import lookup
from superpos.cli.script_options import options
from superpos.plotting import render
from superpos.storage import store
from superpos.tables import stored
from superpos.tables.lacking import wanted

args = options(
    **{"draw": "text", "options": "json", "experiments": ["path"], "theory": ["path"]},
    **{"svg": "path", "pdf": "path", "png": "path"},
)
tables = stored.load_tables(args.experiments, args.theory)
with wanted(f"figure {args.draw} of {', '.join(path.name for path in args.experiments)}"):
    figure = lookup.load("figure", args.draw).draw(tables, **args.options)
for form, path in (("svg", args.svg), ("pdf", args.pdf), ("png", args.png)):
    store.save_bytes(path, render(figure, form))
