"""How Sphinx builds the documentation site: `make docs` writes it to build/docs/.

Pages are the Markdown files of this folder. A page with a line `<!-- made: NAME -->` gets what
`superpos.report.site` makes of the published verdicts, the settings and the docstrings in its place.
"""

import re
import sys
from pathlib import Path

import docutils.nodes
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

import superpos  # noqa: E402
from superpos.report import site  # noqa: E402

project = "superpos"
author = "The superpos authors"
version = release = superpos.__version__
copyright = "the superpos authors"  # the name that Sphinx reads

extensions = ["myst_nb", "sphinx.ext.autodoc"]
exclude_patterns = ["seeds/*"]
nitpicky = True
# Signatures also name types that have no page here.
nitpick_ignore_regex = [("py:.*", ".*")]

html_theme = "furo"
html_title = "superpos"
html_copy_source = False
html_show_search_summary = False
html_static_path = ["site.css"]
html_css_files = ["site.css"]
smartquotes = False
html_math_renderer = "mathml"

myst_heading_anchors = 3
myst_enable_extensions = ["dollarmath"]
# Notebooks are shown with the outputs that are stored in them.
nb_execution_mode = "off"
# Without these, a notebook with widgets would load scripts from another host.
nb_ipywidgets_js = {}

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_default_options = {"members": True}
maximum_signature_line_length = 80
python_use_unqualified_type_names = True

LISTED = "(On the site that `make docs` builds, they are listed here.)"
"""What stands above the line `<!-- made: NAME -->`, for who reads the page in the repository."""
MADE = re.compile(rf"^{re.escape(LISTED)}\n\n<!-- made: (\w+) -->$", re.MULTILINE)
ELSEWHERE = {"../results/README.md": "results.md", "../CHANGELOG.md": "changelog.md"}
"""Files outside of this folder that have a page here."""
NOTEBOOK = re.compile(r"\[([^\]]+)\]\(\.\./(examples/\w+)\.ipynb\)")
"""A link to a notebook, which is in docs/examples, a link to the folder of that name."""


def fill(app: Sphinx, name: str, source: list[str]) -> None:
    """Put what is made into a page, and let its links lead to pages."""
    if name.startswith("examples/"):
        return
    text = MADE.sub(lambda found: site.made(found[1], HERE), source[0])
    for outside, page in ELSEWHERE.items():
        text = text.replace(f"]({outside}", f"]({page}")
    source[0] = NOTEBOOK.sub(r"{doc}`\1 <\2>`", text)


def made_pages(app: Sphinx, *_: object) -> list[str]:
    """The pages that are read again in each build, because their content is made from other files."""
    pages = (HERE / f"{name}.md" for name in app.env.found_docs)
    return [page.stem for page in pages if page.is_file() and MADE.search(page.read_text())]


def as_restructured(
    app: Sphinx, kind: str, name: str, of: object, options: object, lines: list[str]
) -> None:
    """Docstrings are Markdown: names in single backquotes, and indented code."""
    lines[:] = site.restructured(lines)


def mathml(self, node, display: str = "inline") -> None:
    """Formulas as MathML, which needs no script."""
    as_block = display == "block"
    self.body.append(tex2mathml(node.astext(), as_block=as_block))
    raise docutils.nodes.SkipNode


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.add_html_math_renderer(
        "mathml", (mathml, None), (lambda self, node: mathml(self, node, "block"), None)
    )
    app.connect("source-read", fill)
    app.connect("env-get-outdated", made_pages)
    app.connect("autodoc-process-docstring", as_restructured)
