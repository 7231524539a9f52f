"""The report: the answer first, then the paper's sections, all that a figure rests on beside it."""

import itertools
import re

import numpy as np
import pandas as pd
import pytest
from explorer_cases import experiment
from plotly.offline import get_plotlyjs

from superpos import lookup
from superpos.config import layers, paper_files, shipped, text
from superpos.config.figure_words import read_words
from superpos.papers.toy_models import sections as paper
from superpos.report import explorer, sections, templates
from superpos.report import page as report
from superpos.report.drawings import embedded
from superpos.report.range_marks import chance_curve, marks
from superpos.report.shares import percent
from superpos.report.verdict_rows import VerdictRow
from superpos.verdicts import accepted, outcomes

SVG = '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="400pt" height="300pt"></svg>'


def verdict(claim: str, holds: bool) -> dict[str, object]:
    return {
        **{
            "claim": claim,
            "figure": claim.split(".")[0],
            "kind": "paper",
            "statement": claim,
            "models": "main",
            "text": f"{claim} <says> so.",
        },
        **{"source": "x", "value": 1.0, "low": 0.0, "high": 2.0, "correction": ""},
        **{"verdict": outcomes.verdict(holds), "reason": ""},
        **dict.fromkeys(("replicate_low", "replicate_median", "replicate_high"), 1.0),
        **{
            "replicates_hold": 0.5,
            "best_of": (),
            "best_of_holds": (),
            "old_low": float("nan"),
            "old_high": float("nan"),
        },
    }


FIGURES = {
    "F5": report.FigureLine("phase_diagram", ["F5"], ["optimum"]),
    "F20": report.FigureLine("nonlinear_compression", [], []),
    "F1": report.FigureLine("intro", ["F1"], []),
}


def made(**changes: object) -> str:
    """A page with three figures of three sections, given in another order, and a claim without a figure."""
    material = {
        "paper": "toy_models",
        "claims": pd.DataFrame(
            [verdict("F5.a", True), verdict("F1.b", False), verdict("F9.c", True)]
        ),
        "figures": FIGURES,
        "svgs": dict.fromkeys(FIGURES, SVG),
        "titles": {"F1": "Five & two", "F5": "Phases"},
        "trained": {
            "F1": "At rest: nothing moves.",
            "F5": "By the recipe of the authors' notebook.",
        },
        "models": {},
        "redraw": "snakemake --force here/{figure}.svg",
        "config": {"seed": 0, "experiments": {"F1": {"steps": 12345}}},
        "provenance": {"python": "3.11"},
        "times": {"train F1": 90.0},
    }
    return report.page(report.Material(**{**material, **changes}))


@pytest.fixture(scope="module")
def page() -> str:
    return made()


def test_pictures_come_first_then_the_count_and_then_what_does_not_hold(page):
    picture, count, failing = (
        page.index(text) for text in ("<img", "2 of 3 statements of the paper hold.", "F1.b</code>")
    )
    assert picture < count < failing
    contested = page[page.index('id="contested"') : page.index('id="introduction"')]
    assert "F1.b" in contested
    assert "F5.a" not in contested


def test_a_figure_without_an_experiment_is_named_by_its_caption(page):
    headings = [re.sub(r"<[^>]+>", "", found) for found in re.findall(r"<h3.*?</h3>", page)]
    assert "F20 The loss of a nonlinear code of two uniform features in one number" in headings
    assert "F5 Phases" in headings


def varied(*verdicts: dict[str, object], **changes: object) -> str:
    return made(
        variation=report.Variation("wider", ["F1"], ["F1"]),
        claims=pd.DataFrame(verdicts, columns=[*verdict("", True)]),
        figures={name: FIGURES[name] for name in ("F5", "F1")},
        **changes,
    )


def test_a_variation_has_its_own_name_shows_its_own_figures_first():
    page = varied(verdict("F1.b", False))
    assert "<title>wider: a variation of Toy Models of Superposition" in page
    assert re.findall(r"<h1>(.*?)</h1>", page) == ["wider"]
    assert "<strong>F1</strong>: Five &amp; two" in page
    assert page.index('id="own"') < page.index('id="F1"') < page.index('id="phases"')
    assert page.index('data-name="F1"') < page.index('data-name="F5"')
    assert "0 of 1 statements of the paper hold." in page


