"use strict";
// The pictures. Their colours come from the style of the page, which is light or dark.

const HUES = ["#d1495b", "#dd7a3a", "#bf9318", "#5d9a4b", "#1f9b93", "#3187c9", "#6f72d2", "#a45cb5"];
const STILL = { displayModeBar: false, responsive: true, scrollZoom: false };

function styleOf(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function layoutOf(more) {
  const axis = {
    gridcolor: styleOf("--line"), zerolinecolor: styleOf("--line"), linecolor: styleOf("--line"),
    tickcolor: styleOf("--line"), fixedrange: true, automargin: true, title: { standoff: 8 },
  };
  const { xaxis, yaxis, ...rest } = more;
  return {
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", showlegend: false, dragmode: false,
    font: { family: "system-ui, sans-serif", size: 12, color: styleOf("--quiet") },
    hoverlabel: { font: { family: "system-ui, sans-serif", size: 12 } },
    margin: { l: 44, r: 12, t: 8, b: 40 },
    xaxis: { ...axis, ...xaxis }, yaxis: { ...axis, ...yaxis }, ...rest,
  };
}

// An axis for these numbers; if they are far apart it is logarithmic, labelled at 1, 2, 5 or at powers of ten,
// without exponents in small letters.
function rule(values) {
  const seen = values.filter((x) => Number.isFinite(x));
  const [low, high] = [Math.min(...seen), Math.max(...seen)];
  if (!(low > 0 && high > 5 * low)) return { type: "linear", nticks: 5, exponentformat: "e" };
  const decades = Math.log10(high / low);
  const between = decades < 1.6 ? [1, 2, 5] : [1];
  const every = Math.ceil(decades / 6);
  const powers = Array.from({ length: 40 }, (_, k) => k - 30).filter((k) => k % every === 0);
  const tickvals = powers.flatMap((k) => between.map((x) => Number(`${x}e${k}`)));
  return { type: "log", tickvals, ticktext: tickvals.map(plainly), zeroline: false };
}

function plainly(value) {
  return value >= 0.001 ? value.toLocaleString("en") : value.toExponential().replace("-", "−");
}

// The element sets the height: when a phone is turned, Plotly fits the picture to the element again.
function draw(id, traces, { height, ...layout }, said) {
  const place = document.getElementById(id);
  place.setAttribute("aria-label", said);
  place.style.height = `${height}px`;
  return Plotly.react(place, traces, layoutOf(layout), STILL);
}

// A colour for each feature, from the wheel; interpolated if there are more features than colours.
function hue(i, n) {
  if (n <= HUES.length) return HUES[i];
  const at = (i * (HUES.length - 1)) / (n - 1);
  const [a, b] = [HUES[Math.floor(at)], HUES[Math.ceil(at)]].map(channels);
  return `rgb(${a.map((x, k) => Math.round(x + (at % 1) * (b[k] - x))).join(",")})`;
}

// One of five colours for each value, as in the figures: the first below 0.2, the last from 0.8 on.
function sharedColours(share) {
  const five = [1, 2, 3, 4, 5].map((k) => styleOf(`--shared-${k}`));
  return share.map((s) => five[Math.min(4, Math.floor(5 * s))]);
}

function channels(colour) {
  return [1, 3, 5].map((k) => parseInt(colour.slice(k, k + 2), 16));
}

// About six round numbers below n.
function ticks(n) {
  const step = [1, 2, 5, 10, 20, 50, 100, 200].find((s) => n / s <= 7) ?? n;
  return Array.from({ length: Math.ceil(n / step) }, (_, k) => k * step);
}

function signed() {
  return [[0, "#2166ac"], [0.25, "#6ba3cf"], [0.5, styleOf("--zero")], [0.75, "#e0806c"], [1, "#a3182b"]];
}

// How features are numbered in a picture of a large model, whose longest ones alone are stored.
function featureWord(model) {
  return model.of > model.n ? "feature by length" : "feature";
}

// Whether the columns of W are too many for a colour each.
function inOneColour(model) {
  return model.training !== null || (model.m === 2 && model.of > model.n);
}

function ofAll(kept, all) {
  return all > kept ? `: the ${kept} longest of ${all.toLocaleString("en")}` : "";
}

function titleOf(model) {
  if (inOneColour(model)) return [`Features, the columns of W${ofAll(model.n, model.of)}`];
  const both = model.out ? [...matrix("in"), " beside ", ...matrix("out")] : ["W"];
  const each = model.of > model.n ? `each of the ${model.n} longest of ${counted(model.of, "feature")}` : "each feature";
  if (model.out || model.m > 3) return [...both, `: one column for ${each}, one row for each hidden ${neuron(model)}`];
  const where = ["", "on the line", "in the plane", "in space (turn it by dragging, or with the arrow keys)"][model.m];
  return [`The columns of W ${where}: one for ${each}`];
}

function matrix(name) {
  return ["W", element("sub", { textContent: name })];
}

// Escape text for Plotly, which interprets some tags as HTML.
function plain(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

function neuron(model) {
  return model.model === "linear" || model.model.startsWith("relu_output") ? "dimension" : "neuron";
}

function counted(number, word) {
  return `${number.toLocaleString("en")} ${word}${number === 1 ? "" : "s"}`;
}

function hiddenUnits(model) {
  return counted(model.m, neuron(model) === "neuron" ? "neuron" : "hidden dimension");
}

function drawWeights(model, previous) {
  document.getElementById("weights-title").replaceChildren(...titleOf(model));
  const said = `Weights of a model with ${counted(model.of, "feature")} and ${hiddenUnits(model)}.`;
  const flat = model.m <= 2 && !model.out;
  const kind = flat ? (inOneColour(model) ? "vectors" : "arrows") : model.m === 3 && !model.out ? "space" : "matrix";
  // Plotly cannot turn a three-dimensional picture into a flat one.
  if (kind !== previous) Plotly.purge("weights");
  document.getElementById("weights").tabIndex = kind === "space" ? 0 : -1;
  ({ arrows: drawArrows, vectors: drawFeatures, space: drawSpace, matrix: drawMatrix })[kind](model, said);
  return kind;
}

function hover(number) {
  return `feature ${number}<br>%{text}<extra></extra>`;
}

// How far the axes reach: beyond the longest column of W, and to `least` if all are short.
function reachOf({ n, m, W }, least) {
  const lengths = Array.from({ length: n }, (_, i) => Math.hypot(...W.subarray(i * m, (i + 1) * m)));
  return Math.max(least, 1.1 * Math.max(...lengths));
}

function drawArrows(model, said) {
  const { n, m, W } = model;
  const reach = reachOf(model, 1.5);
  const traces = Array.from({ length: n }, (_, i) => {
    const lane = n - 1 - i;
    const tip = m === 2 ? [W[2 * i], W[2 * i + 1]] : [W[i], lane];
    const start = m === 2 ? [0, 0] : [0, lane];
    return {
      type: "scatter", mode: "lines+markers", x: [start[0], tip[0]], y: [start[1], tip[1]],
      line: { color: hue(i, n), width: 2.5 }, marker: { color: hue(i, n), size: [0, 11], opacity: 1, line: { width: 0 } },
      hovertemplate: hover(model.numbers[i]), text: ["", `norm ${Math.hypot(tip[0], m === 2 ? tip[1] : 0).toFixed(3)}`],
    };
  });
  const range = [-reach, reach];
  draw("weights", traces, {
    height: 380, shapes: m === 2 ? [unitCircle()] : [], margin: { l: 36, r: 8, t: 8, b: 32 },
    xaxis: { range, dtick: 1 },
    yaxis: m === 2 ? { range, dtick: 1, scaleanchor: "x", constrain: "domain" } : { range: [-0.6, n - 0.4], showticklabels: false, showgrid: false },
  }, said);
}

function drawFeatures({ W, numbers }, said) {
  drawVectors("weights", W, { colour: HUES[5], name: (i) => `feature ${numbers[i]}`, said });
}

// The hidden vectors of the training samples, beside the features, in the place of the products.
function drawSamples({ of, numbers, h }) {
  const title = `Training samples, h = Wx${ofAll(numbers.length, of)}`;
  document.getElementById("products-title").textContent = title;
  drawVectors("products", h, { colour: HUES[0], name: (i) => `sample ${numbers[i]}`, said: `Hidden vectors of ${of} training samples.` });
}

// Many vectors in the plane, in one colour and on a scale of their own.
function drawVectors(id, vectors, { colour, name, said }) {
  const ends = Array.from({ length: vectors.length / 2 }, (_, i) => [vectors[2 * i], vectors[2 * i + 1]]);
  const spokes = (k) => ends.flatMap((end) => [0, end[k], null]);
  const lengths = ends.map((end) => Math.hypot(...end));
  const reach = 1.1 * Math.max(...lengths, 0.01);
  const lines = { type: "scatter", mode: "lines", x: spokes(0), y: spokes(1), line: { color: colour, width: 1 }, opacity: 0.35, hoverinfo: "skip" };
  const tips = {
    type: "scatter", mode: "markers", x: ends.map(([x]) => x), y: ends.map(([, y]) => y), marker: { color: colour, size: 6, opacity: 0.7, line: { width: 0 } },
    text: ends.map((_, i) => `${name(i)}<br>norm ${lengths[i].toFixed(3)}`), hovertemplate: "%{text}<extra></extra>",
  };
  draw(id, [lines, tips], {
    height: 380, shapes: [unitCircle()], margin: { l: 36, r: 8, t: 8, b: 32 },
    xaxis: { range: [-reach, reach], nticks: 5 }, yaxis: { range: [-reach, reach], nticks: 5, scaleanchor: "x", constrain: "domain" },
  }, said);
}

function unitCircle() {
  return { type: "circle", x0: -1, x1: 1, y0: -1, y1: 1, line: { color: styleOf("--line"), dash: "dot" } };
}

function drawSpace(model, said) {
  const { n, W, numbers } = model;
  const reach = reachOf(model, 1.15);
  const traces = Array.from({ length: n }, (_, i) => ({
    type: "scatter3d", mode: "lines+markers", x: [0, W[3 * i]], y: [0, W[3 * i + 1]], z: [0, W[3 * i + 2]],
    line: { color: hue(i, n), width: 6 }, marker: { color: hue(i, n), size: [0, 7], opacity: 1, line: { width: 0 } },
    hovertemplate: hover(numbers[i]), text: ["", ""],
  }));
  const axis = {
    range: [-reach, reach], showticklabels: false, title: { text: "" }, gridcolor: styleOf("--line"),
    zerolinecolor: styleOf("--line"), showbackground: false, showspikes: false,
  };
  const eye = { x: 1.1, y: 1.1, z: 0.75 };
  const scene = { xaxis: axis, yaxis: axis, zaxis: axis, aspectmode: "cube", camera: { eye } };
  draw("weights", traces, { height: 380, dragmode: "orbit", margin: { l: 0, r: 0, t: 0, b: 0 }, scene, uirevision: "kept" }, said);
}

// Turn the picture in space with the arrow keys: around the axis, and up or down.
function turnSpace(event) {
  const [around, up] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key] ?? [0, 0];
  if (shown.kind !== "space" || (!around && !up)) return;
  event.preventDefault();
  const { x, y, z } = $("weights")._fullLayout.scene.camera.eye;
  const [angle, height, reach] = [Math.atan2(y, x) + around / 6, Math.atan2(z, Math.hypot(x, y)) + up / 6, Math.hypot(x, y, z)];
  const level = Math.max(-1.4, Math.min(1.4, height));
  const eye = { x: reach * Math.cos(level) * Math.cos(angle), y: reach * Math.cos(level) * Math.sin(angle), z: reach * Math.sin(level) };
  Plotly.relayout("weights", { "scene.camera.eye": eye });
}

function drawMatrix(model, said) {
  const { n, m, W, out } = model;
  const word = featureWord(model);
  const column = (V, k) => Array.from({ length: n }, (_, i) => V[i * m + k]);
  const rows = Array.from({ length: m }, (_, k) => (out ? [...column(W, k), null, ...column(out, k)] : column(W, k)));
  draw("weights", [heat(rows, `${word} %{x}, hidden %{y}<br>%{z:.3f}<extra></extra>`)], {
    height: 380, xaxis: { title: { text: out ? `${word}, inputs then outputs` : word }, showgrid: false, zeroline: false },
    yaxis: { title: { text: `hidden ${neuron(model)}` }, autorange: "reversed", showgrid: false, zeroline: false },
  }, said);
}

function heat(z, hovertemplate) {
  return { type: "heatmap", z, zmin: -1, zmax: 1, colorscale: signed(), showscale: false, hovertemplate };
}

function drawProducts({ n, of, out, b }, gram) {
  const passed = ["What passes from each feature to each output, ", ...matrix("out"), "ᵀ", ...matrix("in")];
  const title = out ? passed : ["Inner products, WᵀW"];
  document.getElementById("products-title").replaceChildren(...title, ", and the bias beside them", ofAll(n, of));
  const strip = Math.max(0.3, n / 16);
  const edges = [...Array.from({ length: n + 1 }, (_, i) => i - 0.5), n - 0.5 + strip, n - 0.5 + 2 * strip];
  const z = gram.map((row, i) => [...row, null, b[i]]);
  const picture = { ...heat(z, "features %{y}, %{x:.0f}<br>%{z:.3f}<extra></extra>"), x: edges };
  draw("products", [picture], {
    height: 380, margin: { l: 36, r: 8, t: 8, b: 32 },
    xaxis: { showgrid: false, zeroline: false, constrain: "domain", range: [-0.5, n - 0.5 + 2 * strip], tickvals: ticks(n) },
    yaxis: { range: [n - 0.5, -0.5], scaleanchor: "x", constrain: "domain", showgrid: false, zeroline: false, tickvals: ticks(n) },
  }, `Inner products of all pairs of ${n} features, with their biases.`);
}

function drawNorms(length, share, model) {
  const word = featureWord(model);
  const bars = {
    type: "bar", x: length.map((_, i) => i), y: length, marker: { color: sharedColours(share), line: { width: 0 } }, customdata: share,
    hovertemplate: `${word} %{x}<br>norm %{y:.3f}<br>shared %{customdata:.3f}<extra></extra>`,
  };
  const kept = length.filter((x) => x > 0.5).length;
  draw("norms", [bars], {
    height: 260, bargap: length.length > 40 ? 0.05 : 0.25, plot_bgcolor: styleOf("--plate"),
    xaxis: { title: { text: word }, showgrid: false, range: [-0.6, length.length - 0.4], tickvals: ticks(length.length), zeroline: false },
    yaxis: { range: [0, Math.max(1.25, 1.05 * Math.max(...length))], nticks: 4 },
  }, `Norms of ${length.length} features; ${kept} are longer than one half.`);
}

// Replicates along the slider that was moved last, or by rank if there is no slider.
function drawLosses({ x, y, chosen, here, axis, logarithmic, when }) {
  const dots = {
    type: "scatter", mode: "markers", x, y, hovertemplate: "%{y:.4g}<extra></extra>",
    marker: { color: styleOf("--quiet"), size: 5, opacity: 0.45 },
  };
  const ring = {
    type: "scatter", mode: "markers", x: [chosen[0]], y: [chosen[1]], hoverinfo: "skip",
    marker: { color: styleOf("--accent"), size: 11 },
  };
  const line = { type: "line", x0: here, x1: here, y0: 0, y1: 1, yref: "paper", line: { color: styleOf("--accent"), width: 1, dash: "dot" } };
  draw("losses", [dots, ring], {
    height: 260, shapes: here === null ? [] : [line], margin: { l: 56, r: 12, t: 8, b: 40 },
    xaxis: { title: { text: plain(axis) }, showgrid: false, zeroline: false, ...(logarithmic ? rule(x) : { nticks: 8 }) },
    yaxis: rule([...y, chosen[1]]),
  }, `Held-out losses of all replicates${when}; the model shown has ${chosen[1].toPrecision(3)}.`);
}

// An input and what the model makes of it; a click anywhere above a feature switches it.
function drawAnswer(x, output, model, said) {
  const word = featureWord(model);
  const [low, high] = [Math.min(0, ...x, ...output), Math.max(1, ...x, ...output)];
  const at = x.map((_, i) => i);
  const column = { type: "bar", x: at, y: at.map(() => 1.05 * high), base: 0, width: 1, opacity: 0, hoverinfo: "none" };
  const bars = (name, y, colour, offset) => ({
    type: "bar", x: at, y, width: 0.36, offset, marker: { color: colour, line: { width: 0 } },
    hovertemplate: `${word} %{x}<br>${name} %{y:.3f}<extra></extra>`,
  });
  draw("answer", [column, bars("in", x, styleOf("--quiet"), -0.38), bars("out", output, styleOf("--accent"), 0.02)], {
    height: 240, barmode: "overlay", margin: { l: 44, r: 12, t: 8, b: 40 },
    xaxis: { title: { text: word }, showgrid: false, zeroline: false, range: [-0.6, x.length - 0.4], tickvals: ticks(x.length) },
    yaxis: { range: [1.05 * low, 1.05 * high], nticks: 4 },
  }, said).then((place) => {
    place.removeAllListeners("plotly_click");
    place.on("plotly_click", ({ points }) => switchFeature(points[0].pointNumber));
  });
}

function drawCourse(steps, loss, of) {
  document.getElementById("course-title").textContent = `${of} along training`;
  const line = { type: "scatter", mode: "lines", x: steps, y: loss, line: { color: styleOf("--accent"), width: 1.5 }, hovertemplate: "step %{x}: %{y:.4g}<extra></extra>" };
  draw("course", [line], {
    height: 200, margin: { l: 56, r: 12, t: 8, b: 40 }, xaxis: { title: { text: "training step" }, zeroline: false },
    yaxis: rule(loss),
  }, `${of} of this run along training.`);
}

// The dimensionality of every feature and the held-out loss against the training step.
function drawWay(steps, lines, loss, now) {
  document.getElementById("course-title").textContent = "Along training: each feature’s dimensionality, and the held-out loss below";
  const n = lines[0].length;
  const features = Array.from({ length: n }, (_, i) => ({
    type: "scatter", mode: "lines", x: steps, y: lines.map((line) => line[i]),
    line: { color: hue(i, n), width: n > 20 ? 0.8 : 2 }, opacity: n > 20 ? 0.6 : 1, hoverinfo: "skip",
  }));
  const course = { type: "scatter", mode: "lines", x: steps, y: loss, yaxis: "y2", line: { color: styleOf("--ink"), width: 1.5 }, hovertemplate: "step %{x}: %{y:.4g}<extra></extra>" };
  const half = { type: "line", x0: 0, x1: 1, xref: "paper", y0: 0.5, y1: 0.5, line: { color: styleOf("--line"), dash: "dot" } };
  const frame = { gridcolor: styleOf("--line"), zeroline: false, fixedrange: true, automargin: true };
  draw("course", [...features, course], {
    height: 340, shapes: [half, marker(now)], margin: { l: 56, r: 12, t: 8, b: 40 },
    xaxis: { ...rule(steps), title: { text: "training step" }, showgrid: false, anchor: "y2" },
    yaxis: { domain: [0.42, 1], range: [0, 1.05], nticks: 4 },
    yaxis2: { ...frame, ...rule(loss), domain: [0, 0.34] },
  }, "Dimensionalities and held-out loss along training.");
}

function marker(step) {
  return { type: "line", x0: step, x1: step, y0: 0, y1: 1, yref: "paper", line: { color: styleOf("--accent"), width: 1.5 } };
}

function moveMarker(step) {
  Plotly.relayout("course", { "shapes[1].x0": step, "shapes[1].x1": step });
}
