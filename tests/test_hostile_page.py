"""Whatever stands in a config, a result or a drawing, a real browser runs none of it in our pages."""

from dataclasses import asdict

import pandas as pd
import pytest
from browser import opened
from explorer_cases import experiment, polygon
from test_departures import verdict

from superpos.config import figure_words
from superpos.report import departures, explorer, page, sections
from superpos.storage import store
from superpos.storage.notes import Notes

pytestmark = pytest.mark.slow

RUN = "window.ran = true"
NAMED = """<b>bold</b><img src='x' onerror="window['ran'] = true">"""
"""The last part of a key, by which a slider and an axis name it."""
HOSTILE = (
    f"</script><script>{RUN}</script><!-- \u2028\u202e {{{{ 7 * 7 }}}} \\u003cscript>"
    f"""<img src="https://a.b/c.png" onerror="{RUN}">"' autofocus onfocus="{RUN}" x='<b>bold</b>"""
    f"""<svg onload="{RUN}"><a href="javascript:{RUN}">link</a></svg>&lt;img src=x onerror={RUN}&gt;"""
)
ADDRESS = f"javascript:{RUN}//"
DRAWING = f"""<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
  onload="{RUN}" width="400pt" viewBox="0 0 9 9" style="position: fixed">
  <script>{RUN}</script><style>@import url(https://a.b/c.css); * {{ display: none }}</style>
  <foreignObject><body xmlns="http://www.w3.org/1999/xhtml"><img src="x" onerror="{RUN}"/></body>
  </foreignObject><a xlink:href="javascript:{RUN}"><text>link</text></a>
  <image href="https://a.b/c.png" onerror="{RUN}"/><use href="https://a.b/c.svg#d"/>
  <animate attributeName="x" onbegin="{RUN}" dur="1s"/><path d="M 0 0 L 9 9" style="stroke: red"/>
  <text>&lt;img src=x onerror={RUN}&gt;</text></svg>"""


def models(folder) -> bytes:
    """An experiment with a slider and families that bear hostile names."""
    key = f"density.{HOSTILE}.{NAMED}"
    points = [
        {key: d, "model": m, HOSTILE: m} for m in ("linear", "relu_output") for d in (0.9, 0.1)
    ]
    made = experiment(points, lambda point, r, step: polygon(5, turn=r, norm=point[key]))
    arrays, legend = explorer.packed(*made)
    assert legend.sliders == [key]
    store.save_arrays(folder / "models", arrays, Notes(about=asdict(legend)))
    return store.load_bytes(folder / "models")


@pytest.fixture
def pages(tmp_path, monkeypatch):
    """The report and the page of departures, with hostile text in every place that takes text."""
    words = figure_words.FigureWords(HOSTILE, "", HOSTILE)
    for module in (page, sections):
        monkeypatch.setattr(module, "read_words", lambda draw: words)
    monkeypatch.setattr(page, "choices", lambda paper: [page.Choice(HOSTILE, HOSTILE, HOSTILE)])
    text = {"text": HOSTILE, "source": HOSTILE, "correction": HOSTILE}
    rows = [verdict(HOSTILE, False), verdict("F1.b", True) | {"figure": HOSTILE}]
    verdicts = pd.DataFrame([row | text for row in rows])
    html = page.page(
        page.Material(
            paper="toy_models",
            claims=verdicts,
            figures={HOSTILE: page.FigureLine("x", [HOSTILE], [ADDRESS]),
                     ADDRESS: page.FigureLine("x", [ADDRESS], [])},
            svgs={HOSTILE: DRAWING, ADDRESS: DRAWING},
            titles={HOSTILE: HOSTILE, ADDRESS: HOSTILE},
            models={HOSTILE: models(tmp_path)},
            redraw=f"{HOSTILE} {{x}} {{figure}}",
            config={HOSTILE: HOSTILE},
            provenance={HOSTILE: HOSTILE},
            times={HOSTILE: 1.0},
        )
    )  # fmt: skip
    store.save_bytes(tmp_path / "report.html", html.encode())
    store.save_bytes(tmp_path / "departures.html", departures.page(verdicts, "toy_models").encode())
    return tmp_path


@pytest.fixture(params=["with the page's policy", "by escaping alone"])
def wall(request, browser):
    """Each of the two walls on its own: the browser is told to ignore the page's policy, or not."""
    browser.call("Page.setBypassCSP", enabled=request.param == "by escaping alone")
    yield
    browser.call("Page.setBypassCSP", enabled=False)


def outside(tab) -> list[str]:
    return [url for url in tab.fetched if not url.startswith(("data:", "blob:", "file:"))]


def addresses(tab) -> list[str]:
    return tab.value("[...document.links].map((a) => a.protocol)")


@pytest.mark.usefixtures("wall")
def test_no_text_of_a_config_a_result_or_a_drawing_runs_in_the_report(browser, pages):
    tab = opened(browser, pages / "report.html")
    tab.value("document.getElementById('slide-' + shown.sliders[0].key).focus()")
    tab.press("ArrowRight")
    tab.wait("shown.index[shown.sliders[0].key] === 1")
    tab.value("$('family').value = 1; $('family').dispatchEvent(new Event('change'))")
    tab.wait("shown.family === 1")
    assert tab.value("document.querySelector('.slider label').textContent") == NAMED
    axis = tab.value("document.querySelector('#losses .xtitle').textContent")
    assert "<b>bold</b>" in axis
    assert tab.value("document.querySelectorAll('#losses .xtitle a, #workbench img').length") == 0
    assert tab.value("document.title").startswith("Toy Models")
    drawings = "[...document.images].filter((image) => image.naturalWidth > 0)"
    tab.value("document.querySelectorAll('img.drawing').forEach(reveal)")
    tab.wait(f"{drawings}.length === 2")
    assert not tab.value("'ran' in window")
    assert (tab.said, outside(tab)) == ([], [])
    assert set(addresses(tab)) <= {"file:", "https:"}


@pytest.mark.usefixtures("wall")
def test_no_text_of_a_claim_runs_in_the_page_of_departures(browser, pages):
    browser.said.clear()
    browser.fetched.clear()
    browser.open(pages / "departures.html")
    browser.wait("document.readyState === 'complete' && document.links.length > 0")
    assert not browser.value("'ran' in window")
    assert (browser.said, outside(browser)) == ([], [])


@pytest.mark.parametrize("policy", [True, False])
def test_that_test_would_see_a_script_run_and_the_policy_alone_stops_it(browser, pages, policy):
    """The same page without escaping: its scripts do run, unless its policy is heeded."""
    text = (pages / "departures.html").read_text()
    for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&#34;", '"'), ("&#39;", "'")):
        text = text.replace(entity, sign)
    (pages / "open.html").write_text(text)
    browser.call("Page.setBypassCSP", enabled=not policy)
    try:
        browser.open(pages / "open.html")
        browser.wait("document.readyState === 'complete' && location.href.endsWith('open.html')")
        assert browser.value("'ran' in window") is not policy
    finally:
        browser.call("Page.setBypassCSP", enabled=False)
