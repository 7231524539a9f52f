"""The report in a real browser: it loads without an error, plays, and asks for nothing from outside."""

import itertools
import json
import re
from contextlib import contextmanager
from dataclasses import asdict

import numpy as np
import pytest
from browser import Browser, opened
from explorer_cases import experiment, polygon

from superpos import lookup
from superpos.report import explorer
from superpos.report import page as report
from superpos.report.longest_vectors import MOST
from superpos.storage import store
from superpos.storage.notes import Notes
from superpos.verdicts import judging

pytestmark = pytest.mark.slow

DENSITIES = (1.0, 0.3, 0.1, 0.03)
STEPS = (10, 100, 1000, 10000)
ARROWS = "JSON.stringify(document.getElementById('weights').data.map((t) => [t.x[1], t.y[1]]))"


def drawing(width: int) -> str:
    address = 'xmlns="http://www.w3.org/2000/svg"'
    return f'<svg {address} width="{width}pt" height="300pt"><path d="M0 0H9"/></svg>'


DRAWINGS = {f"D{k}": drawing(500 + k) for k in range(9)}


def pentagon(point, replicate, step):
    """A pentagon whose size is the density's, so that a picture tells which one it shows."""
    return polygon(5, turn=replicate, norm=0.5 + point["density"])


def spreading(point, replicate, step):
    """Six features in space, longer at each checkpoint, in a matrix that has no mirror image."""
    size = (len(STEPS) if step < 0 else step + 1) / len(STEPS)
    return size * np.vstack([np.eye(3), -np.eye(3)])


def neurons(point, replicate, step):
    """Weights of more dimensions than can be drawn as arrows."""
    return np.eye(8, 5)


SIZES = (3, 5, 12)
SHARED_BY_FAMILY = [
    {"model": "linear", "density": 0.001, "importance.last": 2.0},
    *({"model": "relu_output", "density": p, "importance.last": 3.0} for p in (0.5, 0.1, 0.01)),
]
LAST = (0.0, 0.1, 1.0, 10.0)
LONG = ((MOST + 50, 3), (MOST + 50, 5), (5, 3), (5, 2))
MODELS = ("linear", "relu_output", "relu_hidden", "absolute")


def memorised(point, replicate, step):
    """A polygon of training samples."""
    return polygon(point["data.training_samples"], turn=replicate, norm=4)


def deep(point, replicate, step):
    """Features or training samples in space, where samples are not drawn."""
    return np.eye(4, point["n_hidden"])


def untied(point, replicate, step):
    """A model of the absolute value with weights of both signs."""
    return np.random.default_rng(3).normal(size=(5, 4)).round(2)


def many_features(point, replicate, step):
    """More columns of W than the page gets, shorter and shorter."""
    return polygon(2 * MOST, turn=0) / np.arange(1, 2 * MOST + 1)[:, None]


def pentagon_alone(point, replicate, step):
    """A pentagon of the same size everywhere."""
    return polygon(5, turn=replicate)


def by_importance(point, replicate, step):
    """A pentagon whose size is the importance of its last feature, from 1 to 2."""
    return polygon(5, turn=replicate, norm=1 + point["importance.last"] / 10)


