"use strict";
// Decode the models in the page: base64, gzip, safetensors. Nothing is fetched.

function bytesOf(base64) {
  const text = atob(base64.trim());
  const bytes = new Uint8Array(text.length);
  for (let k = 0; k < text.length; k++) bytes[k] = text.charCodeAt(k);
  return bytes;
}

function unzipped(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}

const KINDS = { I16: Int16Array, I32: Int32Array, F32: Float32Array, F64: Float64Array };

// A safetensors file holds eight bytes with the length of the header, the header in JSON, and the arrays.
function safetensors(buffer) {
  const length = Number(new DataView(buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length)));
  const { __metadata__: metadata, ...parts } = header;
  const arrays = {};
  for (const [name, { dtype, shape, data_offsets: [from, to] }] of Object.entries(parts)) {
    const part = buffer.slice(8 + length + from, 8 + length + to);
    arrays[name] = Object.assign(new KINDS[dtype](part), { shape });
  }
  return { notes: JSON.parse(metadata.superpos).about, arrays };
}

// An experiment as `superpos/report/explorer.py` packs it, and where the weights of each condition start.
async function experimentOf(element) {
  const { notes, arrays } = safetensors(await unzipped(bytesOf(element.textContent)));
  const families = [...arrays.family].map((k) => notes.families[k]);
  const starts = { weights: [0], biases: [0], samples: [0] };
  families.forEach(({ n, m }, c) => {
    starts.weights.push(starts.weights[c] + notes.kept * n * m);
    starts.biases.push(starts.biases[c] + notes.kept * n);
    starts.samples.push(starts.samples[c] + (arrays.samples ? notes.kept * arrays.samples[2 * c + 1] : 0));
  });
  const sliders = notes.sliders.length;
  const points = families.map((_, c) => [...arrays.at.subarray(c * sliders, (c + 1) * sliders)]);
  return { ...notes, arrays, starts, at: (c) => points[c] };
}

// One model, at the end of training or at a checkpoint: its family, W, W_out and b, one row per feature, the
// numbers of these features and how many there are in all, its training set if that can be drawn, and
// whether its data are signed and of length 1.
function modelOf(experiment, condition, replicate, step) {
  const { arrays, starts, scale, way_steps: { length: steps } } = experiment;
  const family = experiment.families[arrays.family[condition]];
  const part = (name, start, size) => {
    const array = arrays[steps ? `way_${name}` : name];
    const place = steps ? start * steps + (replicate * steps + step) * size : start + replicate * size;
    return array ? Float64Array.from(array.subarray(place, place + size), (x) => x / scale) : null;
  };
  return {
    ...family,
    W: part("W", starts.weights[condition], family.n * family.m),
    out: family.variant.tied ? null : part("W_out", starts.weights[condition], family.n * family.m),
    b: part("b", starts.biases[condition], family.n),
    numbers: numbersOf(arrays.feature, starts.biases[condition], replicate, family.n),
    of: arrays.features ? arrays.features[condition] : family.n,
    training: trainingOf(experiment, condition, replicate),
    signed: arrays.signed[condition] === 1,
    unitNorm: arrays.unit_norm[condition] === 1,
  };
}

function numbersOf(array, start, replicate, size) {
  const place = start + replicate * size;
  return array ? [...array.subarray(place, place + size)] : Array.from({ length: size }, (_, i) => i);
}

// The stored hidden vectors of a run's training set, their numbers, and the size of the set.
function trainingOf({ arrays, starts }, condition, replicate) {
  const [of, size] = arrays.samples ? arrays.samples.subarray(2 * condition) : [0, 0];
  if (!size) return null;
  const place = starts.samples[condition] + replicate * size;
  const numbers = numbersOf(arrays.sample, starts.samples[condition], replicate, size);
  return { of, numbers, h: arrays.h.subarray(2 * place, 2 * (place + size)) };
}
