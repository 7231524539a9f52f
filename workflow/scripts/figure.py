"""One figure as SVG, PDF and PNG."""

from superpos import metrics, plugins, store
from superpos.command import options
from superpos.figures import render

args = options(
    **{"draw": "text", "options": "json", "experiments": "paths", "theory": "paths"},
    **{"svg": "path", "pdf": "path", "png": "path"},
)
tables = store.load_tables(args.experiments, args.theory)
with metrics.wanted(f"figure {args.draw} of {', '.join(path.name for path in args.experiments)}"):
    figure = plugins.load("figure", args.draw).draw(tables, **args.options)
for form, path in (("svg", args.svg), ("pdf", args.pdf), ("png", args.png)):
    store.save_bytes(path, render(figure, form))