def long_in_space(point, replicate, step):
    """Vectors longer than 1, more than the page gets, or few of them; the longer, the higher the number."""
    turns = np.vstack([np.eye(point["n_hidden"])] * MOST)[: point["n_features"]]
    return turns * np.linspace(2, 3, point["n_features"])[:, None]


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """A report of experiments in the plane, along training in space, as a matrix, and of training sets."""
    folder = tmp_path_factory.mktemp("page")
    made = {
        "plane": experiment([{"density": p} for p in DENSITIES], pentagon),
        "space": experiment([{}], spreading, steps=STEPS),
        "matrix": experiment([{"density": p} for p in DENSITIES], neurons),
        "fixed": experiment(SHARED_BY_FAMILY, lambda *_: np.array([[1.0], [0.1]])),
        "zero": experiment([{"importance.last": i} for i in LAST], by_importance),
        "kinds": experiment([{"model": model} for model in MODELS], untied),
        "long": experiment([{"n_features": n, "n_hidden": m} for n, m in LONG], long_in_space),
        "signed": experiment([{"data.signed": True}], pentagon_alone),
        "units": experiment([{"data.unit_norm": True, "data.signed": True}], pentagon_alone),
        "deep": experiment([{"n_hidden": 3}], *(deep, 1, (), deep)),
        "sets": experiment(
            [{"data.training_samples": T, "data.set": k} for T in SIZES for k in (0, 1)],
            *(many_features, 1, (), memorised),
        ),
    }
    tables = made["kinds"][1]
    tables.features["W_out"] = [[-2 * w for w in row] for row in tables.features["W"]]
    models = {}
    for name, (conditions, tables) in made.items():
        arrays, legend = explorer.packed(conditions, tables)
        store.save_arrays(folder / name, arrays, Notes(about=asdict(legend)))
        models[name] = store.load_bytes(folder / name)
    html = report.page(
        report.Material(
            paper="toy_models",
            claims=judging.table([]),
            figures={name: report.FigureLine("intro", [], []) for name in DRAWINGS},
            svgs=DRAWINGS,
            **{"titles": {n: f"The {n}" for n in made}, "models": models, "redraw": ""},
            **{"config": {}, "provenance": {}, "times": {"all": 1.0}},
        )
    )
    store.save_bytes(folder / "report.html", html.encode())
    return folder / "report.html"


@pytest.fixture
def tab(browser, page) -> Browser:
    """The page, freshly loaded and scrolled to its explorer."""
    return opened(browser, page)


def choose(tab: Browser, experiment: str) -> None:
    tab.value(
        f"$('experiment').value = '{experiment}'; $('experiment').dispatchEvent(new Event('change'))"
    )
    tab.wait(f"shown.experiment.name === '{experiment}' && shown.model !== null")


def norms(tab: Browser) -> list[float]:
    """The lengths of the bars that are drawn."""
    return tab.value("Array.from(document.getElementById('norms').data[0].y)")


def test_it_loads_without_an_error_and_fetches_nothing(tab, page):
    for name in ("space", "matrix", "sets", "kinds", "plane"):
        choose(tab, name)
    assert tab.said == []
    outside = [url for url in tab.fetched if not url.startswith(("data:", "blob:"))]
    assert outside == [page.resolve().as_uri()]


def test_a_request_to_the_outside_would_be_refused_and_seen(tab):
    asked = "new Promise((done) => Object.assign(new Image(), {onerror: done, src: 'https://a.b/c.png'}))"
    tab.call("Runtime.evaluate", expression=asked, awaitPromise=True)
    assert any("Content Security Policy" in line for line in tab.said)


def test_drawings_are_unpacked_when_they_come_near_and_keep_their_place(tab):
    unpacked = "[...document.querySelectorAll('img.drawing')].filter((image) => image.src)"
    shown = "document.querySelector('article img[data-name=D8]')"
    assert tab.value(f"{unpacked}.length") < 9
    assert tab.value(f"[{shown}.src, {shown}.clientWidth >= 508 * 4 / 3]") == ["", True]
    tab.value(f"{shown}.scrollIntoView()")
    tab.wait(f"{shown}.naturalWidth > 0")
    assert tab.said == []


def test_no_letter_is_smaller_than_eleven_pixels(tab):
    small = """[...document.querySelectorAll('body *')].filter((one) =>
        [...one.childNodes].some((inner) => inner.nodeType === 3 && inner.data.trim()) &&
        !one.closest('script, style, noscript, .hidden') && parseFloat(getComputedStyle(one).fontSize) < 11
    ).map((one) => one.outerHTML.slice(0, 80))"""
    choose(tab, "space")
    assert tab.value(small) == []


def test_steps_and_counts_keep_all_their_digits_and_other_numbers_three(tab):
    said = ["31,623", "100,000", "-1,234", "0", "0.123", "31,600"]
    assert tab.value("[31623, 1e5, -1234, 0, 0.12345, 31622.7].map(number)") == said