def test_a_variation_about_which_nothing_is_claimed_counts_nothing():
    page = varied()
    assert "Nothing is judged here: no claim is about what this variation changes." in page
    assert "0 of 0" not in page
    assert "statements of the paper hold" not in page


def test_sections_are_in_the_papers_order_and_claims_without_a_figure_come_last(page):
    found = re.findall(r'<h2 id="([^"]+)"', page)
    assert found == [
        *("best-title", "tally-title", "contested-title", "introduction", "phases"),
        *("compression", "undrawn", "choices", "provenance"),
    ]
    assert paper.SECTIONS[0].says.split(".")[0] in page


def test_a_statement_that_is_not_tested_counts_no_claims():
    untested = verdict("F5.a", True) | {"verdict": "not tested", "value": float("nan")}
    page = made(claims=pd.DataFrame([untested, verdict("F1.b", False)]))
    assert "0 of 1 claim holds" in page
    assert "0 of 0" not in page


def test_a_figure_of_several_experiments_has_the_title_of_the_first():
    figures = {"F5": report.FigureLine("phase_diagram", ["F5", "F1"], [])}
    page = made(figures=figures, svgs={"F5": SVG})
    assert '<span class="label">F5</span> Phases</h3>' in page


def noise(point, replicate, step):
    """Weights that no compression makes smaller."""
    return np.random.default_rng(round(point["density"] * 1000) + replicate).normal(size=(100, 20))


def test_the_parts_of_a_page_are_bounded_so_that_all_of_them_stay_below_twelve_megabytes():
    """The first paper's page has 27 experiments, of which three are as large as this one, and 27 drawings."""
    conditions, tables = experiment([{"density": k / 50} for k in range(1, 41)], noise, 6)
    arrays, legend = explorer.packed(conditions, tables)
    assert 1 <= legend.kept < 6
    weights = len(embedded(b"".join(array.tobytes() for array in arrays.values())))
    library, frame = (
        len(embedded(get_plotlyjs().encode())),
        len(made(models={}, svgs=dict.fromkeys(FIGURES, SVG))),
    )
    assert weights < 0.9e6
    assert library < 2.1e6
    assert frame < 0.2e6


def test_a_figure_has_its_rule_its_data_and_the_command_that_redraws_it(page):
    own = page[page.index('id="F5"') : page.index('id="compression"')]
    assert "by held-out loss" in own
    assert "By the recipe of the authors" in own
    for table in ("F5/runs.parquet", "F5/samples.parquet", "theory/optimum.parquet"):
        assert f'href="{table}"' in own
    assert "<code>snakemake --force here/F5.svg</code>" in own


def test_every_picture_says_what_it_shows_and_ids_are_unique(page):
    said = dict(re.findall(r'<img class="drawing" data-name="(\w+)" alt="([^"]+)"', page))
    assert said["F1"] == "Five &amp; two. F1.b &lt;says&gt; so (does not hold)"
    assert len(said["F20"]) > 100, "no statement is about it, so its caption says what it shows"
    assert {*said} == {*FIGURES}
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_it_carries_provenance_and_the_whole_config_and_escapes_text(page):
    assert "steps: 12345" in page
    assert "3.11" in page
    assert "F1.b &lt;says&gt; so." in page
    assert "Five &amp; two" in page


def test_the_best_figures_of_every_paper_are_in_its_config():
    for name, paper_of in paper_files.papers().items():
        larger = paper_of.larger(lookup.PACKAGE.parent).values()
        drawn = layers.merged([shipped.config(paper=paper_of), *map(text.load_config, larger)])
        assert {*sections.of_paper(name).BEST} <= {*drawn["figures"]}


def test_without_models_there_is_no_explorer(page):
    assert "explorer-title" not in page


def test_headings_skip_no_level(page):
    levels = [int(level) for level in re.findall(r"<h(\d)", page)]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_every_figure_says_its_caption_and_a_section_of_the_paper():
    of_paper = {p.__name__.split(".")[-2]: p.SECTIONS for p in lookup.of_papers("sections")}
    for folder, listed in of_paper.items():
        assert lookup.names("figure", folder)
        for name in lookup.names("figure", folder):
            assert sections.of_figure(name, folder) in listed, name
        for name in lookup.names("general figure"):
            assert sections.of_figure(name, folder) is sections.BEYOND, name
    for name in lookup.names("figure"):
        assert read_words(name).caption == lookup.load("figure", name).CAPTION, name


