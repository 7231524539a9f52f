"use strict";
// Links to a state of the explorer, as #explore=F1&density=0.1&rank=2, and the model as a file.

function stateNow() {
  const { experiment, sliders, index, family } = shown;
  const state = [["explore", experiment.name]];
  if (experiment.families.length > 1) state.push(["models", familyName(experiment.families[family])]);
  return [...state, ...sliders.map(({ key, values }) => [key, String(values[index[key]])])];
}

// What the address asks for, or null if it is no link to a state.
function asked() {
  const state = new URLSearchParams(location.hash.slice(1));
  return state.get("explore") ? state : null;
}

// Show what the address asks for. What does not exist is ignored, and a line says so.
async function follow(state) {
  const name = state.get("explore");
  const known = [...$("experiment").options].some((option) => option.value === name);
  const lacking = known ? [] : [`experiment ${name}`];
  const rest = known ? [...state].filter(([key]) => key !== "explore") : [];
  await choose(known ? name : await firstName(), rest, lacking);
  $("link-said").hidden = !lacking.length;
  $("link-said").textContent = lacking.length ? `The link asks for ${lacking.join(", ")}, which is not here. It is ignored.` : "";
}

// The model on the screen as text: superpos.ToyModel(model, W, b) reads these lists.
function modelFile() {
  const { experiment, model, index } = shown;
  const [condition, rank] = [conditionNow(), shown.index.rank ?? 0];
  const rows = (V) => Array.from({ length: model.n }, (_, i) => [...V.subarray(i * model.m, (i + 1) * model.m)]);
  const steps = experiment.way_steps;
  return JSON.stringify({
    experiment: experiment.name,
    condition: settingNow(),
    models: experiment.families[shown.family].label,
    model: model.model,
    n_features: model.of,
    n_hidden: model.m,
    replicate: experiment.arrays.replicate[condition * experiment.kept + rank],
    rank: rank + 1,
    step: steps.length ? steps[stepNow()] : experiment.arrays.steps[condition],
    held_out_loss: lossNow(condition, rank),
    axes: { W: ["feature", "hidden"], b: ["feature"] },
    features: model.numbers,
    W: rows(model.W),
    ...(model.out ? { W_out: rows(model.out) } : {}),
    b: [...model.b],
    note: "Weights are rounded to 0.002. Of a model with many features these are the longest.",
  }, null, 1);
}

function download() {
  const name = stateNow().map(([, value]) => value).join("_").replaceAll(/[^\w.-]+/g, "-");
  const href = URL.createObjectURL(new Blob([modelFile()], { type: "application/json" }));
  element("a", { href, download: `${name}.json` }).click();
  setTimeout(() => URL.revokeObjectURL(href), 10000);
}