def test_small_numbers_on_an_axis_have_no_small_exponents(tab):
    assert tab.value("[0.5, 0.001, 1e-6, 2e-12].map(plainly)") == ["0.5", "0.001", "1e−6", "2e−12"]
    assert tab.value("rule([1e-9, 1]).ticktext.join() + rule([-1, 1]).exponentformat").endswith("e")


def given(tab: Browser, x) -> list[float]:
    """What the page says that the model on the screen makes of an input."""
    tab.value(f"(shown.x = {json.dumps(list(x))}, showTrial())")
    return tab.value("[...document.getElementById('answer').data[2].y]")


def test_an_input_goes_through_every_kind_of_model(tab):
    choose(tab, "kinds")
    assert tab.value("[...$('family').options].map((o) => o.text)") == [
        model.replace("_", " ") for model in MODELS
    ]
    W, b, x = untied({}, 0, -1), -0.1 * np.arange(5), np.array([1, 0, 0.5, 0, 0.25])
    for k, name in enumerate(MODELS):
        tab.value(f"$('family').value = {k}; $('family').dispatchEvent(new Event('change'))")
        variant = lookup.load("model", name).VARIANT
        x = x * (-1) ** np.arange(5) if variant.absolute_target else x
        h = np.maximum(x @ W, 0) if variant.relu_hidden else x @ W
        out = h @ (W if variant.tied else -2 * W).T + b
        out = np.maximum(out, 0) if variant.relu_output else out
        np.testing.assert_allclose(given(tab, x), out, atol=0.02)
        error = tab.value("errorOf(shown.model, shown.x, outputOf(shown.model, shown.x))")
        np.testing.assert_allclose(error, ((np.abs(x) - out) ** 2).sum(), rtol=0.05)


@pytest.mark.parametrize("name", ["plane", "signed", "units"])
def test_random_inputs_are_drawn_as_the_data_were(tab, name):
    choose(tab, name)
    drawn = "Array.from({ length: 200 }, () => ($('random').click(), shown.x.slice()))"
    x = np.array(tab.value(drawn))
    assert (x != 0).any(axis=1).all()
    assert abs(x).max() <= 1 + 1e-12
    low = 0 if name == "plane" else -1
    assert (x.min() < -0.5) == (low < 0)
    assert tab.value("Number($('value').min)") == low
    lengths = np.linalg.norm(x, axis=1)
    assert np.allclose(lengths, 1) == (name == "units")


def test_an_input_is_given_by_keyboard_alone_and_the_answer_is_said(tab):
    tab.value("$('none').focus()")
    tab.press("Enter")
    tab.wait("$('answer-said').textContent.startsWith('In: all features are 0. Out: ')")
    tab.value("$('feature').focus()")
    tab.press("ArrowDown")
    tab.value("$('value').focus()")
    tab.press("ArrowRight")
    tab.wait("$('answer-said').textContent.startsWith('In: feature 1 is 0.05. Out: ')")
    assert tab.value("$('value').getAttribute('aria-valuetext')") == "0.05"
    tab.value("switchFeature(1)")
    assert tab.value("shown.x") == [0] * 5
    unnamed = """[...document.querySelectorAll('#workbench :is(input, select)')]
        .filter((one) => !one.labels.length)
        .concat([...document.querySelectorAll('#workbench [role=img]:not([aria-label])')])
        .concat([...document.querySelectorAll('#workbench button:empty:not([hidden])')])
        .map((one) => one.id)"""
    assert tab.value(unnamed) == []


def test_a_picture_in_space_is_turned_with_the_arrow_keys(tab):
    choose(tab, "space")
    eye = "JSON.stringify(document.getElementById('weights')._fullLayout.scene.camera.eye)"
    before = tab.value(eye)
    tab.value("document.getElementById('weights').focus()")
    tab.press("ArrowRight")
    tab.wait(f"{eye} !== {json.dumps(before)}")


