"use strict";
// The controls: they choose what is shown.

const MOVES_SMOOTHLY = 100; // weights; larger models change at once
const still = matchMedia("(prefers-reduced-motion: reduce)");
const $ = (id) => document.getElementById(id);
const element = (tag, settings) => Object.assign(document.createElement(tag), settings);

// The state of the page: the experiment, the family, the index of each slider, the model on the screen.
// `x` is the input that the reader gives to the model.
const shown = { experiment: null, family: 0, index: {}, model: null, kind: null, way: null, x: null };
let player = null;

function slidersOf(experiment, family) {
  const mine = conditionsOf(experiment, family);
  const swept = experiment.sliders.map((key, s) => ({
    key, label: experiment.words[s], values: sorted(key, mine.map((c) => experiment.at(c)[s])), plays: true,
  }));
  const steps = { key: "step", label: "Training step", values: experiment.way_steps, plays: true };
  const ranks = Array.from({ length: experiment.kept }, (_, k) => k + 1);
  const replicates = { key: "rank", label: "Replicate, best first", values: ranks, plays: false };
  return [...swept, steps, replicates].filter((slider) => slider.values.length > 1);
}

function conditionsOf(experiment, family) {
  return [...experiment.arrays.family.keys()].filter((c) => experiment.arrays.family[c] === family);
}

// The order of the packed conditions: small training sets first, everything else from large to small.
function sorted(key, values) {
  const sign = key === "data.training_samples" ? 1 : -1;
  return [...new Set(values)].sort((a, b) => sign * (a - b));
}

function valueOf(key, otherwise) {
  const slider = shown.sliders.find((s) => s.key === key);
  return slider ? slider.values[shown.index[key]] : otherwise;
}

// The condition that the sliders choose, or the nearest one if the grid has none there.
function conditionNow() {
  const { experiment } = shown;
  const wanted = experiment.sliders.map((key, s) => valueOf(key, experiment.at(conditionsOf(experiment, shown.family)[0])[s]));
  const away = (c) => experiment.at(c).reduce((sum, v, s) => sum + apart(v, wanted[s]), 0);
  return conditionsOf(experiment, shown.family).reduce((best, c) => (away(c) < away(best) ? c : best));
}

// How far apart two values are by ratio; without one, as between 0 and 1, further than any that have one.
function apart(a, b) {
  const ratio = Math.abs(Math.log(a / b));
  if (a === b) return 0;
  return Number.isFinite(ratio) ? ratio : 1e6;
}

// The values of the condition on the screen by key: those with a slider, and what all models share.
function settingNow() {
  const { experiment } = shown;
  const values = experiment.at(conditionNow());
  return { ...experiment.fixed, ...Object.fromEntries(experiment.sliders.map((key, s) => [key, values[s]])) };
}

function stepNow() {
  return shown.index.step ?? Math.max(0, shown.experiment.way_steps.length - 1);
}

function modelNow() {
  return modelOf(shown.experiment, conditionNow(), shown.index.rank ?? 0, stepNow());
}

function stored(name) {
  return experimentOf(document.querySelector(`.stored[data-name="${CSS.escape(name)}"]`));
}

// The first experiment that has a slider, or else the first one.
async function firstName() {
  const names = [...$("experiment").options].map((option) => option.value);
  for (const name of names) if ((await stored(name)).sliders.length) return name;
  return names[0];
}

// Show an experiment. `state` has names and values of a link, and what does not exist is added to `lacking`.
async function choose(name, state = [], lacking = []) {
  stop();
  $("experiment").value = name;
  const experiment = await stored(name);
  if ($("experiment").value !== name) return; // the user has chosen another one meanwhile
  shown.experiment = { name, ...experiment };
  const list = $("family");
  const names = shown.experiment.families.map(familyName);
  list.replaceChildren(...names.map((each, k) => new Option(each, k)));
  $("family-row").hidden = names.length < 2;
  const wanted = state.find(([key]) => key === "models");
  const family = Math.max(0, wanted ? names.indexOf(wanted[1]) : 0);
  if (wanted && names[family] !== wanted[1]) lacking.push(`models ${wanted[1]}`);
  list.value = family;
  chooseFamily(family, state.filter((each) => each !== wanted), lacking);
}

function familyName(family) {
  return family.label || `${family.n} features in ${family.m}`;
}

function chooseFamily(family, state = [], lacking = []) {
  stop();
  Object.assign(shown, { family, index: {}, model: null });
  shown.sliders = slidersOf(shown.experiment, family);
  for (const { key, values } of shown.sliders) {
    shown.index[key] = key === "rank" ? 0 : key === "step" ? values.length - 1 : middle(values);
  }
  for (const [name, value] of state) {
    if (name === "rank" && value === "1") continue; // it is shown, with a slider or without
    const slider = shown.sliders.find(({ key }) => key === name);
    const place = slider ? slider.values.map(String).indexOf(value) : -1;
    if (place < 0) lacking.push(`${name} ${value}`);
    else shown.index[slider.key] = place;
  }
  shown.along = shown.sliders[0]?.key ?? null;
  $("sliders").replaceChildren(...shown.sliders.map(sliderRow));
  beginWay();
  show(modelNow());
}

