"""One figure as SVG, PDF and PNG."""

from superpos import plugins, store
from superpos.command import options

args = options(
    **{"draw": "text", "options": "json", "runs": "paths", "features": "paths", "code": "text"},
    **{"svg": "path", "pdf": "path", "png": "path"},
)
tables = store.load_tables(args.runs, args.features)
figure = plugins.load("figure", args.draw).draw(tables, **args.options)
store.save_figure(figure, args.svg, args.pdf, args.png)
