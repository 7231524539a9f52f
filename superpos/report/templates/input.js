"use strict";
// What the model on the screen makes of an input that the reader chooses.

// act_out(W_out act_hidden(W x) + b), one number a feature; W and W_out [feature, hidden] are flat arrays.
function outputOf({ n, m, W, out, b, variant }, x) {
  const relu = (on, value) => (on ? Math.max(value, 0) : value);
  const hidden = Array.from({ length: m }, (_, k) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += W[i * m + k] * x[i];
    return relu(variant.relu_hidden, sum);
  });
  return Array.from({ length: n }, (_, i) => {
    const sum = hidden.reduce((part, h, k) => part + (out ?? W)[i * m + k] * h, b[i]);
    return relu(variant.relu_output, sum);
  });
}

// The sum over features of the squared distance from x, or from |x| if that is what the model is to compute.
function errorOf({ variant }, x, output) {
  return output.reduce((sum, y, i) => sum + (y - (variant.absolute_target ? Math.abs(x[i]) : x[i])) ** 2, 0);
}

function beginTrial() {
  $("feature").addEventListener("change", showTrial);
  $("value").addEventListener("input", () => (shown.x[chosenFeature()] = Number($("value").value), showTrial()));
  $("alone").addEventListener("click", () => setInput((i) => (i === chosenFeature() ? shown.x[i] || 1 : 0)));
  $("none").addEventListener("click", () => setInput(() => 0));
  $("random").addEventListener("click", setRandomInput);
}

function chosenFeature() {
  return Number($("feature").value);
}

function setInput(valueOfFeature) {
  shown.x = shown.x.map((_, i) => valueOfFeature(i));
  showTrial();
}

// In sparse models most inputs are empty and show nothing; one feature of such an input is switched on.
function setRandomInput() {
  const density = settingNow().density ?? 0.2;
  const drawn = shown.x.map(() => (Math.random() < density ? valueOfOne() : 0));
  if (!drawn.some(Boolean)) drawn[Math.floor(Math.random() * drawn.length)] = valueOfOne();
  const length = shown.model.unitNorm ? Math.hypot(...drawn) : 1;
  setInput((i) => drawn[i] / length);
}

// The value of a feature that is on, from U(0, 1] or, for signed data, U(-1, 1]; never 0 by itself.
function valueOfOne() {
  const size = 1 - Math.random();
  return shown.model.signed && Math.random() < 0.5 ? -size : size;
}

// Switch a feature on or off, as a click on the picture does.
function switchFeature(i) {
  $("feature").value = i;
  shown.x[i] = shown.x[i] ? 0 : 1;
  showTrial();
}

function prepareTrial({ n, numbers, signed }) {
  if (shown.x?.length !== n) shown.x = Array.from({ length: n }, (_, i) => (i === 0 ? 1 : 0));
  const named = numbers.join();
  if ($("feature").dataset.named !== named) {
    $("feature").replaceChildren(...numbers.map((number, i) => new Option(`feature ${number}`, i)));
    $("feature").dataset.named = named;
  }
  Object.assign($("value"), { min: signed ? -1 : 0, max: 1 });
}

function showTrial() {
  const { model } = shown;
  prepareTrial(model);
  const output = outputOf(model, shown.x);
  const value = shown.x[chosenFeature()];
  $("value").value = value;
  $("value").setAttribute("aria-valuetext", number(value));
  $("value-said").textContent = number(value);
  const said = trialInWords(model, shown.x, output);
  drawAnswer(shown.x, output, model, said);
  if ($("answer-said").textContent !== said) $("answer-said").textContent = said;
}

function trialInWords(model, x, output) {
  const cut = model.of > model.n ? ` These are the ${model.n} stored features of ${model.of.toLocaleString("en")} alone.` : "";
  const error = `The squared error, summed over features, is ${number(errorOf(model, x, output))}.`;
  return `In: ${inWords(model, x)}. Out: ${inWords(model, output)}. ${error}${cut}`;
}

// The largest numbers of a vector, with their features.
function inWords({ numbers }, vector) {
  const order = [...vector.keys()].filter((i) => Math.abs(vector[i]) >= 0.005).sort((i, j) => Math.abs(vector[j]) - Math.abs(vector[i]));
  const named = order.slice(0, 5).map((i) => `feature ${numbers[i]} is ${vector[i].toFixed(2)}`);
  const more = order.length > 5 ? `, and ${order.length - 5} more are not 0` : "";
  return named.length ? `${named.join(", ")}${more}` : "all features are 0";
}
