"""The documentation as a site: no warning, no dead link, nothing loaded from outside."""

import html
import importlib.util
import inspect
import re
import subprocess
import sys

import pytest
from crawl import Page, faults
from project import HERE

import superpos
from superpos import lookup
from superpos.config import paper_files, shipped
from superpos.config.condition import Condition
from superpos.config.experiments import Settings
from superpos.config.resolving import resolve
from superpos.report import site
from superpos.report.site import markdown
from superpos.report.site.runs import published

LACKING = [name for name in ("sphinx", "myst_nb", "furo") if not importlib.util.find_spec(name)]


@pytest.mark.slow
@pytest.mark.skipif(bool(LACKING), reason=f"{', '.join(LACKING)} not installed: make .venv/docs")
def test_the_site_builds_without_a_warning_and_has_no_dead_link(tmp_path):
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html"]
    ended = subprocess.run(
        [*command, "-d", tmp_path / "read", HERE / "docs", tmp_path / "site"],
        capture_output=True,
        text=True,
    )
    assert not ended.returncode, ended.stderr
    assert faults(tmp_path / "site") == []
    pages = {path.stem: path.read_text() for path in (tmp_path / "site").glob("*.html")}
    text = {name: html.unescape(re.sub("<[^>]*>", "", page)) for name, page in pages.items()}
    for run in published(HERE / "docs"):
        for name in run.figures:
            assert f"make {run.target(name)}" in text["figures"]
        for claim in run.claims["claim"]:
            assert claim in text["verdicts"]
    functions = {n for n in superpos.theory.__all__ if n.islower()}
    assert {f"superpos.theory.{n}" for n in functions} <= Page(pages["theory"]).ids
    public = {n for n in superpos.__all__ if not inspect.ismodule(getattr(superpos, n))}
    assert {f"superpos.{n}" for n in public} <= Page(pages["api"]).ids
    assert {i.rpartition(".")[2] for i in Page(pages["metrics"]).ids} >= set(lookup.metrics())
    assert "W: Float[np.ndarray, 'run feature hidden']" in text["api"]


def test_a_crawl_finds_dead_links_and_what_is_loaded_from_outside(tmp_path):
    (tmp_path / "a.html").write_text(
        '<h1 id="top"><a href="#top"></a><a href="b.html#here"></a><a href="https://x.org"></a>'
        '<a href="#gone"></a><a href="c.html"></a><a href="b.html#gone"></a>'
        '<script src="https://x.org/x.js"></script><img src="d.png" alt="d.png"><link href="e.css">'
    )
    (tmp_path / "b.html").write_text('<p id="here">')
    assert faults(tmp_path) == [
        "a.html: it loads https://x.org/x.js",
        "a.html: d.png has no words that say what it shows",
        "a.html: #gone has no such place",
        "a.html: c.html is not there",
        "a.html: b.html#gone has no such place",
        "a.html: d.png is not there",
        "a.html: e.css is not there",
    ]


def test_every_key_of_the_config_is_in_the_tables_of_settings():
    text = site.made("settings", HERE / "docs")
    for key in {*Condition.model_fields, *Settings.model_fields, "sweep", "base", "figures"}:
        assert f"\n| `{key}` | " in text, key
    (row,) = re.findall(r"^\| `optimizer.eps` .*", text, re.MULTILINE)
    assert " | number, above 0 | `1e-08` | Adam's epsilon. | " in row
    assert "`M3_text`" in row


def test_figures_and_verdicts_are_in_the_papers_order():
    figures = [*next(published(HERE / "docs")).figures]
    numbered = [name for name in figures if re.fullmatch(r"F\d+", name)]
    assert numbered == [f"F{k}" for k in range(1, 22)]
    assert figures[-1].startswith("seed_")
    page = site.made("verdicts", HERE / "docs")
    judged = re.findall(r"^### (F\d+):", page, re.MULTILINE)
    assert judged == [name for name in numbered if name in judged]


def test_every_page_that_has_a_made_part_names_one_that_there_is():
    marked = re.compile(r"^\(On the site .+ here\.\)\n\n<!-- made: (\w+) -->$", re.MULTILINE)
    named = [n for p in (HERE / "docs").glob("*.md") for n in marked.findall(p.read_text())]
    assert sorted(named) == sorted(site.PARTS)
    with pytest.raises(ValueError, match="did you mean seeds"):
        site.made("seed", HERE / "docs")


def test_no_two_figures_of_a_paper_have_the_same_words():
    for paper in paper_files.papers().values():
        titles = resolve(shipped.config(paper=paper)).figure_titles
        assert len({*titles.values()}) == len(titles)


def test_a_copy_of_a_figure_has_the_title_of_its_own_experiment():
    raw = shipped.config()
    raw["experiments"]["other"] = {"base": "F10", "title": "Other"}
    raw["figures"]["F10"]["title"] = "Sets"
    titles = resolve(raw).figure_titles
    assert (titles["F10"], titles["F10_other"]) == ("Sets", "Other")


def test_docstrings_become_restructured_text():
    lines = ["The norm |W_i| of `W` and b_.", "", "    train(a_*b)", "", "More."]
    assert site.restructured(lines) == [
        *(r"The norm \|W\_i\| of ``W`` and b\_.", "", "::", "", "    train(a_*b)", "", "More."),
    ]


def test_marks_of_markdown_in_a_text_are_escaped_except_code():
    assert markdown.escaped("|x| of `a|b_c` * D*") == r"\|x\| of `a\|b_c` \* D\*"
    assert markdown.table(["a"], []) == ""