def test_a_link_leads_back_to_its_state_and_what_it_asks_in_vain_is_said(tab, page):
    choose(tab, "sets")
    tab.value("$('family').value = 1; $('family').dispatchEvent(new Event('change'))")
    tab.value("$('slide-rank')?.focus()")
    link = tab.value("$('link').getAttribute('href')")
    assert link == "#explore=sets&models=training+set+1&data.training_samples=5"
    choose(tab, "plane")
    tab.value("$('slide-rank').focus()")
    tab.press("ArrowRight")
    told = tab.value("(({ rank, replicate }) => [rank, replicate])(JSON.parse(modelFile()))")
    assert told == [2, 0], "a link has the rank, not the number of the replicate"
    tab.wait("$('link').getAttribute('href') === '#explore=plane&density=0.1&rank=2'")
    tab.value(f"location.hash = {json.dumps(link)}")
    tab.wait("shown.experiment.name === 'sets' && shown.family === 1")
    assert tab.value("[$('family').value, $('link-said').hidden]") == ["1", True]
    tab.value("location.hash = '#explore=space&step=100&density=0.2&%zz=%E0'")
    tab.wait("!$('link-said').hidden")
    assert tab.value("[shown.experiment.name, shown.index.step]") == ["space", 1]
    assert "asks for density 0.2, %zz" in tab.value("$('link-said').textContent")
    tab.value("location.hash = '#explore=nothing'")
    tab.wait("$('link-said').textContent.includes('experiment nothing')")
    assert tab.value("shown.experiment.name") == "plane"
    assert "is ignored" in tab.value("$('link-said').textContent")
    assert tab.value("(location.hash = '#explore=', asked())") is None
    assert tab.said == []


@pytest.mark.parametrize(
    ("experiment", "family", "readout", "picture"),
    [
        ("fixed", 0, "Density 0.001, importance of the last feature 2: 1 of 2 features is longer than ½, in 1"
         " hidden dimension.", "2 features and 1 hidden dimension."),
        ("fixed", 1, "Density 0.1, importance of the last feature 3: ",
         "2 features and 1 hidden dimension."),
        ("space", 0, "Density 0.3, training step 10,000: 6 of 6", "6 features and 3 hidden dimensions."),
        ("sets", 0, "Density 0.3, training samples 5: ", "800 features and 2 hidden dimensions."),
        ("kinds", 2, "Density 0.3: 5 of 5 features are longer than ½, in 4 neurons.",
         "5 features and 4 neurons."),
    ],
)  # fmt: skip
def test_the_readout_names_every_value_of_the_condition(tab, experiment, family, readout, picture):
    choose(tab, experiment)
    tab.value(f"$('family').value = {family}; $('family').dispatchEvent(new Event('change'))")
    assert tab.value("$('readout').textContent").startswith(readout)
    said = tab.value("document.getElementById('weights').getAttribute('aria-label')")
    assert said == f"Weights of a model with {picture}"


def test_the_model_on_the_screen_is_a_file_that_the_library_reads(tab, tmp_path):
    choose(tab, "plane")
    file = json.loads(tab.value("modelFile()"))
    assert file["condition"] == {"density": 0.1}
    assert (file["experiment"], file["replicate"], file["rank"], file["step"]) == (
        "plane",
        1,
        1,
        100,
    )
    W = pentagon({"density": 0.1}, 0, -1)
    np.testing.assert_allclose(np.array(file["W"]) @ np.transpose(file["W"]), W @ W.T, atol=0.01)
    np.testing.assert_allclose(file["b"], -0.1 * np.arange(5), atol=0.002)
    from superpos import ToyModel

    path = tmp_path / "plane_0.1_1.json"
    path.write_text(tab.value("modelFile()"))
    model = ToyModel.load(path)
    x = [0.5, 0, 0, 1, 0]
    np.testing.assert_allclose(given(tab, x), np.ravel(model(np.array([x])).tolist()), atol=1e-3)