def test_a_note_is_whole_where_a_dot_stands_between_blanks():
    (note,) = [
        n for n in report.choices("toy_models") if n.text.startswith("the paper weights edges")
    ]
    assert note.text.endswith("|W_i . W_j| and sets no threshold; 0.1 is ours.")


def marks_of(**changes: float):
    return marks(drawn_row(**changes))


def drawn_row(**changes: object) -> VerdictRow:
    return VerdictRow(**{**verdict("a", True), **changes})


def test_the_value_is_marked_right_of_a_range_that_it_exceeds():
    found = marks_of(value=3.0, replicate_low=0.5, replicate_high=3.0)
    assert found.range.start + found.range.width < found.value
    assert found.spread.start + found.spread.width == pytest.approx(found.value)


def test_a_range_without_an_end_reaches_the_end_of_the_line_and_no_value_has_no_marks():
    found = marks_of(high=np.inf)
    assert found.range.start + found.range.width == pytest.approx(100)
    assert marks_of(value=np.nan) is None
    assert marks_of(replicate_low=np.nan, replicate_high=np.nan).spread is None


def test_a_curve_rises_from_the_lower_left_to_the_upper_right():
    row = drawn_row(best_of=(1, 2, 4), best_of_holds=(0.0, 0.5, 1.0))
    assert chance_curve(row).points == "2.0,22.0 50.0,12.0 98.0,2.0"
    assert chance_curve(row).words.endswith("is 0% at k = 1, 50% at k = 2, 100% at k = 4")


def test_a_share_that_is_nearly_none_or_all_is_not_called_none_or_all():
    shares = (0, 0.004, 0.005, 0.015, 0.5, 0.985, 0.996, 1)
    said = ["0%", "<1%", "<1%", "2%", "50%", "98%", ">99%", "100%"]
    assert [percent(share) for share in shares] == said
    row = drawn_row(replicates=1000, replicates_hold=0.004)
    drawn = templates.fill_in(
        "departures.html",
        departures=[],
        others=[row, drawn_row(best_of=(1, 2), best_of_holds=(0.1, 0.996))],
    )
    assert "<small>&lt;1% hold</small>" in drawn
    assert "10% at k = 1, &gt;99% at k = 2" in drawn


@pytest.mark.parametrize(
    ("accepted_values", "said"),
    [
        (accepted.positive(), "above 0"),
        (accepted.less_than(1), "0 to below 1"),
        (accepted.less_than(0.05), "0 to below 0.05"),
        (accepted.at_most(0.3), "0 to 0.3"),
        (accepted.at_most(0.3, -np.inf), "at most 0.3"),
        (accepted.at_least(0.3), "at least 0.3"),
        (accepted.exactly(5), "5"),
        (accepted.between(0.7 + 0.2, 2), "0.9 to 2"),
    ],
)
def test_the_column_of_accepted_values_says_whether_an_end_is_in_the_range(accepted_values, said):
    assert templates.accepted_range(accepted_values) == said


def test_there_is_no_curve_where_k_changes_nothing():
    assert chance_curve(VerdictRow(**verdict("a", True))) is None
    flat = {"best_of": (1, 2), "best_of_holds": (1.0, 1.0)}
    assert chance_curve(drawn_row(**flat)) is None


def test_the_table_of_verdicts_shows_the_curve():
    rows = [drawn_row(best_of=(1, 2), best_of_holds=(0.5, 1.0))]
    drawn = templates.fill_in("departures.html", departures=[], others=rows)
    assert '<polyline points="2.0,12.0 98.0,2.0"/>' in drawn
    assert "best of 1 to 2" in drawn


def test_a_claim_about_one_run_has_no_spread():
    one, several = (
        templates.fill_in("departures.html", departures=[], others=[drawn_row(replicates=count)])
        for count in (1, 3)
    )
    assert "a single run" in one
    assert "1 · 1 · 1" not in one
    assert "1 · 1 · 1" in several


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.123456, "0.1235"), (3.2471e-9, "3.25e-9"), (1.2e-12, "1.2e-12"), (float("nan"), "–")],
)
def test_a_small_number_is_short(value, said):
    assert templates.short(value) == said
