"""Run the notebooks of this folder and store their outputs: `make notebooks`.

If pyproject.toml gives the repository's address on GitHub, each notebook also gets a badge that opens it in a
hosted service, and a cell that installs the library there.
"""

import re
import sys
import tempfile
import tomllib
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

HERE = Path(__file__).parent
SHOWN = ("text/plain", "text/html", "image/png")
HOSTED = ("badge", "install")
"""The ids of the cells that only a notebook with an address has."""


def address() -> str | None:
    """The repository's address, as [project.urls] of pyproject.toml gives it."""
    project = tomllib.loads((HERE.parent / "pyproject.toml").read_text())["project"]
    return project.get("urls", {}).get("Repository")


def with_badge(notebook: NotebookNode, name: str, repository: str | None) -> None:
    """Put the badge and the cell that installs before the others; take them out if there is no address."""
    cells = [cell for cell in notebook.cells if cell.id not in HOSTED]
    notebook.cells = [*hosted(name, repository), *cells]


def hosted(name: str, repository: str | None) -> list[NotebookNode]:
    """The two cells of a notebook in a repository on GitHub; none for another address."""
    found = re.fullmatch(r"(https://github\.com/([\w.-]+/[\w.-]+?))(\.git)?/?", repository or "")
    if found is None:
        return []
    service = "https://colab.research.google.com"
    badge = f"[![Open in Colab]({service}/assets/colab-badge.svg)]"
    link = f"({service}/github/{found[2]}/blob/main/examples/{name}.ipynb)"
    install = (
        "import importlib.util\n\n"
        'if importlib.util.find_spec("superpos") is None:\n'
        f'    %pip install -q "superpos[figures] @ git+{found[1]}"'
    )
    return [
        new_markdown_cell(badge + link, id=HOSTED[0]),
        new_code_cell(install, id=HOSTED[1]),
    ]


def run(notebook: NotebookNode, folder: str | Path) -> NotebookNode:
    """Execute all cells in that folder; raises nbclient's CellExecutionError if one fails."""
    at = {"metadata": {"path": folder}}
    client = NotebookClient(notebook, timeout=7200, resources=at, record_timing=False)
    return client.execute()


def tidy(notebook: NotebookNode) -> None:
    """Leave what a reader sees: no bars of progress, no versions of this machine, but what pictures show."""
    notebook.metadata.language_info = NotebookNode(name="python")
    for cell in notebook.cells:
        cell.metadata = NotebookNode({k: v for k, v in cell.metadata.items() if k == "mystnb"})
        if cell.cell_type == "code":
            cell.outputs = [kept for output in cell.outputs if (kept := _kept(output))]


def _kept(output: NotebookNode) -> NotebookNode | None:
    """The output as it is stored; None if it is not."""
    if output.output_type == "stream":
        return output if output.name == "stdout" else None
    output.data = NotebookNode({form: output.data[form] for form in SHOWN if form in output.data})
    if "image/png" in output.data:
        output.data.pop("text/plain", None)
    return output if output.data else None


def main(names: list[str]) -> None:
    """Store the named notebooks, or all of them."""
    for path in sorted(HERE.glob("*.ipynb")):
        if names and path.stem not in names:
            continue
        notebook = nbformat.read(path, as_version=4)
        with_badge(notebook, path.stem, address())
        with tempfile.TemporaryDirectory() as folder:
            run(notebook, folder)
        tidy(notebook)
        nbformat.write(notebook, path)
        print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main(sys.argv[1:])