def test_keys_on_the_slider_move_the_picture_and_say_so(tab):
    before = tab.value(ARROWS)
    said = tab.value("$('readout').textContent")
    np.testing.assert_allclose(norms(tab), 0.5 + DENSITIES[2], atol=0.01)
    tab.value("document.getElementById('slide-density').focus()")
    tab.press("ArrowLeft")
    tab.wait(f"document.getElementById('norms').data[0].y[0] > {0.495 + DENSITIES[1]}")
    np.testing.assert_allclose(norms(tab), 0.5 + DENSITIES[1], atol=0.01)
    assert tab.value(ARROWS) != before
    assert tab.value("$('slide-density').getAttribute('aria-valuetext')") == "0.3"
    tab.wait(f"$('readout').textContent !== {json.dumps(said)}")
    assert "Density 0.3: 5 of 5 features are" in tab.value("$('readout').textContent")


def test_a_slider_with_a_value_of_0_shows_the_condition_of_each_of_its_values(tab):
    choose(tab, "zero")
    assert tab.value("shown.sliders[0].values") == [10, 1, 0.1, 0]
    slider = "document.getElementById('slide-importance.last')"
    for place, importance in enumerate(sorted(LAST, reverse=True)):
        tab.value(f"({slider}.value = {place}, {slider}.dispatchEvent(new Event('input')))")
        told = f"Density 0.3, importance of the last feature {importance:g}: "
        tab.wait(f"$('readout').textContent.startsWith({told!r})")
        np.testing.assert_allclose(norms(tab), 1 + importance / 10, atol=0.01)


def test_another_replicate_is_another_model(tab):
    before = tab.value("shown.experiment.arrays.replicate.length")
    assert before == 2 * len(DENSITIES)
    assert "rank 1 of 2" in tab.value("$('readout').textContent")
    tab.value("$('slide-rank').focus()")
    tab.press("ArrowRight")
    tab.wait("$('readout').textContent.includes('rank 2 of 2')")
    assert "Held-out loss 1.10" in tab.value("$('readout').textContent")


def test_training_plays_from_its_first_checkpoint_to_its_last_and_stops(tab):
    choose(tab, "space")
    np.testing.assert_allclose(norms(tab), 1, atol=0.01)
    for step in range(len(STEPS)):
        W = tab.value(f"Array.from(modelOf(shown.experiment, 0, 1, {step}).W)")
        np.testing.assert_allclose(np.reshape(W, (6, 3)), spreading({}, 0, step), atol=0.01)
        b = tab.value(f"Array.from(modelOf(shown.experiment, 0, 1, {step}).b)")
        np.testing.assert_allclose(b, -0.1 * np.arange(6), atol=0.01)
    # In one expression: it plays on while the next one is on its way.
    pressed = "document.querySelector('.play').getAttribute('aria-pressed')"
    play = f"(document.querySelector('.play').click(), [shown.index.step, {pressed}])"
    assert tab.value(play) == [0, "true"]
    tab.wait(f"shown.index.step === {len(STEPS) - 1} && player === null")
    tab.wait("document.getElementById('norms').data[0].y[0] > .99")
    assert tab.value("document.querySelector('.play').getAttribute('aria-pressed')") == "false"
    assert tab.value("document.getElementById('course').layout.shapes[1].x0") == STEPS[-1]


def test_losses_along_training_stand_at_the_steps_at_which_they_were_recorded(tab):
    course = "['x', 'y'].map((axis) => [...document.getElementById('course').data[0][axis]])"
    steps, losses = tab.value(course)
    assert steps == [4, 16, 36, 64, 100]
    np.testing.assert_allclose(losses, 1 / np.arange(1, 6), rtol=1e-4)


@pytest.mark.parametrize("family", range(len(LONG)))
def test_long_vectors_lie_within_the_axes_and_have_their_features_numbers(tab, family):
    choose(tab, "long")
    tab.value(f"$('family').value = {family}; $('family').dispatchEvent(new Event('change'))")
    n, m = LONG[family]
    title = tab.value("document.getElementById('weights-title').textContent")
    if n > MOST:
        assert f"for each of the {MOST} longest of {n} features" in title
    else:
        assert title.endswith(": one for each feature")
    if m <= 3:
        layout = tab.value("document.getElementById('weights').layout")
        axis = (layout.get("scene") or layout)["xaxis"]
        assert axis["range"] == pytest.approx([-3.3, 3.3])
        first = tab.value("document.getElementById('weights').data[0].hovertemplate")
        assert first.startswith(f"feature {n - 1 if n > MOST else 0}<br>")


