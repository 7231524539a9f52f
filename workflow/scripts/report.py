"""One self-contained page: verdicts, figures, provenance."""

from superpos import provenance, store
from superpos.command import options
from superpos.report import page

args = options(
    **{"claims": "path", "svgs": "paths", "figures": "json", "titles": "json"},
    **{"seed": "int", "code": "text", "page": "path"},
)
svgs = {path.stem: store.load_text(path) for path in args.svgs}
notes = {"base seed": args.seed, **provenance.versions(), **provenance.machine()}
html = page(store.load_table(args.claims), args.figures, svgs, args.titles, notes)
store.save_bytes(args.page, html.encode())