function middle(values) {
  return Math.floor(values.length / 2);
}

function sliderRow(slider) {
  const row = element("p", { className: "slider" });
  const id = `slide-${slider.key}`;
  const label = element("label", { htmlFor: id, textContent: slider.label });
  const button = element("button", { type: "button", hidden: true });
  const input = element("input", { type: "range", id, min: 0, step: 1, max: slider.values.length - 1 });
  row.append(label, button, input, element("output"));
  input.addEventListener("input", () => (stop(), slide(slider, Number(input.value))));
  if (slider.plays) readyToPlay(button, slider);
  tell(row, slider);
  return row;
}

function tell(row, slider) {
  const value = slider.values[shown.index[slider.key]];
  const [, , input, output] = row.children;
  const text = slider.key === "rank" ? `${value} of ${slider.values.length} stored` : number(value);
  input.value = shown.index[slider.key];
  input.setAttribute("aria-valuetext", text);
  output.textContent = text;
}

// A count as it is, any other number to three digits.
function number(value) {
  if (Number.isInteger(value)) return value.toLocaleString("en");
  return Number(value.toPrecision(3)).toLocaleString("en", { maximumSignificantDigits: 3 });
}

function slide(slider, index) {
  shown.index[slider.key] = index;
  if (shown.experiment.sliders.includes(slider.key)) shown.along = slider.key;
  tell($(`slide-${slider.key}`).parentElement, slider);
  if (slider.key === "rank") beginWay();
  moveTo(modelNow());
}

function readyToPlay(button, slider) {
  button.hidden = false;
  button.className = "play";
  button.textContent = "▶";
  button.setAttribute("aria-label", `Play through: ${slider.label}`);
  button.addEventListener("click", () => (player?.button === button ? stop() : play(button, slider)));
}

function play(button, slider) {
  stop();
  const last = slider.values.length - 1;
  if (shown.index[slider.key] === last) shown.index[slider.key] = -1;
  const pause = Math.max(70, Math.min(700, 9000 / slider.values.length));
  const next = () => (shown.index[slider.key] >= last ? stop() : slide(slider, shown.index[slider.key] + 1));
  player = { button, timer: setInterval(next, pause) };
  button.textContent = "❚❚";
  button.setAttribute("aria-pressed", "true");
  next();
}

function stop() {
  if (!player) return;
  clearInterval(player.timer);
  player.button.textContent = "▶";
  player.button.setAttribute("aria-pressed", "false");
  player = null;
}

// Move from the model on the screen to another one; small models take a quarter of a second.
let moving = 0;
function moveTo(model) {
  cancelAnimationFrame(moving);
  const from = shown.model;
  const smooth = from && from.n === model.n && from.m === model.m && model.n * model.m <= MOVES_SMOOTHLY;
  if (!smooth || still.matches) {
    moving = requestAnimationFrame(() => show(model));
    return;
  }
  const start = performance.now();
  const frame = (now) => {
    const part = Math.min(1, Math.max(0, (now - start) / 220));
    show(part < 1 ? between(from, model, part * (2 - part)) : model, part < 1);
    if (part < 1) moving = requestAnimationFrame(frame);
  };
  moving = requestAnimationFrame(frame);
}

// `passing` is true on the way to another model; then only the pictures of the weights change.
function show(model, passing = false) {
  shown.model = model;
  const own = products(model.W, model.W, model.n, model.m);
  const gram = model.out ? products(model.out, model.W, model.n, model.m) : own;
  shown.kind = drawWeights(model, shown.kind);
  if (model.training) drawSamples(model.training);
  else drawProducts(model, gram);
  drawNorms(norms(own), shared(own), model);
  if (passing) return;
  showLosses();
  showCourse();
  showTrial();
  $("link").href = `#${new URLSearchParams(stateNow())}`;
  $("readout").replaceChildren(...sentence(model, norms(own)));
}

// What all models here share or the sliders choose: "Density 0.1, training step 100: ".
function stateInWords() {
  const { experiment } = shown;
  const words = { density: "Density", step: "Training step" };
  experiment.sliders.forEach((key, s) => (words[key] ??= experiment.words[s].split(",")[0]));
  const state = experiment.way_steps.length ? { ...settingNow(), step: experiment.way_steps[stepNow()] } : settingNow();
  const said = Object.entries(state).map(([key, value]) => `${words[key]} ${number(value)}`);
  const text = said.map((each, k) => (k ? each[0].toLowerCase() + each.slice(1) : each)).join(", ");
  return text && `${text}: `;
}