def test_the_loss_at_a_step_of_training_is_the_same_in_the_readout_the_picture_and_its_words(tab):
    losses = "document.getElementById('losses')"
    title = "$('losses-title').textContent"
    assert tab.value(title) == "Held-out loss of every replicate"
    choose(tab, "space")
    slider = "document.getElementById('slide-step')"
    tab.value(f"({slider}.value = 1, {slider}.dispatchEvent(new Event('input')))")
    tab.wait("$('readout').textContent.includes('training step 100: ')")
    assert "Held-out loss 0.500" in tab.value("$('readout').textContent")
    assert tab.value(f"{losses}.data[1].y[0]") == pytest.approx(0.5, rel=1e-4)
    said = "Held-out losses of all replicates at the end of training; the model shown has 0.500."
    assert tab.value(f"{losses}.getAttribute('aria-label')") == said
    assert tab.value(title).endswith("at the end of training, and of the model shown at its step")


def test_the_loss_of_training_is_called_by_what_it_was_measured_on(tab):
    for name, of in (("plane", "Minibatch loss"), ("sets", "Loss on the training set"),
                     ("deep", "Loss on the training set")):  # fmt: skip
        choose(tab, name)
        title = tab.value("document.getElementById('course-title').textContent")
        assert title == f"{of} along training", name


def test_more_than_three_dimensions_are_a_matrix_with_a_column_a_feature(tab):
    choose(tab, "matrix")
    assert tab.value("document.getElementById('weights').data[0].type") == "heatmap"
    z = tab.value("document.getElementById('weights').data[0].z.map((row) => Array.from(row))")
    np.testing.assert_allclose(np.array(z, float), np.eye(8, 5).T, atol=0.01)


def test_training_sets_are_stepped_through_with_their_samples_beside_the_features(tab):
    choose(tab, "sets")
    slider = "document.getElementById('slide-data.training_samples')"
    assert tab.value("[...$('family').options].map((o) => o.text)") == [
        "training set 0",
        "training set 1",
    ]
    tab.value(f"({slider}.value = 0, {slider}.dispatchEvent(new Event('input')))")
    for T in SIZES:
        tab.wait(
            f"shown.model.training.of === {T} && {slider}.getAttribute('aria-valuetext') === '{T}'"
        )
        tips = "JSON.stringify([...document.getElementById('products').data[1].x])"
        tab.wait(f"{tips}.split(',').length === {T}")
        drawn = tab.value(
            "['x', 'y'].map((axis) => [...document.getElementById('products').data[1][axis]])"
        )
        np.testing.assert_allclose(np.hypot(*drawn), 4, rtol=1e-3)
        tab.value(f"{slider}.focus()")
        tab.press("ArrowRight")
    told = "document.getElementById('weights-title').textContent"
    assert tab.value(told) == f"Features, the columns of W: the {MOST} longest of {2 * MOST}"
    assert tab.value("document.getElementById('weights').data[1].x.length") == MOST
    assert f"2 of {2 * MOST} features" in tab.value("$('readout').textContent")
    choose(tab, "plane")
    assert tab.value("document.getElementById('products').data[0].type") == "heatmap"
    assert tab.said == []


def test_what_it_measures_is_what_the_library_measures(tab):
    from superpos import metrics

    W = np.random.default_rng(0).normal(size=(6, 3))
    gram = f"products({json.dumps(W.ravel().tolist())}, {json.dumps(W.ravel().tolist())}, 6, 3)"
    given = {"W": W[None]}
    for ours, name in (("norms", "feature_norm"), ("shared", "superposition"),
                       ("dimensionality", "dimensionality")):  # fmt: skip
        theirs = metrics.compute([name], given)[name][0]
        np.testing.assert_allclose(tab.value(f"{ours}({gram})"), theirs, rtol=1e-6)


