"""Pages of functions: a line for Sphinx about each."""

import importlib
import inspect
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

import superpos
from superpos import lookup
from superpos.config import shipped
from superpos.config.paper_files import papers
from superpos.config.resolving import resolve
from superpos.report.site.markdown import escaped, joined


def metric_list(docs: Path) -> str:
    """Every metric, by the file that holds it; those that most shipped experiments ask for come first."""
    configs = [resolve(shipped.config(paper=paper)) for paper in papers().values()]
    asked = Counter(
        name
        for config in configs
        for experiment in config.experiments.values()
        for name in experiment.settings.metrics
    )
    files: dict[str, list[str]] = {}
    for name, function in sorted(lookup.metrics().items(), key=lambda pair: -asked[pair[0]]):
        files.setdefault(function.__module__, []).append(name)
    return joined(*(_of_file(file, names) for file, names in files.items()))


def api_list(docs: Path) -> str:
    """Every function and class of superpos itself."""
    return _public(superpos)


def theory_list(docs: Path) -> str:
    """Every function and class of superpos.theory."""
    return _public(superpos.theory)


def _public(module: ModuleType) -> str:
    """The functions of a module, then its classes."""
    found = {f"{module.__name__}.{name}": getattr(module, name) for name in module.__all__}
    functions = [name for name, value in found.items() if inspect.isfunction(value)]
    classes = [name for name, value in found.items() if inspect.isclass(value)]
    return _block(
        [f".. autofunction:: {name}" for name in functions]
        + [f".. autoclass:: {name}" for name in classes]
    )


def _of_file(file: str, names: Iterable[str]) -> str:
    """The metrics of a file below its title, which is the first paragraph of its docstring."""
    first = (inspect.getdoc(importlib.import_module(file)) or "").split("\n\n")[0]
    title = " ".join(first.split()).removesuffix(".")
    return joined(
        f"## {escaped(title)}", _block(f".. autofunction:: {file}.{name}" for name in names)
    )


def _block(lines: Iterable[str]) -> str:
    return "\n".join(["```{eval-rst}", *lines, "```"])