function sentence(model, lengths) {
  const { experiment } = shown;
  const kept = lengths.filter((x) => x > 0.5).length;
  const condition = conditionNow();
  const rank = shown.index.rank ?? 0;
  const all = experiment.arrays.loss.shape[1];
  const value = lossNow(condition, rank);
  const loss = Number.isNaN(value) ? "NaN: this run diverged" : value.toPrecision(3);
  const who = all === 1 ? "the only replicate" : `rank ${rank + 1} of ${all} replicates`;
  const least = kept === model.n && model.of > model.n ? "at least " : "";
  const strong = (textContent) => element("strong", { textContent });
  const of = `${least}${kept} of ${counted(model.of, "feature")}`;
  return [stateInWords(), strong(of), ` ${kept === 1 ? "is" : "are"} longer than ½, in ${hiddenUnits(model)}. Held-out loss `, strong(loss), `, ${who}.`];
}

function lossNow(condition, rank) {
  const { arrays, way_steps: steps, kept } = shown.experiment;
  if (steps.length) return arrays.way_loss[(condition * kept + rank) * steps.length + stepNow()];
  return arrays.loss[condition * arrays.loss.shape[1] + rank];
}

function showLosses() {
  const { experiment, along } = shown;
  const now = conditionNow();
  const all = experiment.arrays.loss.shape[1];
  const s = experiment.sliders.indexOf(along);
  const beside = conditionsOf(experiment, shown.family).filter((c) => c === now || (s >= 0 && onOneLine(experiment, c, now, s)));
  const x = [], y = [];
  for (const c of beside) {
    for (let r = 0; r < all; r++) {
      x.push(s >= 0 ? experiment.at(c)[s] : r + 1);
      y.push(experiment.arrays.loss[c * all + r]);
    }
  }
  const rank = shown.index.rank ?? 0;
  const here = s >= 0 ? experiment.at(now)[s] : rank + 1;
  const axis = s >= 0 ? experiment.words[s] : "replicate, by rank";
  const when = experiment.way_steps.length ? " at the end of training" : "";
  $("losses-title").textContent = `Held-out loss of every replicate${when}${when && ", and of the model shown at its step"}`;
  drawLosses({ x, y, chosen: [here, lossNow(now, rank)], here: s >= 0 ? here : null, axis, logarithmic: s >= 0, when });
}

function onOneLine(experiment, c, now, s) {
  const [a, b] = [experiment.at(c), experiment.at(now)];
  return a.every((value, k) => k === s || value === b[k]);
}

// Forget which run the picture along training shows, so that it is drawn again.
function beginWay() {
  shown.way = null;
}

function showCourse() {
  const { experiment } = shown;
  const { arrays, way_steps: steps, kept } = experiment;
  const [condition, rank] = [conditionNow(), shown.index.rank ?? 0];
  const points = arrays.course.shape[2];
  $("course").parentElement.hidden = !steps.length && !points;
  if (steps.length) return showWay(condition, rank);
  if (!points) return undefined;
  const from = (condition * kept + rank) * points;
  const loss = [...arrays.course.subarray(from, from + points)];
  const of = arrays.whole_set[condition] ? "Loss on the training set" : "Minibatch loss";
  const at = [...arrays.course_steps.subarray(condition * points, (condition + 1) * points)];
  return drawCourse(at, loss, of);
}

function showWay(condition, rank) {
  const { experiment } = shown;
  const { arrays, way_steps: steps, kept } = experiment;
  const name = `${experiment.name}/${condition}/${rank}`;
  if (shown.way === name) return moveMarker(steps[stepNow()]);
  const lines = steps.map((_, k) => {
    const { W, n, m } = modelOf(experiment, condition, rank, k);
    return dimensionality(products(W, W, n, m));
  });
  const from = (condition * kept + rank) * steps.length;
  drawWay(steps, lines, [...arrays.way_loss.subarray(from, from + steps.length)], steps[stepNow()]);
  shown.way = name;
  return undefined;
}

// The plotting library is stored in the page as text and becomes a script when it is needed.
async function begin() {
  const source = await unzipped(bytesOf($("plotting").textContent));
  document.head.append(element("script", { textContent: new TextDecoder().decode(source) }));
  $("workbench").hidden = false;
  $("waiting").remove();
  $("experiment").addEventListener("change", (event) => choose(event.target.value));
  $("family").addEventListener("change", (event) => chooseFamily(Number(event.target.value)));
  $("download").addEventListener("click", download);
  $("weights").addEventListener("keydown", turnSpace);
  addEventListener("hashchange", () => asked() && follow(asked()));
  beginTrial();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => (beginWay(), show(modelNow())));
  await (asked() ? follow(asked()) : choose(await firstName()));
  document.documentElement.dataset.explorer = "ready";
}

if (typeof DecompressionStream === "undefined") {
  $("waiting").textContent = "The explorer needs a browser of 2023 or later.";
} else {
  $("waiting").textContent = "The models are unpacked when you scroll here …";
  if (asked()) $("explorer").scrollIntoView();
  const watcher = new IntersectionObserver((seen) => {
    if (!seen.some((entry) => entry.isIntersecting)) return;
    watcher.disconnect();
    begin();
  }, { rootMargin: "800px" });
  watcher.observe($("explorer"));
}