def test_superposition_has_the_colours_of_the_figures_in_bars_and_legend(tab):
    from matplotlib.colors import to_hex

    from superpos.plotting.marks import superposition_colours

    values = [0, 0.1, 0.2, 0.39, 0.5, 0.79, 0.8, 1, 7]
    colours = [to_hex(colour) for colour in superposition_colours(np.array(values))]
    assert tab.value(f"sharedColours({values})") == colours
    assert tab.value("document.getElementById('norms').data[0].marker.color[0]") in colours
    legend = tab.value("getComputedStyle(document.querySelector('.scale b')).backgroundImage")
    swatches = re.findall(r"rgb\((\d+), (\d+), (\d+)\)", legend)
    assert [f"#{int(r):02x}{int(g):02x}{int(b):02x}" for r, g, b in swatches[::7]] == colours[::8]


def test_colours_follow_the_readers_scheme(tab):
    def axis(scheme: str) -> str:
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        tab.call("Emulation.setEmulatedMedia", features=features)
        tab.wait(f"matchMedia('(prefers-color-scheme: {scheme})').matches")
        tab.wait("document.getElementById('norms').layout.font.color === styleOf('--quiet')")
        return tab.value("document.getElementById('norms').layout.font.color")

    assert axis("light") != axis("dark")


@contextmanager
def phone(tab: Browser):
    """A function that turns the phone which the page is shown on."""

    def turn(width: int, height: int) -> None:
        size = {"width": width, "height": height, "deviceScaleFactor": 2, "mobile": True}
        tab.call("Emulation.setDeviceMetricsOverride", **size)
        tab.wait(f"innerWidth === {width}")

    try:
        yield turn
    finally:
        tab.call("Emulation.clearDeviceMetricsOverride")


def test_a_phone_scrolls_in_one_direction(tab):
    with phone(tab) as turn:
        turn(390, 844)
        assert tab.value("document.documentElement.scrollWidth") <= 390


BOXES = """[...document.querySelectorAll(
    '#workbench :is(figcaption, .plot .main-svg:first-child, form > :not(figure)), #workbench > p'
)].map((one) => one.getBoundingClientRect()).filter((box) => box.width)
    .map((box) => [box.left, box.right, box.top, box.bottom])"""


def overlap(one: list[float], other: list[float]) -> bool:
    """Whether two boxes, given by left, right, top and bottom, share more than a pixel's edge."""
    return all(min(one[k + 1], other[k + 1]) - max(one[k], other[k]) > 1 for k in (0, 2))


@pytest.mark.parametrize("sizes", [[(844, 390), (390, 844)], [(390, 844), (844, 390)]])
def test_when_a_phone_is_turned_pictures_keep_their_height_and_take_the_width(tab, sizes):
    places = "[...document.querySelectorAll('.pictures figure:not([hidden]) .plot')]"
    sizes_of = "((e) => [e.clientWidth, e.clientHeight])"
    drawn = f"{places}.map((place) => {sizes_of}(place.querySelector('.svg-container')))"
    with phone(tab) as turn:
        turn(*sizes[0])
        before = [height for _, height in tab.value(drawn)]
        turn(*sizes[1])
        tab.wait(f"JSON.stringify({drawn}) === JSON.stringify({places}.map({sizes_of}))")
        assert [height for _, height in tab.value(drawn)] == before
        assert min(before) >= 200
        boxes = tab.value(BOXES)
        assert not [pair for pair in itertools.combinations(boxes, 2) if overlap(*pair)]


def test_the_pipelines_own_page_plays_too(browser, built):
    tab = opened(browser, built.folder / "results/report.html")
    assert tab.said == []
    assert tab.value("$('experiment').options.length") == 2
    before = tab.value(ARROWS)
    tab.value("document.getElementById('slide-density').focus()")
    tab.press("ArrowRight")
    tab.wait(f"{ARROWS} !== {json.dumps(before)}")
